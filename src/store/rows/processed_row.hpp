// The mark of a transaction whose work is done: `TXN#{id}|PROCESSED`.
#pragma once

#include <optional>
#include <string>

#include "loopstate/transaction.hpp"
#include "store/rows/refund_ledger.hpp"
#include "table/table.hpp"

namespace loopstate::store {

struct ProcessedRow {
  ProcessedTransaction record;
  /// Which write made the mark; empty if the Rust crate did.
  std::string write_id;
  /// What refunds have taken back from this payment so far, in the currency's smallest unit.
  std::uint64_t refunded = 0;
  /// Known for a mark written with a capture whose currency is known.
  Currency currency{};
  Timestamp expires_at{};
  /// For a completed claim: its fence and holder; 0 and empty if there was none.
  std::uint64_t completed_fence = 0;
  std::string completed_by;

  Paid paid() const { return {record.cred_amount, currency}; }
};

/// CorruptItem names the item and the field.
Result<ProcessedRow> processed_from_row(const table::Item& row);

/// Makes the mark, unless a live one exists. A payment's mark is written as payment.hpp says.
table::Put put_processed(const ProcessedTransaction& record, std::string_view write_id, Timestamp expires_at);

}  // namespace loopstate::store
