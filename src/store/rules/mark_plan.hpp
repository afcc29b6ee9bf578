// A mark without a capture of its own, decided: `mark_processed`, and the completion of a claim.
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
  /// What the mark says came of it: where that is the id of a pending capture, this is the payment's.
  std::optional<std::string> result;
  /// The claim that ends with the mark, while it is the caller's.
  std::optional<table::Erase> claim;
  WriteCall call;
};

struct KnownMark {
  KnownPayment payment;
  bool claim_refused = false;  ///< the claim is not the caller's any more
  bool erased = false;         ///< the user was
  std::optional<UserView> user;
};

/// How the mark came out.
struct Marked {
  enum class How : std::uint8_t {
    Written,
    Standing,     ///< `standing` was there before
    ClaimRefused  ///< and nothing was written
  };
  How how = How::Written;
  std::optional<ProcessedRow> standing;
};

/// The mark, and the claim's end. Where refunds came before the payment, the user's state is changed with it
/// as if they came now: an event, and the refunded amount of the pending capture. A user who was erased gets
/// no event, and the mark all the same: the work that it stands for is done.
Result<Plan<Marked>> plan_mark(const MarkWork& work, const KnownMark& known);

/// Runs the plan. `answer`: the call's, kept where its caller named the write.
Task<Result<Marked>> write_mark(CorePtr core, MarkWork work, std::string answer);

}  // namespace loopstate::store
