#include "embedded/miss_check.hpp"

namespace loopstate::embedded {

MissCheck::Verdict MissCheck::judge(MDB_txn* txn, std::string_view key) {
  const std::uint64_t seen = mdb_txn_id(txn);
  const std::lock_guard lock(mutex_);
  // The transaction that a write would be if it were based on this state.
  check_.begin(seen + 1);
  if (check_.is_sound(WriteCheck::Change::Put, WriteCheck::Part::Items, key, {})) return Verdict::Sound;
  return why_not();
}

std::expected<Moment, MissCheck::Verdict> MissCheck::moment_of(MDB_txn* txn) {
  const std::lock_guard lock(mutex_);
  check_.begin(mdb_txn_id(txn) + 1);
  if (const auto& moment = check_.moment()) return *moment;
  return std::unexpected(why_not());
}

MissCheck::Verdict MissCheck::judge(const Moment& moment, std::string_view low, std::string_view high) {
  const std::lock_guard lock(mutex_);
  check_.begin_at(moment);
  return check_.are_items_sound(low, high) ? Verdict::Sound : Verdict::Damaged;
}

}  // namespace loopstate::embedded
