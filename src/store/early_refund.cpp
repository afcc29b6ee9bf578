#include "store/early_refund.hpp"

#include <algorithm>
#include <limits>

#include "store/attributes.hpp"
#include "store/core.hpp"
#include "store/id_lines.hpp"
#include "store/keys.hpp"

namespace loopstate::store {

Result<EarlyRefund> early_refund_from_row(const table::Item& row) {
  EarlyRefund early;
  auto total = need_uint64(row, attribute::kRefundedCents);
  if (!total) return std::unexpected(std::move(total.error()));
  auto refunds = read_id_lines(row, attribute::kRefunds);
  if (!refunds) return std::unexpected(std::move(refunds.error()));
  auto summary = need_string(row, attribute::kSummary);
  if (!summary) return std::unexpected(std::move(summary.error()));
  auto refunded_at = need_int64(row, attribute::kRefundedAt);
  if (!refunded_at) return std::unexpected(std::move(refunded_at.error()));
  early.refunded_cents = *total;
  if (*refunds) early.refunds = std::move(**refunds);
  early.summary = std::move(*summary);
  early.refunded_at = *refunded_at;
  return early;
}

Result<std::optional<EarlyRefund>> early_refund_from_row(const std::optional<table::Item>& row) {
  if (!row) return std::nullopt;
  auto early = early_refund_from_row(*row);
  if (!early) return std::unexpected(std::move(early.error()));
  return std::move(*early);
}

bool has_refund(const std::optional<EarlyRefund>& early, const TransactionId& refund) {
  return early && std::ranges::find(early->refunds, refund.text()) != early->refunds.end();
}

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept {
  const auto room = std::numeric_limits<std::uint64_t>::max() - a;
  return a + std::min(b, room);
}

std::optional<EarlyRefund> with_refund(const std::optional<EarlyRefund>& before, const RefundRecord& refund,
                                       UnixSeconds now) {
  auto next = before.value_or(EarlyRefund{});
  if (refund.cumulative) {
    if (refund.amount_cents <= next.refunded_cents) return std::nullopt;
    next.refunded_cents = refund.amount_cents;
  } else {
    next.refunded_cents = saturating_sum(next.refunded_cents, refund.amount_cents);
  }
  next.refunds.push_back(refund.refund.text());
  next.summary = refund.event.summary;
  next.refunded_at = refund.event.timestamp == 0 ? now : refund.event.timestamp;
  return next;
}

table::Condition early_refund_is(const std::optional<EarlyRefund>& early) {
  if (!early) return table::Condition::item_absent();
  return table::Condition::equals(attribute::kRefunds, id_lines(early->refunds));
}

std::vector<table::Operation> remember_early_refund(const TransactionId& payment,
                                                    const std::optional<EarlyRefund>& before,
                                                    const EarlyRefund& next, UnixSeconds expires_at) {
  table::Item row;
  row.key = early_refund_key(payment.text());
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kRefundedCents), table::Value::number(next.refunded_cents));
  attributes.set(std::string(attribute::kRefunds), id_lines(next.refunds));
  attributes.set(std::string(attribute::kSummary), next.summary);
  attributes.set(std::string(attribute::kRefundedAt), table::Value::number(next.refunded_at));
  attributes.set(std::string(attribute::kTtl), table::Value::number(expires_at));
  std::vector<table::Operation> operations;
  operations.emplace_back(table::Check{processed_key(payment.text()), table::Condition::item_absent()});
  operations.emplace_back(table::Put{std::move(row), early_refund_is(before)});
  return operations;
}

ContextEvent event_of(const EarlyRefund& early) {
  ContextEvent event;
  event.event_type = "refund";
  event.timestamp = early.refunded_at;
  event.summary = early.summary;
  event.amount = early.refunded_cents;
  return event;
}

}  // namespace loopstate::store
