#include "agent/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "agent/persist.hpp"
#include "base/timestamp.hpp"
#include "crypto/hash.hpp"
#include "loopstate/pepper.hpp"
#include "webhook/age.hpp"

namespace loopstate::agent {
namespace {

constexpr std::size_t kUnlinkedAtOnce = 100;

// Whatever the agent marks as seen can be delivered again for as long as a payment can: one lifetime for
// payments, refunds, events, proofs and claims.
Store remembering(const Store& store) {
  return store.with_transaction_lifetime(
      std::max(store.settings().transaction_lifetime, webhook::kMarkerLifetime));
}

Effect effect_of(const RecordOutcome& result, bool is_to_be_kept) {
  Effect effect;
  if (const auto* user = result.user()) effect.user = user->text();
  if (const auto* recorded = result.recorded()) {
    effect.outcome = Outcome::Recorded;
    effect.version = recorded->version;
    effect.capture_id = recorded->capture_id;
    for (const auto& capture : recorded->dropped) effect.dropped.push_back(capture.id);
  } else if (const auto* duplicate = result.duplicate()) {
    effect.outcome = Outcome::Duplicate;
    effect.seen_at = duplicate->seen.processed_at;
  } else if (const auto* waiting = result.waiting()) {
    effect.outcome = Outcome::WaitingForLink;
    effect.reason = fmt::format("nobody has linked the card; whoever does before {} gets the purchase",
                                unix_seconds(waiting->until));
  } else if (is_to_be_kept) {
    effect.outcome = Outcome::TooManyWaiting;
    effect.reason =
        "nobody has linked the card, and as many of its purchases as may wait for that do so already";
  } else {
    effect.outcome = Outcome::UnknownCard;
  }
  return effect;
}

// The outcome of a refund's report, and why it went no further.
struct RefundEffect {
  Outcome outcome;
  std::string_view reason;
};

RefundEffect refund_effect(RefundOutcome::State state) {
  switch (state) {
    case RefundOutcome::State::Recorded:
      return {Outcome::RefundRecorded, ""};
    case RefundOutcome::State::Undone:
      return {Outcome::RefundUndone, ""};
    case RefundOutcome::State::Duplicate:
      return {Outcome::Duplicate, ""};
    case RefundOutcome::State::Noted:
      return {Outcome::RefundNoted, "remembered; the amount refunded of the payment stays the same"};
    case RefundOutcome::State::ExceedsPayment:
      return {Outcome::RefundExceeds,
              "more than what was paid and is not yet refunded; only that much was taken off"};
    case RefundOutcome::State::OtherCurrency:
      return {Outcome::RefundOtherCurrency, "not in the currency of the payment; nothing was taken off"};
    case RefundOutcome::State::UnknownPayment:
      break;
  }
  return {Outcome::UnknownPayment, "remembered, in case the payment comes later"};
}

Effect effect_of(const RefundOutcome& result) {
  const auto [outcome, reason] = refund_effect(result.state());
  Effect effect;
  effect.outcome = outcome;
  effect.reason = reason;
  if (const auto* user = result.user()) effect.user = user->text();
  if (const auto* change = result.change()) effect.version = change->version;
  return effect;
}

}  // namespace

Recorder::Recorder(Store store, RecorderOptions options, log::Logger log)
    : store_(remembering(store)), options_(options), cache_(options.cache), log_(std::move(log)) {}

Budget Recorder::begin(std::chrono::milliseconds limit, Deadline deadline) const {
  Budget budget;
  budget.deadline = std::min(deadline, pacer().now() + limit);
  return budget;
}

void describe(const Effect& effect, log::Fields& fields) {
  if (!effect.user.empty()) fields.put("user", effect.user);
  if (!effect.capture_id.empty()) fields.put("capture", effect.capture_id);
  if (effect.recorded > 0) fields.put("recorded", effect.recorded);
  if (!effect.dropped.empty()) fields.put("dropped", effect.dropped.size());
  if (!effect.reason.empty()) fields.put("reason", effect.reason);
  if (effect.error) {
    fields.put("error", effect.error->code);
    fields.put("error_message", effect.error->message);
  }
}

std::optional<Effect> past_capturing(webhook::Age age) {
  if (age == webhook::Age::Young) return std::nullopt;
  Effect effect;
  if (age == webhook::Age::Old) {
    effect.outcome = Outcome::TooOld;
    effect.reason =
        "the payment is older than the agent's memory of payments, so it may already have been captured";
  } else {
    effect.outcome = Outcome::ClockDoubted;
    effect.reason =
        "by this machine's clock the payment is too old to be captured, but by that clock the event itself "
        "is not recent either: set the clock right, and the payment is accepted when it is delivered again";
  }
  return effect;
}

Effect Recorder::failed(Error error) {
  Effect effect;
  effect.outcome = outcome_of(error.code);
  effect.error = std::move(error);
  return effect;
}

Task<Effect> Recorder::capture(PurchaseRecord purchase, Budget* budget) {
  const auto held = cache_.find(purchase.fingerprint);
  counters_.looked_up(held.card().has_value());
  StoreCall<RecordOutcome> attempt = [&](CallOptions options) {
    return store_.record_capture(purchase, RecordOptions(std::move(options)).held(held));
  };
  auto result = co_await persist<RecordOutcome>(std::move(attempt), budget);
  if (!result) {
    if (result.error().code == ErrorCode::Erased) cache_.forget_card(purchase.fingerprint);
    co_return failed(std::move(result.error()));
  }
  auto effect = effect_of(*result, purchase.keep_unknown.has_value());
  if (const auto* waiting = result->waiting()) waiting_.add({waiting->until, purchase.transaction});
  if (result->user() == nullptr) {
    cache_.forget_card(purchase.fingerprint);
  } else {
    cache_.keep(purchase.fingerprint, std::move(*result).held());
  }
  co_return effect;
}

Task<Effect> Recorder::purchase(PurchaseRecord purchase, std::optional<Fingerprint> previous,
                                Budget* budget) {
  if (previous) {
    // Not kept before it is known that the card is not linked under the pepper before either.
    auto unkept = purchase;
    unkept.keep_unknown.reset();
    auto effect = co_await capture(std::move(unkept), budget);
    if (effect.outcome != Outcome::UnknownCard) co_return effect;
    auto moved = co_await move_card(std::move(*previous), purchase.fingerprint, budget);
    if (!moved) co_return failed(std::move(moved.error()));
    // Again also if it was not there to be moved: another delivery may have moved it since the first look.
  }
  co_return co_await capture(std::move(purchase), budget);
}

Task<Result<bool>> Recorder::move_card(Fingerprint from, Fingerprint to, Budget* budget) {
  StoreCall<LinkedCard> attempt = [&](CallOptions options) {
    return loopstate::move_card(store_, from, to, std::move(options));
  };
  auto moved = co_await persist<LinkedCard>(std::move(attempt), budget);
  cache_.forget_card(from);
  if (moved) {
    note_recorded(*moved);
    co_return true;
  }
  // Linked under both, to different users: the new one counts.
  const auto code = moved.error().code;
  if (code == ErrorCode::NotFound || code == ErrorCode::CardLinkedElsewhere) co_return false;
  co_return std::unexpected(std::move(moved.error()));
}

Task<Result<void>> Recorder::bring_over(Fingerprint previous, Card linked, Budget* budget) {
  auto moved = co_await move_card(previous, linked.fingerprint, budget);
  if (!moved) co_return std::unexpected(std::move(moved.error()));
  if (*moved) co_return Result<void>{};
  StoreCall<Card> look = [&](CallOptions options) {
    return store_.lookup(linked.fingerprint, std::move(options));
  };
  const auto owner = co_await persist<Card>(std::move(look), budget);
  if (owner && owner->user != linked.user) co_return Result<void>{};
  if (!owner && owner.error().code != ErrorCode::NotFound) co_return std::unexpected(owner.error());
  // The link records what waits there, and is then moved like any other.
  const auto there = co_await link(previous, linked.user, linked.last4, budget);
  if (there.error && there.error->code != ErrorCode::CardLinkedElsewhere)
    co_return std::unexpected(*there.error);
  auto followed = co_await move_card(std::move(previous), linked.fingerprint, budget);
  if (!followed) co_return std::unexpected(std::move(followed.error()));
  co_return Result<void>{};
}

void Recorder::note_recorded(const LinkedCard& card) {
  if (card.recorded.empty()) return;
  cache_.forget_user(card.user.text());
  counters_.waited(card.recorded.size());
}

Task<Effect> Recorder::refund(RefundRecord refund, Budget* budget) {
  StoreCall<RefundOutcome> attempt = [&](CallOptions options) {
    return store_.record_refund(refund, std::move(options));
  };
  auto result = co_await persist<RefundOutcome>(std::move(attempt), budget);
  if (!result) co_return failed(std::move(result.error()));
  co_return effect_of(*result);
}

Task<Effect> Recorder::refund_by_card(TransactionId refund, Fingerprint fingerprint, ContextEvent event,
                                      Budget* budget) {
  StoreCall<Card> attempt = [&](CallOptions options) {
    return store_.lookup(fingerprint, std::move(options));
  };
  auto card = co_await persist<Card>(std::move(attempt), budget);
  if (!card && card.error().code == ErrorCode::NotFound) {
    Effect effect;
    effect.outcome = Outcome::UnknownCard;
    co_return effect;
  }
  if (!card) co_return failed(card.error());
  auto effect = co_await event_once(std::move(refund), std::move(card->user), std::move(event), budget);
  if (effect.outcome == Outcome::EventRecorded) effect.outcome = Outcome::RefundRecorded;
  co_return effect;
}

Task<Effect> Recorder::event_once(TransactionId id, UserId user, ContextEvent event, Budget* budget) {
  const auto amount = event.amount.value_or(0);
  StoreCall<Context> push = [this, user, event](CallOptions options) {
    return store_.push_event(user, event, std::move(options));
  };
  auto effect = co_await write_once(std::move(id), std::move(user), amount, std::move(push), budget);
  co_return effect;
}

Task<Effect> Recorder::write_once(TransactionId id, UserId user, std::uint64_t amount,
                                  StoreCall<Context> write, Budget* budget) {
  using Seen = std::optional<ProcessedTransaction>;
  StoreCall<Seen> look = [&](CallOptions options) { return store_.is_processed(id, std::move(options)); };
  auto seen = co_await persist<Seen>(std::move(look), budget);
  if (!seen) co_return failed(std::move(seen.error()));
  Effect effect;
  effect.user = user.text();
  if (*seen) {
    effect.outcome = Outcome::Duplicate;
    effect.seen_at = (*seen)->processed_at;
    co_return effect;
  }
  // Named after its subject, not this delivery: two deliveries of one event are one write.
  const auto write_id = crypto::hex(crypto::sha256("loopstate-event:" + id.text())).substr(0, 32);
  StoreCall<Context> named = [&](CallOptions options) {
    options.request_id(write_id);
    return write(std::move(options));
  };
  auto written = co_await persist<Context>(std::move(named), budget);
  // Written by an earlier delivery, which reported it slightly differently: with its own time.
  const bool before = !written && written.error().code == ErrorCode::RequestIdReused;
  if (!written && !before) co_return failed(std::move(written.error()));
  StoreCall<MarkOutcome> mark = [&](CallOptions options) {
    return store_.mark_processed(id, user, amount, std::move(options));
  };
  auto marked = co_await persist<MarkOutcome>(std::move(mark), budget);
  if (!marked) co_return failed(std::move(marked.error()));
  effect.outcome = marked->first ? Outcome::EventRecorded : Outcome::Duplicate;
  if (written) effect.version = written->version;
  co_return effect;
}

Task<void> Recorder::count_unlinked(Deadline deadline) {
  for (auto& watched : waiting_.take_ended(clock().now(), kUnlinkedAtOnce)) {
    // Once its time has ended, only a later delivery can still record it.
    const auto seen = co_await store_.is_processed(watched.second, CallOptions().deadline(deadline));
    if (!seen) {
      waiting_.add(std::move(watched));
    } else if (!*seen) {
      counters_.unlinked();
    }
  }
}

Task<Effect> Recorder::link(Fingerprint fingerprint, UserId user, std::string last4, Budget* budget) {
  StoreCall<LinkedCard> attempt = [&](CallOptions options) {
    return store_.link(fingerprint, user, last4, std::move(options));
  };
  auto result = co_await persist<LinkedCard>(std::move(attempt), budget);
  cache_.forget_card(fingerprint);
  if (!result) co_return failed(std::move(result.error()));
  note_recorded(*result);
  Effect effect;
  effect.outcome = Outcome::CardLinked;
  effect.recorded = result->recorded.size();
  for (const auto& capture : result->dropped) effect.dropped.push_back(capture.id);
  effect.user = user.text();
  co_return effect;
}

}  // namespace loopstate::agent
