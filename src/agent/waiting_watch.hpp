// The purchases that this process kept for the link of their card, until their time ends.
#pragma once

#include <cstddef>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/names.hpp"

namespace loopstate::agent {

/// May be used from several threads.
class WaitingWatch {
 public:
  /// Beyond so many, those whose time ends first are forgotten.
  static constexpr std::size_t kMax = 4096;

  using Watched = std::pair<Timestamp, TransactionId>;  ///< when its time ends, and the payment

  void add(Watched watched);
  /// Those whose time has ended, the earliest first, `most` at most; they are watched no longer.
  std::vector<Watched> take_ended(Timestamp now, std::size_t most);

 private:
  std::mutex mutex_;
  std::set<Watched> watched_;
};

}  // namespace loopstate::agent
