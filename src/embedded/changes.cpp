#include "embedded/changes.hpp"

#include "embedded/fault_guard.hpp"
#include "embedded/page.hpp"

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
  if (const int code = give_back_pages(key, record); code != 0) return code;
  return put(databases_.items, key, record);
}

/// LMDB leaves a record that its transaction wrote on the overflow pages that it has, even if the new one
/// needs fewer: then their number would no longer be what the record's length says. So it is removed first.
int Changes::give_back_pages(std::string_view key, std::string_view record) {
  const std::uint64_t pages = overflow_pages_for(record.size(), check_.page_bytes());
  const auto known = pages_of_records_.find(key);
  if (known == pages_of_records_.end()) {
    if (pages > 1) pages_of_records_.emplace(key, pages);
    return 0;
  }
  const bool is_less = pages < known->second;
  known->second = pages;
  const int code = is_less ? remove(databases_.items, key) : 0;
  return code == MDB_NOTFOUND ? 0 : code;
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
