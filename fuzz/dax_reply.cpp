// Any bytes from a node of a DAX cluster: its end is found in pieces of any size, and it is read as the
// answer to any call.
#include <algorithm>
#include <string>
#include <vector>

#include "base/utf8.hpp"
#include "check.hpp"
#include "dax/item.hpp"
#include "dax/lexicographic.hpp"
#include "dax/replies.hpp"
#include "dax/reply_scanner.hpp"
#include "table/number.hpp"
#include "table/service/certainty.hpp"

using namespace loopstate;

namespace {

constexpr dax::Method kMethods[] = {dax::Method::Endpoints,
                                    dax::Method::DefineKeySchema,
                                    dax::Method::DefineAttributeListId,
                                    dax::Method::DefineAttributeList,
                                    dax::Method::GetItem,
                                    dax::Method::PutItem,
                                    dax::Method::UpdateItem,
                                    dax::Method::DeleteItem,
                                    dax::Method::Query,
                                    dax::Method::Scan,
                                    dax::Method::BatchGetItem,
                                    dax::Method::BatchWriteItem,
                                    dax::Method::TransactWriteItems};

const table::Key kKey{"USER#1", "CARD#1"};

/// Where the reply ends if it comes in pieces of `step` bytes: 0 if it goes on, npos if it is not one.
std::size_t end_of(dax::Method method, std::string_view bytes, std::size_t step) {
  dax::ReplyScanner scanner(method);
  for (std::size_t size = std::min(step, bytes.size());; size = std::min(size + step, bytes.size())) {
    const auto end = scanner.scan(bytes.substr(0, size));
    if (!end) {
      fuzz::check(end.error().code == ErrorCode::ProtocolError, "what is not a reply is a protocol error");
      return std::string_view::npos;
    }
    if (*end) {
      fuzz::check(**end > 0 && **end <= size, "a reply ends inside the bytes");
      return **end;
    }
    fuzz::check(scanner.needed() > size, "a reply that goes on needs more bytes");
    if (size == bytes.size()) return 0;
  }
}

void check_numbers(const table::Value& value) {
  if (value.number() != nullptr) fuzz::check(table::is_canonical(*value.number()), "numbers are canonical");
  if (value.list() != nullptr) std::ranges::for_each(*value.list(), check_numbers);
  if (value.map() == nullptr) return;
  for (const auto& [name, member] : *value.map()) check_numbers(member);
}

void check_item(const table::Item& item) {
  for (const auto& [name, value] : item.attributes) check_numbers(value);
  dax::AttributeLists lists;
  lists.learn(dax::ListId{9}, dax::names_of(item.attributes));
  std::string written;
  const dax::ListId list = item.attributes.empty() ? dax::kEmptyList : dax::ListId{9};
  dax::append_attributes(written, list, item.attributes);
  dax::cbor::Reader reader(written);
  std::string_view content;
  fuzz::check(reader.read_bytes(content) && reader.finish(), "an item is one byte string");
  dax::ReplyNames names(lists, written.size());
  const auto again = dax::parse_attributes(content, names);
  fuzz::check(again.has_value(), "what is written can be read");
  fuzz::check(*again == item.attributes, "and reads the same");
}

template <typename T>
void check_error(const Result<T>& result) {
  if (result) return;
  fuzz::check(result.error().code == ErrorCode::ProtocolError, "what is not understood is a protocol error");
  fuzz::check(is_utf8(result.error().message), "messages are UTF-8");
}

void read_values(std::string_view values, dax::ReplyNames& names) {
  const auto item = dax::read_get_item(values, kKey, names);
  check_error(item);
  if (item && *item) check_item(**item);
  check_error(dax::read_write(values, kKey, names));
  const auto batch = dax::read_batch_get(values, "T", names);
  check_error(batch);
  if (batch) std::ranges::for_each(batch->items, check_item);
  const auto page = dax::read_page(values, names);
  check_error(page);
  if (page) std::ranges::for_each(page->items, check_item);
  check_error(dax::read_unprocessed_puts(values, "T"));
  check_error(dax::read_transaction(values));
  check_error(dax::read_endpoints(values));
  check_error(dax::read_key_schema(values));
  check_error(dax::read_list_id(values));
  check_error(dax::read_list_names(values));
  check_error(dax::parse_key(values));
  const auto number = dax::parse_lexicographic(values);
  check_error(number);
  if (number)
    fuzz::check(dax::parse_lexicographic(dax::lexicographic(*number)) == *number, "a number comes back");
}

void read_reply(dax::Method method, std::string_view reply) {
  dax::AttributeLists lists;
  lists.learn(dax::ListId{2}, {"n", "name"});
  lists.learn(dax::ListId{3}, {"z", "a"});
  dax::ReplyNames names(lists);
  auto values = dax::understand(method, reply, {kKey, kKey}, names);
  if (values) return read_values(*values, names);
  dax::Failure& failure = values.error();
  fuzz::check(!failure.error.message.empty() && is_utf8(failure.error.message),
              "a failure says why, in UTF-8");
  fuzz::check(failure.reasons.size() <= 2, "no more reasons than operations");
  const auto operation = dax::operation_of(method);
  if (!operation) return;
  table::service::Certainty certainty(*operation);
  certainty.add(failure);
  certainty.conclude(failure);
}

}  // namespace

/// The last byte says what was asked, the one before it how many bytes come at once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const dax::Method method = kMethods[data[size - 1] % std::size(kMethods)];
  const std::string_view bytes(reinterpret_cast<const char*>(data), size - 2);
  const std::size_t end = end_of(method, bytes, bytes.size() + 1);
  const std::size_t end_in_pieces = end_of(method, bytes, 1 + data[size - 2] % 16);
  fuzz::check(end == end_in_pieces, "a reply ends at the same byte however it is cut");
  if (end != 0 && end != std::string_view::npos) read_reply(method, bytes.substr(0, end));
  // What was never found to be whole is refused, and nothing worse.
  read_reply(method, bytes);
  return 0;
}
