// What an item costs as DynamoDB's typed JSON: decoding replies, encoding requests and lines of an export.
//
//   typed_json_bench CASE TIMES   runs CASE TIMES times; prints only a sum that depends on every result
//
// Two runs that differ in TIMES give the instructions of one, without the program's start and end:
//   valgrind --tool=callgrind --callgrind-out-file=/dev/null typed_json_bench item 1000
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "dynamodb/requests.hpp"
#include "store/upkeep/item_json.hpp"

namespace loopstate::bench {
namespace {

using table::Item;
using table::Value;

/// A purchase as the table has it, about 1 KB in this encoding.
Item purchase(std::size_t at) {
  return {
      {fmt::format("USER#user-{:06}", at % 97), fmt::format("TXN#{:010}#{:08}", 1'700'000'000 + at, at)},
      {{"amount_cents", Value::number(std::uint64_t{425 + at})},
       {"captured_at", Value::number(std::int64_t{1'700'000'000})},
       {"card", fmt::format("loop_fp_{:064x}", at)},
       {"currency", "EUR"},
       {"history",
        table::List{table::Map{{"at", Value::number(std::int64_t{1'700'000'000})}, {"what", "authorised"}},
                    table::Map{{"at", Value::number(std::int64_t{1'700'000'060})}, {"what", "captured"}}}},
       {"marks", table::StringSet{{"first", "online", "refundable"}}},
       {"merchant", table::Map{{"category", "5812"}, {"city", "Z\u00fcrich"}, {"name", "Coffee \"am See\""}}},
       {"proof", table::Binary{std::string(48, static_cast<char>(at))}},
       {"rate", table::Number{"0.97325"}},
       {"settled", Value::boolean(at % 2 == 0)},
       {"summary", std::string(300, 's')},
       {"voucher", table::Null{}}}};
}

std::string reply_of_one() {
  const auto body = dynamodb::batch_put_body("t", {purchase(1)});
  const auto from = body.find(R"({"pk")");
  return R"({"Item":)" + body.substr(from, body.rfind("}}]") - from) + "}";
}

/// A full page: 1 MB.
std::string page() {
  std::string text = R"({"Count":1,"Items":[)";
  for (std::size_t at = 0; text.size() < 1'000'000; ++at) {
    if (at > 0) text += ',';
    text += store::item_to_json(purchase(at));
  }
  return text + R"(],"ScannedCount":1})";
}

template <typename Do>
std::size_t repeat(std::size_t times, Do once) {
  std::size_t sum = 0;
  for (std::size_t at = 0; at < times; ++at) sum += once();
  return sum;
}

int main_of(std::string_view what, std::size_t times) {
  std::size_t sum = 0;
  if (what == "item") {
    const auto body = reply_of_one();
    sum = repeat(times, [&] { return dynamodb::read_get_item(body).value()->attributes.size(); });
  } else if (what == "page") {
    const auto body = page();
    sum = repeat(times, [&] { return dynamodb::read_page(body).value().items.size(); });
  } else if (what == "put") {
    const table::Put put{purchase(1), {}};
    sum = repeat(times, [&] { return dynamodb::put_item_body("loopstate", put, {}).value().size(); });
  } else if (what == "export") {
    const auto item = purchase(1);
    sum = repeat(times, [&] { return store::item_to_json(item).size(); });
  } else if (what == "import") {
    const auto line = store::item_to_json(purchase(1));
    sum = repeat(times, [&] { return store::item_from_json(line).value().attributes.size(); });
  } else {
    fmt::print(stderr, "typed_json_bench item|page|put|export|import TIMES\n");
    return 2;
  }
  fmt::print("{}\n", sum);
  return 0;
}

}  // namespace
}  // namespace loopstate::bench

int main(int count, char** arguments) {
  if (count != 3) return loopstate::bench::main_of("", 0);
  return loopstate::bench::main_of(arguments[1], std::strtoul(arguments[2], nullptr, 10));
}
