// Whether a write was done, as far as the outcomes of its sendings tell: decided here, without a socket.
#pragma once

#include "table/service/failure.hpp"

namespace loopstate::table::service {

/// Follows all the sendings of one call. A sending without an answer leaves the result unknown until an
/// answer says what became of it; a later sending's own failure says nothing about it.
class Certainty {
 public:
  explicit Certainty(Operation operation) : operation_(operation) {}

  /// A sending ended without being done, or without anybody knowing whether it was.
  void add(const Failure& failure);

  /// The call ends with this failure: sets its `maybe_done`, and makes it an OutcomeUnknown if no more can be
  /// said. A refusal stays a refusal. Changes nothing for an operation that writes no item.
  void conclude(Failure& failure) const;

  bool maybe_done() const noexcept { return maybe_done_; }

 private:
  Operation operation_;
  bool maybe_done_ = false;
};

}  // namespace loopstate::table::service
