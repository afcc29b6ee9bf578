// What providers have reported about one payment's refunds and disputes, and what follows from it. Reports
// come more than once and in any order, even before the payment, so what follows is a function of the set of
// reports and not of the order in which they came.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loopstate/store.hpp"

namespace loopstate::store {

/// What is known about one refund, dispute or running total.
struct RefundEntry {
  std::string id;
  RefundRecord::Kind kind = RefundRecord::Kind::Refund;
  RefundRecord::State state = RefundRecord::State::Taken;
  std::uint64_t amount = 0;
  Currency currency{};        ///< unknown: the payment's currency, whatever it is
  Timestamp begun_at{};       ///< `Timestamp{}`: unknown
  Timestamp reported_at{};    ///< when the provider said so
  std::uint64_t arrival = 0;  ///< the ledger's revision that brought this state
  std::string write_id;       ///< id of the write that brought it

  friend bool operator==(const RefundEntry&, const RefundEntry&) = default;
};

struct RefundLedger {
  std::vector<RefundEntry> entries;  ///< by id
  std::uint64_t revision = 0;        ///< one more with each report that said something new
  Timestamp expires_at{};
};

/// What a payment's mark says about its money.
struct Paid {
  std::uint64_t amount = 0;
  Currency currency{};  ///< unknown e.g. because another program made the mark
};

/// The sum of all reports.
struct RefundBalance {
  std::uint64_t refunded = 0;  ///< never more than was paid
  std::uint64_t excess = 0;    ///< what was reported beyond it
  Currency currency{};         ///< the currency of these amounts; unknown if nobody said
  Timestamp last_at{};         ///< time of the latest report
};

/// The ledger with one more report; nothing if it says nothing new.
///
/// A refund that failed stays failed, whatever comes later. A dispute's end overrides its course, and of two
/// ends the later one counts. Of running totals the latest counts: by the provider's time, and within one
/// second the larger. Totals from which nothing can follow any more are dropped.
std::optional<RefundLedger> with_report(const RefundLedger& before, const RefundRecord& report,
                                        const std::string& write_id, Timestamp now);

/// Refunds and disputes that stand, plus the latest running total less what failed after it; only amounts in
/// the payment's currency (if unknown: that of the earliest report), and no more than was paid.
RefundBalance balance_of(const RefundLedger& ledger, const Paid& paid);

/// Whether reports in this currency count (if unknown, they do).
bool counts_in(const RefundLedger& ledger, const Paid& paid, const Currency& currency);

/// The entry for that report's refund, dispute or total.
const RefundEntry* find_entry(const RefundLedger& ledger, const RefundRecord& report);

}  // namespace loopstate::store
