#include "agent/events.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>

#include "agent/conversion.hpp"
#include "agent/persist.hpp"
#include "agent/scheduled.hpp"
#include "base/timestamp.hpp"
#include "crypto/hash.hpp"
#include "webhook/age.hpp"

namespace loopstate::agent {
namespace {

/// A transaction id for something without a suitable name: the digest of what identifies it.
TransactionId digest_id(std::string_view kind, std::initializer_list<std::string_view> parts) {
  crypto::Sha256 hash;
  for (const auto part : parts) {
    // With its length, so that no two different lists of parts give the same text.
    hash.update(fmt::format("{}:", part.size()));
    hash.update(part);
  }
  return *TransactionId::parse(fmt::format("{}:{}", kind, crypto::hex(hash.finish())));
}

Task<Effect> act(TransactionDetected seen, Timestamp told_at, std::chrono::seconds keep_unknown,
                 Recorder* recorder, Budget* budget) {
  const auto age = webhook::age_of(seen.occurred_at, told_at, recorder->clock().now());
  if (auto past = past_capturing(age)) co_return std::move(*past);
  PurchaseRecord record{std::move(seen.transaction), std::move(seen.fingerprint), {}, {}, {}};
  record.capture.merchant_id = seen.merchant.text();
  record.capture.amount.minor_units = seen.amount_cents;
  if (!seen.card_last4.empty()) record.capture.card_last4 = seen.card_last4;
  record.capture.proof_type = seen.processor + "_pos";
  record.event.event_type = "capture";
  record.event.timestamp = seen.occurred_at;
  // The event names no currency; its amounts are in hundredths.
  record.event.summary =
      fmt::format("{}.{:02} at {}", seen.amount_cents / 100, seen.amount_cents % 100, seen.merchant.text());
  record.event.amount = seen.amount_cents;
  if (keep_unknown.count() > 0) record.keep_unknown = keep_unknown;
  co_return co_await recorder->capture(std::move(record), budget);
}

Task<Effect> act(LocationHit hit, Recorder* recorder, Budget* budget) {
  StoreCall<bool> attempt = [&](CallOptions options) {
    return hit.inside
               ? recorder->store().set_location(hit.user, hit.merchant,
                                                LocationOptions(std::move(options)).event_time(hit.timestamp))
               : recorder->store().clear_location(hit.user, ClearLocationOptions(std::move(options))
                                                                .merchant(hit.merchant)
                                                                .event_time(hit.timestamp));
  };
  auto changed = co_await recorder->persist<bool>(std::move(attempt), budget);
  if (!changed) co_return Recorder::failed(std::move(changed.error()));
  Effect effect;
  effect.user = hit.user.text();
  effect.outcome = *changed ? Outcome::LocationChanged : Outcome::Ignored;
  if (!*changed) effect.reason = "the user has been elsewhere since";
  co_return effect;
}

Task<Effect> act(ProofSubmitted proof, Recorder* recorder, Budget* budget) {
  const auto id = digest_id("proof", {proof.user.text(), proof.proof_type, proof.proof_data});
  Capture capture;
  capture.merchant_id = proof.claimed_merchant ? proof.claimed_merchant->text() : "unknown";
  capture.amount.minor_units = proof.claimed_amount_cents;
  capture.proof_type = std::move(proof.proof_type);
  capture.proof_data = std::move(proof.proof_data);
  StoreCall<AddedCapture> attempt = [&](CallOptions options) {
    return recorder->store().add_capture(proof.user, capture,
                                         AddCaptureOptions(std::move(options)).transaction(id));
  };
  auto added = co_await recorder->persist<AddedCapture>(std::move(attempt), budget);
  if (!added) co_return Recorder::failed(std::move(added.error()));
  Effect effect;
  effect.user = proof.user.text();
  effect.outcome = Outcome::Duplicate;
  if (const auto* now = added->added()) {
    effect.outcome = Outcome::Recorded;
    effect.capture_id = now->capture.id;
    effect.version = now->version;
    for (const auto& dropped : now->dropped) effect.dropped.push_back(dropped.id);
  }
  co_return effect;
}

Task<Effect> act(PositionUnlocking unlocking, Recorder* recorder, Budget* budget) {
  auto id = digest_id("position_unlocking", {unlocking.user.text(), unlocking.position_id,
                                             fmt::format("{}", unix_seconds(unlocking.unlock_time))});
  ContextEvent event;
  event.event_type = "position_unlocking";
  event.timestamp = recorder->clock().now();
  event.summary = fmt::format("position {} unlocks in {} hours with a yield of {}", unlocking.position_id,
                              unlocking.hours_until_unlock, unlocking.accrued_yield);
  event.amount = unlocking.amount;
  auto effect =
      co_await recorder->event_once(std::move(id), std::move(unlocking.user), std::move(event), budget);
  co_return effect;
}

Task<Effect> act(YieldThreshold yield, std::string event_id, Recorder* recorder, Budget* budget) {
  auto id = event_id.empty() ? digest_id("yield_threshold",
                                         {yield.user.text(), fmt::format("{}", yield.total_pending_yield),
                                          fmt::format("{}", yield.threshold_reached)})
                             : digest_id("eventbridge", {event_id});
  ContextEvent event;
  event.event_type = "yield_threshold";
  event.timestamp = recorder->clock().now();
  event.summary = fmt::format("pending yield of {} reached {} over {} positions", yield.total_pending_yield,
                              yield.threshold_reached, yield.positions.size());
  event.amount = yield.total_pending_yield;
  std::function<Result<void>(Context&)> change = [event,
                                                  total = yield.total_pending_yield](Context& context) {
    context.vault.pending_yield = total;
    context.recent_events.insert(context.recent_events.begin(), event);  // the store keeps the newest ten
    return Result<void>();
  };
  const auto user = yield.user;
  // Without an id: whoever created the context, it exists.
  StoreCall<Context> create = [recorder, user](CallOptions options) {
    options.request_id(std::nullopt);
    return recorder->store().get_or_init(user, std::move(options));
  };
  auto context = co_await recorder->persist<Context>(std::move(create), budget);
  if (!context) co_return Recorder::failed(std::move(context.error()));
  StoreCall<Context> write = [recorder, user, change](CallOptions options) {
    return recorder->store().update(user, change, std::move(options));
  };
  auto effect =
      co_await recorder->write_once(std::move(id), user, yield.total_pending_yield, std::move(write), budget);
  co_return effect;
}

}  // namespace

Task<Effect> act_on(BusEvent event, std::chrono::seconds keep_unknown, Recorder* recorder, Budget* budget) {
  Effect effect;
  if (auto* seen = std::get_if<TransactionDetected>(&event.what)) {
    effect = co_await act(std::move(*seen), event.told_at, keep_unknown, recorder, budget);
  } else if (auto* hit = std::get_if<LocationHit>(&event.what)) {
    effect = co_await act(std::move(*hit), recorder, budget);
  } else if (auto* proof = std::get_if<ProofSubmitted>(&event.what)) {
    effect = co_await act(std::move(*proof), recorder, budget);
  } else if (auto* unlocking = std::get_if<PositionUnlocking>(&event.what)) {
    effect = co_await act(std::move(*unlocking), recorder, budget);
  } else if (auto* yield = std::get_if<YieldThreshold>(&event.what)) {
    effect = co_await act(std::move(*yield), std::move(event.id), recorder, budget);
  } else if (auto* check = std::get_if<ScheduledCheck>(&event.what)) {
    effect = co_await report_on(std::move(*check), recorder, budget);
  } else {
    effect.outcome = Outcome::Ignored;
    effect.reason = "not an event that this agent acts on";
  }
  co_return effect;
}

}  // namespace loopstate::agent
