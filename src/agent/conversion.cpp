#include "agent/conversion.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/currency.hpp"

namespace loopstate::agent {
namespace {

constexpr std::size_t kShownNameBytesMax = 200;
constexpr std::size_t kStoredNameBytesMax = 1024;

/// The beginning of a name, cut between characters: a purchase is not lost because a name is too long.
std::string_view first_bytes(std::string_view name, std::size_t bytes_max) {
  if (name.size() <= bytes_max) return name;
  auto end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  return name.substr(0, end);
}

RefundRecord::Kind kind_of(webhook::RefundKind kind) {
  switch (kind) {
    case webhook::RefundKind::Refund:
      return RefundRecord::Kind::Refund;
    case webhook::RefundKind::Dispute:
      return RefundRecord::Kind::Dispute;
    case webhook::RefundKind::RunningTotal:
      return RefundRecord::Kind::RunningTotal;
  }
  return RefundRecord::Kind::Refund;
}

RefundRecord::State state_of(webhook::RefundState state) {
  switch (state) {
    case webhook::RefundState::Taken:
      return RefundRecord::State::Taken;
    case webhook::RefundState::Lost:
      return RefundRecord::State::Lost;
    case webhook::RefundState::GivenBack:
      return RefundRecord::State::GivenBack;
  }
  return RefundRecord::State::Taken;
}

}  // namespace

PurchaseRecord record_of(const webhook::Purchase& purchase) {
  const auto& merchant = purchase.merchant_name ? *purchase.merchant_name : purchase.merchant.text();
  PurchaseRecord record{purchase.transaction, purchase.fingerprint, {}, {}, {}};
  record.capture.merchant_id = purchase.merchant.text();
  if (purchase.merchant_name) {
    record.capture.merchant_name = first_bytes(*purchase.merchant_name, kStoredNameBytesMax);
  }
  record.capture.amount = purchase.amount;
  if (!purchase.card_last4.empty()) record.capture.card_last4 = purchase.card_last4;
  record.capture.proof_type = std::string(webhook::proof_type(purchase.provider));
  record.event.event_type = "capture";
  record.event.timestamp = purchase.occurred_at;
  record.event.summary =
      fmt::format("{} at {}", amount_text(purchase.amount), first_bytes(merchant, kShownNameBytesMax));
  record.event.amount = purchase.amount.minor_units;
  return record;
}

ContextEvent event_of(const webhook::Refund& refund) {
  ContextEvent event;
  event.event_type = "refund";
  event.timestamp = refund.occurred_at;
  event.summary = fmt::format("{} refunded", amount_text(refund.amount));
  event.amount = refund.amount.minor_units;
  return event;
}

RefundRecord record_of(const webhook::Refund& refund) {
  RefundRecord record;
  record.refund = refund.refund;
  record.payment = *refund.payment;
  record.amount = refund.amount;
  record.kind = kind_of(refund.kind);
  record.state = state_of(refund.state);
  record.begun_at = std::max(refund.begun_at, Timestamp{});
  record.reported_at = std::max(refund.occurred_at, Timestamp{});
  return record;
}

}  // namespace loopstate::agent
