#include "agent/recorder.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "agent/persist.hpp"
#include "crypto/hash.hpp"
#include "store/core.hpp"
#include "webhook/age.hpp"

namespace loopstate::agent {
namespace {

// Whatever the agent marks as seen can be delivered again for as long as a payment can: one lifetime for
// payments, refunds, events, proofs and claims.
Store remembering(const Store& store) {
  return store.with_transaction_lifetime(
      std::max(store.settings().transaction_lifetime, webhook::kMarkerLifetime));
}

}  // namespace

Recorder::Recorder(Store store, RecorderOptions options, log::Logger log)
    : store_(remembering(store)), options_(options), cache_(options.cache), log_(std::move(log)) {}

Effort Recorder::begin(std::chrono::milliseconds limit, Deadline deadline) const {
  Effort effort;
  effort.deadline = std::min(deadline, pacer().now() + limit);
  return effort;
}

void describe(const Done& done, log::Fields& fields) {
  if (!done.user.empty()) fields.put("user", done.user);
  if (!done.capture_id.empty()) fields.put("capture", done.capture_id);
  if (!done.dropped.empty()) fields.put("dropped", done.dropped.size());
  if (!done.reason.empty()) fields.put("reason", done.reason);
  if (done.error) {
    fields.put("error", done.error->code);
    fields.put("error_message", done.error->message);
  }
}

std::optional<Done> past_capturing(webhook::Age age) {
  if (age == webhook::Age::Young) return std::nullopt;
  Done done;
  if (age == webhook::Age::Old) {
    done.outcome = Outcome::TooOld;
    done.reason = "the payment is older than the agent remembers payments, so it may have been captured";
  } else {
    done.outcome = Outcome::ClockDoubted;
    done.reason =
        "by this machine's clock the payment is too old to be captured, but the event itself was not made "
        "these days either: set the clock right, and the payment is taken when it is delivered again";
  }
  return done;
}

Done Recorder::failed(Error error) {
  Done done;
  done.outcome = outcome_of(error.code);
  done.error = std::move(error);
  return done;
}

Task<Done> Recorder::capture(PurchaseRecord purchase, Effort* effort) {
  const auto held = cache_.find(purchase.fingerprint);
  counters_.looked_up(held.card.has_value());
  std::function<Task<Result<RecordOutcome>>(CallOptions)> attempt = [&](CallOptions options) {
    return store_.record_capture(purchase, held, std::move(options));
  };
  auto result = co_await persist<RecordOutcome>(std::move(attempt), effort);
  if (!result) {
    if (result.error().code == ErrorCode::Erased) cache_.forget_card(purchase.fingerprint);
    co_return failed(std::move(result.error()));
  }
  Done done;
  done.user = std::move(result->user);
  done.version = result->version;
  switch (result->state) {
    case RecordOutcome::State::Recorded:
      done.outcome = Outcome::Recorded;
      done.capture_id = std::move(result->capture_id);
      for (auto& capture : result->dropped) done.dropped.push_back(std::move(capture.id));
      break;
    case RecordOutcome::State::Duplicate:
      done.outcome = Outcome::Duplicate;
      if (result->seen) done.seen_at = result->seen->processed_at;
      break;
    case RecordOutcome::State::UnknownCard:
      done.outcome = Outcome::UnknownCard;
      cache_.forget_card(purchase.fingerprint);
      co_return done;
  }
  cache_.keep(purchase.fingerprint, std::move(result->held));
  co_return done;
}

Task<Done> Recorder::refund(RefundRecord refund, Effort* effort) {
  std::function<Task<Result<RefundOutcome>>(CallOptions)> attempt = [&](CallOptions options) {
    return store_.record_refund(refund, HeldState{}, std::move(options));
  };
  auto result = co_await persist<RefundOutcome>(std::move(attempt), effort);
  if (!result) co_return failed(std::move(result.error()));
  Done done;
  done.user = std::move(result->user);
  done.version = result->version;
  switch (result->state) {
    case RefundOutcome::State::Recorded:
      done.outcome = Outcome::RefundRecorded;
      break;
    case RefundOutcome::State::Undone:
      done.outcome = Outcome::RefundUndone;
      break;
    case RefundOutcome::State::Duplicate:
      done.outcome = Outcome::Duplicate;
      break;
    case RefundOutcome::State::Noted:
      done.outcome = Outcome::RefundNoted;
      done.reason = "remembered; what is refunded of the payment stays the same";
      break;
    case RefundOutcome::State::ExceedsPayment:
      done.outcome = Outcome::RefundExceeds;
      done.reason = "more than was paid and not yet refunded; only that much was taken off";
      break;
    case RefundOutcome::State::OtherCurrency:
      done.outcome = Outcome::RefundOtherCurrency;
      done.reason = "not in the currency of the payment; nothing was taken off";
      break;
    case RefundOutcome::State::UnknownPayment:
      done.outcome = Outcome::UnknownPayment;
      done.reason = "remembered, in case the payment comes later";
      break;
  }
  co_return done;
}

Task<Done> Recorder::refund_by_card(TransactionId refund, Fingerprint fingerprint, ContextEvent event,
                                    Effort* effort) {
  std::function<Task<Result<Card>>(CallOptions)> attempt = [&](CallOptions options) {
    return store_.lookup(fingerprint, std::move(options));
  };
  const auto card = co_await persist<Card>(std::move(attempt), effort);
  if (!card && card.error().code == ErrorCode::NotFound) {
    Done done;
    done.outcome = Outcome::UnknownCard;
    co_return done;
  }
  if (!card) co_return failed(card.error());
  auto user = UserId::parse(card->user_pubkey);
  if (!user) co_return failed(std::move(user.error()));
  auto done = co_await event_once(std::move(refund), std::move(*user), std::move(event), effort);
  if (done.outcome == Outcome::EventRecorded) done.outcome = Outcome::RefundRecorded;
  co_return done;
}

Task<Done> Recorder::event_once(TransactionId id, UserId user, ContextEvent event, Effort* effort) {
  const auto amount = event.amount.value_or(0);
  std::function<Task<Result<Context>>(CallOptions)> push = [this, user, event](CallOptions options) {
    return store_.push_event(user, event, std::nullopt, std::move(options));
  };
  auto done = co_await write_once(std::move(id), std::move(user), amount, std::move(push), effort);
  co_return done;
}

Task<Done> Recorder::write_once(TransactionId id, UserId user, std::uint64_t amount,
                                std::function<Task<Result<Context>>(CallOptions)> write, Effort* effort) {
  using Seen = std::optional<ProcessedTransaction>;
  std::function<Task<Result<Seen>>(CallOptions)> look = [&](CallOptions options) {
    return store_.is_processed(id, std::move(options));
  };
  auto seen = co_await persist<Seen>(std::move(look), effort);
  if (!seen) co_return failed(std::move(seen.error()));
  Done done;
  done.user = user.text();
  if (*seen) {
    done.outcome = Outcome::Duplicate;
    done.seen_at = (*seen)->processed_at;
    co_return done;
  }
  // Named after what it is about, not after this delivery: two deliveries of one event are one write.
  const auto write_id = crypto::hex(crypto::sha256("loopstate-event:" + id.text())).substr(0, 32);
  std::function<Task<Result<Context>>(CallOptions)> named = [&](CallOptions options) {
    options.request_id = write_id;
    return write(std::move(options));
  };
  auto written = co_await persist<Context>(std::move(named), effort);
  // Written by an earlier delivery, which told it a little differently: with the time of its own.
  const bool before = !written && written.error().code == ErrorCode::RequestIdReused;
  if (!written && !before) co_return failed(std::move(written.error()));
  std::function<Task<Result<MarkOutcome>>(CallOptions)> mark = [&](CallOptions options) {
    return store_.mark_processed(id, user, amount, std::move(options));
  };
  auto marked = co_await persist<MarkOutcome>(std::move(mark), effort);
  if (!marked) co_return failed(std::move(marked.error()));
  done.outcome = marked->first ? Outcome::EventRecorded : Outcome::Duplicate;
  if (written) done.version = written->version;
  co_return done;
}

Task<Done> Recorder::link(Fingerprint fingerprint, UserId user, std::string last4, Effort* effort) {
  std::function<Task<Result<Card>>(CallOptions)> attempt = [&](CallOptions options) {
    return store_.link(fingerprint, user, last4, IfLinkedElsewhere::Refuse, std::move(options));
  };
  auto result = co_await persist<Card>(std::move(attempt), effort);
  cache_.forget_card(fingerprint);
  if (!result) co_return failed(std::move(result.error()));
  Done done;
  done.outcome = Outcome::CardLinked;
  done.user = user.text();
  co_return done;
}

}  // namespace loopstate::agent
