#include "embedded/reader.hpp"

#include "embedded/encoding.hpp"
#include "embedded/item_key.hpp"
#include "embedded/lmdb_error.hpp"
#include "table/expiry.hpp"

namespace loopstate::embedded {
namespace {

using table::Item;
using table::Key;

Result<std::optional<Item>> read_within(MDB_txn* txn, const Environment& environment, const Key& key,
                                        UnixSeconds now) {
  auto encoded = encode_key(key);
  if (!encoded) return std::unexpected(std::move(encoded.error()));
  MDB_val at = value_of(*encoded);
  MDB_val value{};
  const int code = mdb_get(txn, environment.databases().items, &at, &value);
  if (code == MDB_NOTFOUND) return std::nullopt;
  if (code != 0) return std::unexpected(storage_error(code, "reading", environment.path()));
  auto attributes = decode(bytes_of(value));
  if (!attributes) return std::unexpected(corrupt_item(*encoded, attributes.error()));
  std::optional<Item> item(std::in_place, Item{key, std::move(*attributes)});
  if (!table::is_live(*item, now)) item.reset();
  return item;
}

}  // namespace

Result<std::optional<Item>> read_item(Environment& environment, const Key& key, UnixSeconds now) {
  auto transaction = environment.read();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  return read_within(transaction->txn(), environment, key, now);
}

Result<std::vector<Result<std::optional<Item>>>> read_items(Environment& environment,
                                                            const std::vector<Key>& keys, UnixSeconds now) {
  auto transaction = environment.read();
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  std::vector<Result<std::optional<Item>>> out;
  out.reserve(keys.size());
  for (const Key& key : keys) out.push_back(read_within(transaction->txn(), environment, key, now));
  return out;
}

}  // namespace loopstate::embedded
