#include "embedded/changes.hpp"

#include "embedded/fault_guard.hpp"

namespace loopstate::embedded {

Changes::Changes(MDB_txn* txn, const Databases& databases, WriteCheck& check)
    : txn_(txn), databases_(databases), check_(check) {
  check_.begin(mdb_txn_id(txn));
}

int Changes::find(MDB_dbi database, std::string_view key, std::string_view& value) {
  const int code = buffer_.copy(txn_, database, key);
  value = buffer_.bytes();
  return code;
}

int Changes::find_item(std::string_view key, std::string_view& record) {
  return find(databases_.items, key, record);
}

int Changes::put_item(std::string_view key, std::string_view record, std::optional<std::uint64_t> before) {
  if (before) difference_.remove(*before);
  difference_.add(checksum_in(record));
  return put(databases_.items, key, record);
}

int Changes::remove_item(std::string_view key, std::uint64_t before) {
  difference_.remove(before);
  return remove(databases_.items, key);
}

int Changes::put(MDB_dbi database, std::string_view key, std::string_view value, unsigned flags) {
  if (!may_change(WriteCheck::Change::Put, database, key, value)) return MDB_CORRUPTED;
  MDB_val at = value_of(key);
  MDB_val bytes = value_of(value);
  return changed(guarded([&] { return mdb_put(txn_, database, &at, &bytes, flags); }));
}

int Changes::remove(MDB_dbi database, std::string_view key, std::optional<std::string_view> value) {
  if (!may_change(WriteCheck::Change::Remove, database, key, value.value_or(""))) return MDB_CORRUPTED;
  MDB_val at = value_of(key);
  MDB_val bytes = value_of(value.value_or(""));
  return changed(guarded([&] { return mdb_del(txn_, database, &at, value ? &bytes : nullptr); }));
}

bool Changes::may_change(WriteCheck::Change change, MDB_dbi database, std::string_view key,
                         std::string_view value) {
  using Part = WriteCheck::Part;
  const Part part = database == databases_.items    ? Part::Items
                    : database == databases_.expiry ? Part::Expiry
                    : database == databases_.tokens ? Part::Tokens
                                                    : Part::Meta;
  if (!refused_) refused_ = !check_.is_sound(change, part, key, value);
  return !refused_;
}

int Changes::changed(int code) {
  stuck_ = stuck_ || code == kFault;
  return code;
}

int Changes::finish() {
  if (refused_) return MDB_CORRUPTED;
  if (difference_ == Digest{}) return 0;
  std::string_view record;
  if (const int code = find(databases_.meta, kDigestKey, record); code != 0) {
    return code == MDB_NOTFOUND ? MDB_CORRUPTED : code;
  }
  const auto before = Digest::decode(record);
  if (!before) return MDB_CORRUPTED;
  auto after = *before;
  after.add(difference_);
  digest_change_ = {*before, after};
  return put(databases_.meta, kDigestKey, after.encode());
}

}  // namespace loopstate::embedded
