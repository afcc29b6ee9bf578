#include "embedded/workload.hpp"

#include <fmt/format.h>

#include <set>

#include "embedded/big_endian.hpp"
#include "embedded/checksum.hpp"
#include "embedded/environment.hpp"
#include "embedded/expiry_index.hpp"
#include "embedded/lmdb_cursor.hpp"
#include "port/runner.hpp"
#include "times.hpp"

namespace loopstate::embedded::workload {
namespace {

using table::Condition;
using table::Item;
using table::Value;

std::string partition(int worker) {
  return fmt::format("WORKER#{}", worker);
}

std::string item_key(std::int64_t number) {
  return fmt::format("ITEM#{:010}", number);
}

std::string counter_name(int worker) {
  return fmt::format("worker_{}", worker);
}

}  // namespace

table::Key number_key(int worker) {
  return {partition(worker), "NUMBER"};
}

table::Key shared_key() {
  return {"SHARED", "COUNTER"};
}

table::Put shared_counter() {
  return {{shared_key(), {}}, Condition::item_absent()};
}

std::string token(int worker, std::int64_t number) {
  return fmt::format("w{}-{}", worker, number);
}

std::int64_t number_of(const std::optional<Item>& item) {
  return item ? item->int64("number").value_or(-1) : 0;
}

std::vector<table::Operation> transaction(int worker, std::int64_t number) {
  std::vector<table::Operation> out;
  out.emplace_back(table::Put{
      {number_key(worker), {{"number", Value::number(number)}}},
      number == 1 ? Condition::item_absent() : Condition::equals("number", Value::number(number - 1))});
  // Now and then an item that needs separate pages.
  const auto bytes = static_cast<std::size_t>(number * 397 % 9000);
  out.emplace_back(
      table::Put{{{partition(worker), item_key(number)}, {{"data", std::string(bytes, 'x')}}}, {}});
  if (number > kKept) {
    out.emplace_back(table::Erase{{partition(worker), item_key(number - kKept)}, Condition::item_exists()});
  }
  out.emplace_back(table::UpdateItem{
      shared_key(), {table::Change::add(counter_name(worker), Value::number(std::int64_t{1}))}, {}});
  out.emplace_back(table::Put{{{partition(worker), fmt::format("EXPIRED#{}", number)},
                               {{"ttl", Value::time(kNow - std::chrono::seconds(number % 3))}}},
                              {}});
  return out;
}

std::string faults(table::Table& table, const Acknowledged& acknowledged, int workers) {
  table::Runner runner(1);
  const table::Call call{kNow, Deadline::max()};
  const auto shared = runner.run(table.get(shared_key(), call));
  if (!shared) return "the shared counter: " + shared.error().message;
  for (int worker = 0; worker < workers; ++worker) {
    const auto item = runner.run(table.get(number_key(worker), call));
    if (!item) return item.error().message;
    const std::int64_t number = number_of(*item);
    const auto known = acknowledged.find(worker);
    if (known != acknowledged.end() && number < known->second) {
      return fmt::format("worker {} acknowledged {}, but {} is stored", worker, known->second, number);
    }
    const std::int64_t counted = *shared ? (*shared)->int64(counter_name(worker)).value_or(0) : 0;
    if (counted != number) {
      return fmt::format("worker {} is at {}, but was counted {} times", worker, number, counted);
    }
    table::Query query;
    query.pk = partition(worker);
    query.range.prefix = "ITEM#";
    const auto page = runner.run(table.query(query, call));
    if (!page) return page.error().message;
    std::set<std::string> found, expected;
    for (const Item& each : page->items) found.insert(each.key.sk);
    for (std::int64_t at = std::max<std::int64_t>(1, number - kKept + 1); at <= number; ++at) {
      expected.insert(item_key(at));
    }
    if (found != expected) {
      return fmt::format("worker {} is at {}, but has {} items: not its last {}", worker, number,
                         found.size(), kKept);
    }
    query.range.prefix = "EXPIRED#";
    const auto expired = runner.run(table.query(query, call));
    if (!expired || !expired->items.empty()) return "an expired item shows";
  }
  return "";
}

std::string index_faults(const std::string& path) {
  EmbeddedOptions options;
  options.path = path;
  auto environment = Environment::open(options);
  if (!environment) return environment.error().message;
  auto transaction = (*environment)->read();
  if (!transaction) return transaction.error().message;
  std::set<std::pair<std::int64_t, std::string>> expected, found;
  Cursor items(transaction->txn(), (*environment)->databases().items);
  for (int code = items.move(MDB_FIRST); code == 0; code = items.move(MDB_NEXT)) {
    const auto attributes = decode_record(bytes_of(items.key), bytes_of(items.value));
    if (!attributes) return "an item cannot be decoded";
    if (const auto second = expires_at(*attributes))
      expected.emplace(unix_seconds(*second), bytes_of(items.key));
  }
  Cursor entries(transaction->txn(), (*environment)->databases().expiry);
  for (int code = entries.move(MDB_FIRST); code == 0; code = entries.move(MDB_NEXT)) {
    found.emplace(OrderedSecond::parse(bytes_of(entries.key)).value_or(0), bytes_of(entries.value));
  }
  if (found == expected) return "";
  return fmt::format("the expiry index has {} entries, the items call for {}", found.size(), expected.size());
}

}  // namespace loopstate::embedded::workload
