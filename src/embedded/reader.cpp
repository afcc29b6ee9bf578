#include "embedded/reader.hpp"

#include "base/try.hpp"
#include "embedded/checksum.hpp"
#include "embedded/item_key.hpp"
#include "embedded/mapped_record.hpp"
#include "embedded/record_buffer.hpp"
#include "table/expiry.hpp"

namespace loopstate::embedded {
namespace {

using table::Item;
using table::Key;

/// The key was not found in `txn`: by LMDB's code, looked for again if it cannot be confirmed.
Result<int> confirm_miss(MDB_txn* txn, Environment& environment, std::string_view key, RecordBuffer& record) {
  for (int look = 0; look < kMostLooks; ++look) {
    TRY(const bool confirmed, environment.confirm_missing(txn, key));
    if (confirmed) return MDB_NOTFOUND;
    mdb_txn_reset(txn);
    if (guarded([txn] { return mdb_txn_renew(txn); }) != 0) break;
    const int code = record.copy(txn, environment.databases().items, key);
    if (code != MDB_NOTFOUND) return code;
  }
  return fail(ErrorCode::Unavailable, "others keep writing while an item is looked for", true);
}

Result<std::optional<Item>> live_item(Key&& key, table::Attributes&& attributes, Timestamp now) {
  Result<std::optional<Item>> out(std::in_place, std::in_place, std::move(key), std::move(attributes));
  if (!table::is_live(**out, now)) out->reset();
  return out;
}

Result<std::optional<Item>> read_within(MDB_txn* txn, Environment& environment, Key&& key, Timestamp now) {
  LookupKey encoded;
  TRY_OK(encoded.set(key));
  std::optional<table::Attributes> mapped;
  int code = read_mapped(txn, environment.databases().items, encoded.bytes(), mapped);
  if (code == 0 && mapped) return live_item(std::move(key), std::move(*mapped), now);
  // Whatever is wrong with it is found in a copy, which can be looked at in peace.
  thread_local RecordBuffer record;
  if (code != MDB_NOTFOUND) code = record.copy(txn, environment.databases().items, encoded.bytes());
  if (code == MDB_NOTFOUND) {
    TRY(code, confirm_miss(txn, environment, encoded.bytes(), record));
    if (code == MDB_NOTFOUND) return std::nullopt;
  }
  if (code != 0) return std::unexpected(environment.failure(code, "reading"));
  auto attributes = decode_record(encoded.bytes(), record.bytes());
  if (!attributes) return std::unexpected(corrupt_item(encoded.bytes(), attributes.error()));
  return live_item(std::move(key), std::move(*attributes), now);
}

}  // namespace

Result<std::optional<Item>> read_item(Environment& environment, Key&& key, table::Call call) {
  TRY(auto transaction, environment.read(call.deadline));
  return read_within(transaction.txn(), environment, std::move(key), call.now);
}

Result<std::vector<Result<std::optional<Item>>>> read_items(Environment& environment, std::vector<Key> keys,
                                                            table::Call call) {
  TRY(auto transaction, environment.read(call.deadline));
  std::vector<Result<std::optional<Item>>> out;
  out.reserve(keys.size());
  for (Key& key : keys) out.push_back(read_within(transaction.txn(), environment, std::move(key), call.now));
  return out;
}

}  // namespace loopstate::embedded
