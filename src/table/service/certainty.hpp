// Whether a write was done, as far as the ends of its sendings tell: decided here, without a socket.
#pragma once

#include "table/service/failure.hpp"

namespace loopstate::table::service {

/// Through all the sendings of one call. A sending that was not answered leaves it unknown, until an answer
/// says what became of it; a later sending's own failure says nothing.
class Certainty {
 public:
  explicit Certainty(Operation operation) : operation_(operation) {}

  /// A sending ended without being done, or without anybody knowing.
  void add(const Failure& failure);

  /// The call ends with this failure: sets its `maybe_done`, and makes it an OutcomeUnknown where that is all
  /// that can be said. A refusal stays one. Changes nothing about an operation that writes no item.
  void conclude(Failure& failure) const;

  bool maybe_done() const noexcept { return maybe_done_; }

 private:
  Operation operation_;
  bool maybe_done_ = false;
};

}  // namespace loopstate::table::service
