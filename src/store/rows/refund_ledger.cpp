#include "store/rows/refund_ledger.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "base/timestamp.hpp"

namespace loopstate::store {
namespace {

using RefundKind = RefundRecord::Kind;
using ReportState = RefundRecord::State;
using Entries = std::vector<RefundEntry>;

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept {
  return a + std::min(b, std::numeric_limits<std::uint64_t>::max() - a);
}

bool failed(const RefundEntry& entry) {
  return entry.kind == RefundKind::Refund && entry.state == ReportState::GivenBack;
}

Timestamp earlier_known(Timestamp a, Timestamp b) {
  if (a == Timestamp{} || b == Timestamp{}) return std::max(a, b);
  return std::min(a, b);
}

// A refund fails once, and the first report of the failure is the closest to when it happened.
RefundEntry merged_refund(const RefundEntry& old, const RefundEntry& report) {
  auto merged = old;
  if (old.state != report.state) {
    if (report.state == ReportState::GivenBack) merged = report;
  } else {
    merged.reported_at = earlier_known(old.reported_at, report.reported_at);
  }
  merged.begun_at = earlier_known(old.begun_at, report.begun_at);
  std::tie(merged.amount, merged.currency) =
      std::max(std::tie(old.amount, old.currency), std::tie(report.amount, report.currency));
  return merged;
}

// A dispute that was decided can be decided again: the later decision holds. Of two in one second, the one
// in the shop's favour holds, since a bank is likelier to reverse a loss than a win.
RefundEntry merged_dispute(const RefundEntry& old, const RefundEntry& report) {
  const auto rank = [](const RefundEntry& entry) {
    const bool decided = entry.state != ReportState::Taken;
    return std::tuple(decided,
                      decided ? entry.reported_at.time_since_epoch()
                              : saturating_difference(Timestamp{}, entry.reported_at),
                      entry.state == ReportState::GivenBack, entry.amount, entry.currency);
  };
  auto merged = rank(report) > rank(old) ? report : old;
  merged.begun_at = earlier_known(old.begun_at, report.begun_at);
  return merged;
}

// Whether the failure is already in the total, if their times cannot tell: they are of one second, or the
// time of the failure is unknown. Then the order of arrival can, if the total did not grow over one that
// came before the failure.
bool fell_after(const Entries& entries, const RefundEntry& failure, const RefundEntry& total) {
  if (failure.reported_at != Timestamp{} && failure.reported_at != total.reported_at) return false;
  if (failure.arrival > total.arrival) return false;
  return std::ranges::any_of(entries, [&](const RefundEntry& other) {
    return other.kind == RefundKind::RunningTotal && other.currency == total.currency &&
           other.reported_at <= total.reported_at && other.amount >= total.amount &&
           other.arrival < failure.arrival;
  });
}

const RefundEntry* latest_total(const Entries& entries, const Currency* currency = nullptr) {
  const auto rank = [&](const RefundEntry& total) {
    const auto failures = std::ranges::count_if(entries, [&](const RefundEntry& entry) {
      return failed(entry) && fell_after(entries, entry, total);
    });
    // If the same total is reported under two names, the first one counts.
    return std::tuple(total.reported_at, failures, total.amount, -static_cast<std::int64_t>(total.arrival));
  };
  const RefundEntry* latest = nullptr;
  for (const auto& entry : entries) {
    if (entry.kind != RefundKind::RunningTotal) continue;
    if (currency != nullptr && entry.currency != *currency) continue;
    if (latest == nullptr || rank(entry) > rank(*latest)) latest = &entry;
  }
  return latest;
}

// Whether a refund that failed is in that total: it had begun by then, and failed afterwards.
bool stands_in(const Entries& entries, const RefundEntry& failure, const RefundEntry& total) {
  const bool later = failure.reported_at == Timestamp{} || failure.reported_at >= total.reported_at;
  return failure.begun_at <= total.reported_at && later && !fell_after(entries, failure, total);
}

// How much of the latest running total stands.
std::uint64_t standing_total(const Entries& entries) {
  const auto* total = latest_total(entries);
  if (total == nullptr) return 0;
  auto standing = total->amount;
  for (const auto& entry : entries) {
    if (failed(entry) && stands_in(entries, entry, *total)) standing -= std::min(standing, entry.amount);
  }
  return standing;
}

Currency currency_of(const RefundLedger& ledger, const Paid& paid) {
  if (paid.currency.known()) return paid.currency;
  const RefundEntry* first = nullptr;
  for (const auto& entry : ledger.entries) {
    if (!entry.currency.known()) continue;
    if (first == nullptr || std::tie(entry.reported_at, entry.id) < std::tie(first->reported_at, first->id)) {
      first = &entry;
    }
  }
  return first == nullptr ? Currency{} : first->currency;
}

bool same_thing(const RefundEntry& a, const RefundEntry& b) {
  if (a.kind != b.kind) return false;
  if (a.kind == RefundKind::RunningTotal) {
    return a.id == b.id && a.amount == b.amount && a.currency == b.currency && a.reported_at == b.reported_at;
  }
  return a.id == b.id;
}

RefundEntry entry_of(const RefundRecord& report, Timestamp now) {
  RefundEntry entry;
  entry.id = report.refund.text();
  entry.kind = report.kind;
  entry.state = report.state;
  entry.amount = report.amount.minor_units;
  entry.currency = report.amount.currency;
  entry.begun_at = report.begun_at;
  entry.reported_at = report.reported_at == Timestamp{} ? now : report.reported_at;
  // Nothing fails before it began: such a time means nothing.
  if (failed(entry) && entry.begun_at > entry.reported_at) entry.reported_at = {};
  return entry;
}

void add(Entries& entries, RefundEntry entry) {
  const auto at = std::ranges::upper_bound(entries, entry.id, {}, &RefundEntry::id);
  entries.insert(at, std::move(entry));
}

// The first and the last second in which a total in that currency was reported.
std::pair<Timestamp, Timestamp> seconds_of_totals(const Entries& entries, const Currency& currency) {
  std::pair<Timestamp, Timestamp> seconds{Timestamp::max(), Timestamp{}};
  for (const auto& entry : entries) {
    if (entry.kind != RefundKind::RunningTotal || entry.currency != currency) continue;
    seconds.first = std::min(seconds.first, entry.reported_at);
    seconds.second = std::max(seconds.second, entry.reported_at);
  }
  return seconds;
}

// Whether nothing can follow from a total any more that does not follow from `other`, as large or larger.
// Reported before the last second, it is never the latest again. But it can show that a later total fell
// after a failure between the two (fell_after), so a failure that arrived between it and
// `other` keeps it. What arrives from now on arrives after both.
bool is_superseded(const Entries& entries, const RefundEntry& old, const RefundEntry& other, Timestamp last) {
  if (other.kind != RefundKind::RunningTotal || other.currency != old.currency) return false;
  if (&other == &old || other.amount < old.amount) return false;
  return std::ranges::none_of(entries, [&](const RefundEntry& failure) {
    const bool may_tell =
        failed(failure) && (failure.reported_at == Timestamp{} || failure.reported_at >= last);
    return may_tell && failure.arrival > old.arrival && failure.arrival <= other.arrival;
  });
}

bool may_go(const Entries& entries, const RefundEntry& entry) {
  if (entry.kind != RefundKind::RunningTotal) return false;
  const auto [first, last] = seconds_of_totals(entries, entry.currency);
  // The first one may determine the ledger's currency, if the payment's is not known.
  return entry.reported_at > first && entry.reported_at < last &&
         std::ranges::any_of(
             entries, [&](const RefundEntry& other) { return is_superseded(entries, entry, other, last); });
}

// So that a ledger grows with the refunds of its payment and not with how often their total is reported.
void drop_superseded(Entries& entries) {
  for (auto at = entries.begin(); at != entries.end();)
    at = may_go(entries, *at) ? entries.erase(at) : at + 1;
}

}  // namespace

std::optional<RefundLedger> with_report(const RefundLedger& before, const RefundRecord& report,
                                        const std::string& write_id, Timestamp now) {
  auto next = before;
  ++next.revision;
  auto entry = entry_of(report, now);
  entry.arrival = next.revision;
  entry.write_id = write_id;
  const auto known =
      std::ranges::find_if(next.entries, [&](const RefundEntry& other) { return same_thing(other, entry); });
  if (entry.kind == RefundKind::RunningTotal) {
    if (known != next.entries.end()) return std::nullopt;
    add(next.entries, entry);
    const auto* latest = latest_total(next.entries, &entry.currency);
    if (latest->arrival != entry.arrival) return std::nullopt;
    drop_superseded(next.entries);
    return next;
  }
  if (known == next.entries.end()) {
    add(next.entries, std::move(entry));
    drop_superseded(next.entries);
    return next;
  }
  auto merged =
      entry.kind == RefundKind::Dispute ? merged_dispute(*known, entry) : merged_refund(*known, entry);
  if (merged == *known) return std::nullopt;
  *known = std::move(merged);
  drop_superseded(next.entries);
  return next;
}

RefundBalance balance_of(const RefundLedger& ledger, const Paid& paid) {
  RefundBalance balance;
  balance.currency = currency_of(ledger, paid);
  Entries counted;
  for (const auto& entry : ledger.entries) {
    if (!entry.currency.known() || entry.currency == balance.currency) counted.push_back(entry);
  }
  std::uint64_t sum = 0;
  for (const auto& entry : counted) {
    balance.last_at = std::max(balance.last_at, entry.reported_at);
    if (entry.kind == RefundKind::RunningTotal || entry.state == ReportState::GivenBack) continue;
    sum = saturating_sum(sum, entry.amount);
  }
  sum = saturating_sum(sum, standing_total(counted));
  balance.refunded = std::min(sum, paid.amount);
  balance.excess = sum - balance.refunded;
  return balance;
}

bool counts_in(const RefundLedger& ledger, const Paid& paid, const Currency& currency) {
  const auto counted = currency_of(ledger, paid);
  return !currency.known() || !counted.known() || counted == currency;
}

const RefundEntry* find_entry(const RefundLedger& ledger, const RefundRecord& report) {
  const auto found = std::ranges::find_if(ledger.entries, [&](const RefundEntry& entry) {
    return entry.kind == report.kind && entry.id == report.refund.text();
  });
  return found == ledger.entries.end() ? nullptr : &*found;
}

}  // namespace loopstate::store
