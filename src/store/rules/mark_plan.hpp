// A mark without its own capture, decided: `mark_processed`, and the completion of a claim.
#pragma once

#include <optional>
#include <string>

#include "store/rules/payment.hpp"
#include "store/spine/rule.hpp"
#include "store/spine/user_steps.hpp"

namespace loopstate::store {

/// What stays the same over all attempts of one call.
struct MarkWork {
  std::string user;
  table::Put mark;
  /// What the mark says came of it: if that is the id of a pending capture, the capture is the payment's.
  std::optional<std::string> result;
  /// The claim that ends with the mark, while it is the caller's.
  std::optional<table::Erase> claim;
  WriteCall call;
};

struct KnownMark {
  KnownPayment payment;
  bool claim_refused = false;  ///< the claim is no longer the caller's
  bool erased = false;         ///< the user was
  std::optional<UserView> user;
};

/// What became of the mark.
struct Marked {
  enum class How : std::uint8_t {
    Written,
    Standing,     ///< `standing` was there before
    ClaimRefused  ///< and nothing was written
  };
  How how = How::Written;
  std::optional<ProcessedRow> standing;
};

/// The mark, and the claim's end. If refunds came before the payment, the user's state changes along with it
/// as if they came now: an event, and the refunded amount of the pending capture. An erased user gets no
/// event, but the mark nevertheless: the work that it stands for is done.
Result<Plan<Marked>> plan_mark(const MarkWork& work, const KnownMark& known);

/// Runs the plan. `answer`: the call's, kept if its caller named the write.
Task<Result<Marked>> write_mark(CorePtr core, MarkWork work, std::string answer);

}  // namespace loopstate::store
