// Recording a purchase: the mark, the capture, the ring, the event and the version in one transaction.
//
// Requests: one when the caller holds the card and a fresh context; two when the context is stale, since the
// refusal brings the fresh one; three when nothing is held (mark and card together, the user's rows, the
// transaction). A duplicate and an unknown card are known after the first. One more where a refund came
// before its payment.

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/birth.hpp"
#include "store/capture_plan.hpp"
#include "store/capture_row.hpp"
#include "store/card_row.hpp"
#include "store/context_write.hpp"
#include "store/keys.hpp"
#include "store/payment_mark.hpp"
#include "store/processed_row.hpp"
#include "store/request.hpp"

namespace loopstate {

using store::CorePtr;
using store::UserEnding;
using store::UserPlan;
using store::UserTransaction;
using store::UserView;

namespace {

// How often a card may change hands under one call.
constexpr int kMaxTurns = 8;

// One call's state, shared with the plan and the refusals' judge.
struct Attempt {
  Attempt(PurchaseRecord what, store::WriteCall how) : purchase(std::move(what)), call(std::move(how)) {}

  PurchaseRecord purchase;
  store::WriteCall call;
  store::PaymentMarkPtr mark = std::make_shared<store::PaymentMark>();
  std::vector<Capture> dropped;
  bool card_refused = false;
  std::optional<table::Item> card_row;  // the card as it is now, when it refused
};

using AttemptPtr = std::shared_ptr<Attempt>;

RecordOutcome unknown_card() {
  return RecordOutcome{};
}

// What is known before anything is written.
struct Start {
  std::optional<table::Item> mark;
  std::optional<Card> card;
};

// With them comes what the caller's request id stands for, if anything.
Task<Result<Start>> read_mark_and_card(CorePtr core, PurchaseRecord purchase, store::WriteCall call) {
  std::vector<table::Key> keys;
  keys.push_back(store::processed_key(purchase.transaction.text()));
  keys.push_back(store::card_key(purchase.fingerprint.text()));
  if (call.request) keys.push_back(store::request_key(call.request->id));
  CO_TRY(auto rows, co_await store::read_rows(core, std::move(keys), call.call));
  if (call.request) call.request->standing = std::move(rows[2]);
  Start start;
  start.mark = std::move(rows[0]);
  if (const auto& card_row = rows[1]) {
    CO_TRY(auto card, store::card_from_row(*card_row));
    start.card = std::move(card);
  }
  co_return start;
}

// The capture with what was taken back before it was there.
Capture capture_of(const Attempt& attempt) {
  return store::less_early_refunds(attempt.purchase.capture, *attempt.mark);
}

// The part of the answer that is known before it is written.
RecordOutcome outcome_of(const Attempt& attempt, const std::string& user, const Context& next) {
  RecordOutcome outcome;
  outcome.state = RecordOutcome::State::Recorded;
  outcome.user = user;
  outcome.capture_id = attempt.purchase.capture.id;
  outcome.dropped = attempt.dropped;
  outcome.version = next.version;
  return outcome;
}

UserTransaction transaction_for(CorePtr core, AttemptPtr attempt, const Card& card,
                                std::optional<UserView> held) {
  UserTransaction work;
  work.user = card.user_pubkey;
  work.held = std::move(held);
  const auto& purchase = attempt->purchase;
  attempt->mark->put =
      store::mark_of(purchase.transaction, card.user_pubkey, purchase.capture, attempt->call,
                     purchase.transaction_lifetime.value_or(core->settings.transaction_lifetime));
  work.plan = [core, attempt, user = card.user_pubkey](const UserView& view) {
    store::CaptureAddition addition{user, capture_of(*attempt), attempt->purchase.event,
                                    store::name_of(*attempt->mark)};
    auto plan =
        store::plan_addition(addition, view, core->settings, attempt->call.call.now, attempt->dropped);
    if (plan && *plan) {
      auto& operations = (*plan)->operations;
      operations.insert(
          operations.begin(),
          table::Check{store::card_key(attempt->purchase.fingerprint.text()), store::belongs_to(user)});
    }
    return plan;
  };
  work.answer = [attempt, user = card.user_pubkey](const Context& next) {
    return store::encode_answer(outcome_of(*attempt, user, next));
  };
  work.stop = [attempt](const auto& refusals) {
    attempt->card_refused = refusals.front().refused;
    attempt->card_row = refusals.front().item;
    return attempt->card_refused;
  };
  return work;
}

RecordOutcome recorded(const Attempt& attempt, Card card, UserView view) {
  auto outcome = outcome_of(attempt, card.user_pubkey, *view.context);
  view.rows.insert_or_assign(attempt.purchase.capture.id, capture_of(attempt));
  outcome.held.captures = store::newest_first(view);
  outcome.held.context = std::move(view.context);
  outcome.held.card = std::move(card);
  return outcome;
}

// A mark is there: a duplicate.
Result<RecordOutcome> marked(const Attempt& attempt, const table::Item& mark) {
  TRY(auto seen, store::processed_from_row(mark));
  const auto& call = attempt.call;
  if (call.request) call.request->is_first = !store::is_made_by(seen, call);
  RecordOutcome outcome;
  outcome.state = RecordOutcome::State::Duplicate;
  outcome.user = seen.record.user_pubkey;
  outcome.seen = std::move(seen.record);
  return outcome;
}

Result<AttemptPtr> make_attempt(const CorePtr& core, PurchaseRecord purchase, const CallOptions& options) {
  TRY(auto call,
      store::begin_write(*core, options, "record_capture", purchase.transaction, purchase.fingerprint,
                         purchase.capture, purchase.event, purchase.transaction_lifetime));
  TRY_OK(store::check_capture(purchase.capture));
  TRY_OK(store::check_event(purchase.event));
  if (purchase.transaction_lifetime) {
    TRY_OK(check_lifetime("transaction_lifetime", *purchase.transaction_lifetime));
  }
  const auto stored_at = store::born_at(call.call.now, purchase.event.timestamp);
  purchase.capture =
      store::complete_capture(std::move(purchase.capture), core->settings, call.write_id, stored_at);
  return std::make_shared<Attempt>(std::move(purchase), std::move(call));
}

Task<Result<RecordOutcome>> record(CorePtr core, AttemptPtr attempt, HeldState held) {
  const auto& call = attempt->call;
  std::optional<Card> card;
  if (held.card && held.card->fingerprint == attempt->purchase.fingerprint.text())
    card = std::move(held.card);
  for (int turn = 0; turn < kMaxTurns; ++turn) {
    if (!card) {
      CO_TRY(auto start, co_await read_mark_and_card(core, attempt->purchase, call));
      if (start.mark) co_return marked(*attempt, *start.mark);
      if (!start.card) {
        // Without a mark the payment was recorded under no id.
        if (call.request) call.request->is_first = true;
        co_return unknown_card();
      }
      card = std::move(start.card);
    }
    auto view = store::view_of(card->user_pubkey, held.context, held.captures, call.call.now);
    auto work = transaction_for(core, attempt, *card, std::move(view));
    CO_TRY(auto ending, co_await store::run_payment_transaction(core, std::move(work), attempt->mark, call));
    if (ending.how == UserEnding::How::Written) {
      co_return recorded(*attempt, std::move(*card), std::move(ending.view));
    }
    if (const auto& standing = attempt->mark->standing) co_return marked(*attempt, *standing);
    if (!attempt->card_row) co_return unknown_card();
    CO_TRY(auto now_owned, store::card_from_row(*attempt->card_row));
    card = std::move(now_owned);
  }
  co_return fail(ErrorCode::Unavailable, "the card's owner kept changing while the payment was recorded",
                 true);
}

}  // namespace

Task<Result<RecordOutcome>> Store::record_capture(PurchaseRecord purchase, HeldState held,
                                                  CallOptions options) {
  auto core = core_;
  CO_TRY(auto attempt, make_attempt(core, std::move(purchase), options));
  auto call = attempt->call;
  auto work = record(core, std::move(attempt), std::move(held));
  co_return co_await store::once(core, std::move(call), std::move(work), store::Repetition::IsToldByItself);
}

}  // namespace loopstate
