#include "embedded/miss_check.hpp"

namespace loopstate::embedded {

MissCheck::Verdict MissCheck::judge(MDB_txn* txn, std::string_view key) {
  const std::uint64_t seen = mdb_txn_id(txn);
  const std::lock_guard lock(mutex_);
  // The transaction that a write would be if it were based on this state.
  check_.begin(seen + 1);
  if (check_.is_sound(WriteCheck::Change::Put, WriteCheck::Part::Items, key, {})) return Verdict::Sound;
  return check_.is_replaced() ? Verdict::Unknown : Verdict::Damaged;
}

}  // namespace loopstate::embedded
