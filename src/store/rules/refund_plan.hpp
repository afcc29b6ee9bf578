// A report of a refund or a dispute, decided: from what is known about the payment, earlier reports and the
// user to the steps that take the report in and what the call answers.
#pragma once

#include <optional>

#include "store/rows/processed_row.hpp"
#include "store/rows/refund_ledger_row.hpp"
#include "store/spine/rule.hpp"
#include "store/spine/user_steps.hpp"

namespace loopstate::store {

/// What stays the same over all attempts of one call.
struct RefundWork {
  RefundRecord record;
  StoreSettings settings;
  WriteCall call;
};

struct KnownRefunds {
  bool read = false;                    ///< payment and ledger, together
  std::optional<ProcessedRow> payment;  ///< nothing: nobody has recorded it
  std::optional<RefundLedger> ledger;
  std::optional<UserView> user;  ///< of the payment's user
};

/// The ledger with the report, in one transaction with what follows from it: if the payment's balance
/// changes, its mark, the event in the user's context, and the capture while it is pending.
Result<Plan<RefundOutcome>> plan_refund(const RefundWork& work, const KnownRefunds& known);

/// Another report that came in between is read together with the payment.
Result<void> learn_refunds(KnownRefunds& known, const Refusals& refusals);

}  // namespace loopstate::store
