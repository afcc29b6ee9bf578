// The mark of a payment, written together with what was taken back before the payment came: every way of
// marking one goes through here, so that an early refund counts whichever way it is.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/capture_row.hpp"
#include "store/processed_row.hpp"
#include "store/refund_ledger_row.hpp"
#include "store/user_transaction.hpp"

namespace loopstate::store {

/// One call's mark, and what its refusals have told.
struct PaymentMark {
  table::Put put;                       ///< for a payment of which nothing was taken back
  std::optional<RefundLedger> early;    ///< what was reported of its refunds before, as far as is known
  std::optional<table::Item> standing;  ///< the mark that is there already

  /// What was taken back before: never more than the mark says was paid.
  RefundBalance balance() const;
};

/// Shared with the plans and the judges of refusals.
using PaymentMarkPtr = std::shared_ptr<PaymentMark>;

/// The mark of a payment whose capture, complete, is written with it; for `PaymentMark::put`. It lives for
/// `lifetime` from when the capture is stored.
table::Put mark_of(const TransactionId& payment, const std::string& user, const Capture& capture,
                   const WriteCall& call, UnixSeconds lifetime);

/// The mark as the row of its capture names it; nothing where there is none to be written.
std::optional<NamedMark> name_of(const PaymentMark& mark);

/// The operations that make the mark: its put first, then what holds the ledger of its refunds as it was
/// read.
std::vector<table::Operation> mark_operations(const PaymentMark& mark);

/// Under which id a mark is made: the caller's, where the write was named.
std::string_view mark_id(const WriteCall& call);

/// The payment's capture, with what was taken back before it was there.
Capture less_early_refunds(Capture capture, const PaymentMark& mark);

/// Whether the mark that stands is this call's own, made under its caller's request id.
bool is_made_by(const ProcessedRow& mark, const WriteCall& call);

/// Runs `work` with the mark in the same transaction, and the event of the early refunds in the user's
/// context; `work.plan` takes them off where it has a capture. Again whenever more of them turn out to have
/// come. Stopped: `mark->standing` is there, or else `work.stop`, which sees the refusals of the work's own
/// operations, said so. Unavailable: refunds kept coming.
Task<Result<UserEnding>> run_payment_transaction(CorePtr core, UserTransaction work, PaymentMarkPtr mark,
                                                 WriteCall call);

/// A mark that comes without a capture of its own.
struct MarkWork {
  std::string user;
  /// What the mark says came of it: where that is the id of a pending capture, this is the payment's.
  std::optional<std::string> result;
  std::vector<table::Operation> beside;  ///< written in the same transaction
  std::string answer;                    ///< of the call, where its caller named the write
};

enum class MarkEnding : std::uint8_t {
  Written,
  Standing,      ///< `mark->standing` was there before
  BesideRefused  ///< one of the operations beside it was refused
};

/// One transaction of the mark and `beside`. Where refunds came before the payment, the user's state is
/// changed with it as if they came now: an event, and `refunded_cents` of the pending capture. A user who was
/// erased gets no event, and the mark all the same: the work that it stands for is done.
Task<Result<MarkEnding>> write_mark(CorePtr core, PaymentMarkPtr mark, MarkWork work, WriteCall call);

}  // namespace loopstate::store
