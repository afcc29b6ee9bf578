#include "dax/replies.hpp"

#include "base/try.hpp"
#include "dax/cbor_reader.hpp"
#include "dax/item.hpp"
#include "dax/reply_reader.hpp"

namespace loopstate::dax {
namespace {

using cbor::Kind;
using table::Item;
using table::Key;

constexpr std::size_t kPageItemsMax = (1u << 20) / 6;  // in 1 MB, where a key takes six bytes at least

/// The keys of the map that single calls and pages are answered with.
enum class Field : std::uint64_t { Item = 0, Attributes = 2, Items = 7, LastKey = 9 };

/// Reads an item's values; anything else wrong with them is the cursor's problem as well.
bool read_values(cbor::Reader& reader, Item& item, ReplyNames& names) {
  std::string_view bytes;
  if (!reader.read_bytes(bytes)) return false;
  Result<table::Attributes> attributes = parse_attributes(bytes, names);
  if (!attributes) return reader.refuse(attributes.error().message);
  item.attributes = std::move(*attributes);
  return true;
}

bool read_key(cbor::Reader& reader, Key& key) {
  std::string_view bytes;
  if (!reader.read_bytes(bytes)) return false;
  Result<Key> parsed = parse_key(bytes);
  if (!parsed) return reader.refuse(parsed.error().message);
  key = std::move(*parsed);
  return true;
}

Result<std::optional<Item>> read_one(std::string_view values, Field wanted, const Key& key,
                                     ReplyNames& names) {
  cbor::Reader reader(values);
  std::optional<Item> item;
  read_numbered(reader, [&](std::uint64_t field) {
    if (Field{field} != wanted || reader.peek() == Kind::Null) return reader.skip();
    item = Item{key, {}};
    return read_values(reader, *item, names);
  });
  if (!reader.finish()) return not_understood(reader.problem());
  return item;
}

/// For a batch: what there is for the one table that was asked about, as elements or, if those are
/// alternating keys and items, pairs of elements.
template <typename Entry>
bool read_of_table(cbor::Reader& reader, std::string_view table, Entry entry) {
  return read_named(reader, [&](std::string_view name) {
    if (name != table) return reader.refuse("something from a table that was not asked about");
    cbor::Sequence array;
    if (!reader.begin_array(array)) return false;
    while (reader.next(array)) {
      if (!entry(array)) return false;
    }
    return reader.ok();
  });
}

/// Moves on to the second element of a pair.
bool second(cbor::Reader& reader, cbor::Sequence& array) {
  return reader.next(array) || reader.refuse("a key without its item");
}

}  // namespace

Result<std::optional<Item>> read_get_item(std::string_view values, const Key& key, ReplyNames& names) {
  return read_one(values, Field::Item, key, names);
}

Result<std::optional<Item>> read_write(std::string_view values, const Key& key, ReplyNames& names) {
  return read_one(values, Field::Attributes, key, names);
}

Result<BatchGetReply> read_batch_get(std::string_view values, std::string_view table, ReplyNames& names) {
  cbor::Reader reader(values);
  BatchGetReply out;
  const auto item = [&](cbor::Sequence& array) {
    if (out.items.size() == table::kMaxBatchGetKeys) return reader.refuse("more items than a batch has");
    Item& next = out.items.emplace_back();
    return read_key(reader, next.key) && second(reader, array) && read_values(reader, next, names);
  };
  const auto key = [&](cbor::Sequence&) {
    if (out.unprocessed.size() == table::kMaxBatchGetKeys) return reader.refuse("more keys than a batch has");
    return read_key(reader, out.unprocessed.emplace_back());
  };
  // The consumed capacity comes after the array, not in it.
  const bool read = reader.begin_array_of(2) && read_of_table(reader, table, item) &&
                    read_of_table(reader, table, key) && reader.skip();
  if (!read || !reader.finish()) return not_understood(reader.problem());
  return out;
}

Result<std::vector<Key>> read_unprocessed_puts(std::string_view values, std::string_view table) {
  cbor::Reader reader(values);
  std::vector<Key> out;
  const auto put = [&](cbor::Sequence& array) {
    if (out.size() == table::kMaxBatchPutItems) return reader.refuse("more items than a batch has");
    return read_key(reader, out.emplace_back()) && second(reader, array) && reader.skip();
  };
  // Then the consumed capacity, and metrics.
  const bool read = read_of_table(reader, table, put) && reader.skip() && reader.skip();
  if (!read || !reader.finish()) return not_understood(reader.problem());
  return out;
}

Result<void> read_transaction(std::string_view values) {
  cbor::Reader reader(values);
  const bool read = reader.begin_array_of(3) && reader.skip() && reader.skip() && reader.skip();
  if (!read || !reader.finish()) return not_understood(reader.problem());
  return {};
}

Result<PageReply> read_page(std::string_view values, ReplyNames& names) {
  cbor::Reader reader(values);
  PageReply out;
  const auto item = [&] {
    if (out.items.size() == kPageItemsMax) return reader.refuse("more items than a page has");
    Item& next = out.items.emplace_back();
    return reader.begin_array_of(2) && read_key(reader, next.key) && read_values(reader, next, names);
  };
  read_numbered(reader, [&](std::uint64_t field) {
    if (reader.peek() == Kind::Null) return reader.skip();
    if (Field{field} == Field::Items) return read_array(reader, item);
    if (Field{field} == Field::LastKey) return read_key(reader, out.last.emplace());
    return reader.skip();
  });
  if (!reader.finish()) return not_understood(reader.problem());
  return out;
}

}  // namespace loopstate::dax
