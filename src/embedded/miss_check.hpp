// Whether to believe that there is no item. LMDB believes what a page says about itself, so on a damaged one
// it may not find what is stored; and an answer that a card or a payment is unknown loses money.
#pragma once

#include <lmdb.h>

#include <cstdint>
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

 private:
  std::mutex mutex_;
  WriteCheck check_;
};

}  // namespace loopstate::embedded
