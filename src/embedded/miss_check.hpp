// Whether to believe that there is no item, or no more of them. LMDB believes what a page says about itself,
// so on a damaged one it may not find what is stored; and an answer that a card or a payment is unknown loses
// money.
#pragma once

#include <lmdb.h>

#include <cstdint>
#include <expected>
#include <mutex>
#include <string_view>

#include "embedded/write_check.hpp"

namespace loopstate::embedded {

/// Thread-safe.
class MissCheck {
 public:
  enum class Verdict : std::uint8_t {
    Sound,
    Damaged,
    Unknown  ///< others have committed twice since the transaction began: look again in a new one
  };

  explicit MissCheck(const PageFile& file) : check_(file, WriteCheck::FreeList::Unchecked) {}

  /// Of the pages on the way to where `key` would be, as the open read transaction `txn` sees them.
  Verdict judge(MDB_txn* txn, std::string_view key);

  /// What `txn` sees, to judge by for as long as that is open: to be asked as soon as it has begun, since its
  /// head is gone once others have committed twice. Never Sound if there is none.
  std::expected<Moment, Verdict> moment_of(MDB_txn* txn);
  /// Of the pages that have the items from `low` up to `high`; empty: open. Never Unknown.
  Verdict judge(const Moment& moment, std::string_view low, std::string_view high);

 private:
  Verdict why_not() const { return check_.is_replaced() ? Verdict::Unknown : Verdict::Damaged; }

  std::mutex mutex_;
  WriteCheck check_;
};

}  // namespace loopstate::embedded
