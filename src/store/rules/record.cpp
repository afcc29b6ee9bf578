// Recording a purchase: the mark, the capture, the ring, the event and the version in one transaction.
//
// Requests: one if the caller holds the card and a fresh context; two if the context is stale, since the
// refusal brings the fresh one; three if nothing is held (mark and card together, the user's rows, the
// transaction). A duplicate and an unknown card are known after the first; one more keeps the purchase of an
// unknown card. One more if a refund came before its payment.

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/birth.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rules/capture_plan.hpp"
#include "store/rules/context_write.hpp"
#include "store/rules/record_plan.hpp"

namespace loopstate {

using store::CorePtr;
using store::KnownPurchase;
using store::RecordWork;

namespace {

using CardState = KnownPurchase::CardState;
using RecordWorkPtr = std::shared_ptr<const RecordWork>;

// They are read together with what the caller's request id stands for, if anything.
Task<Result<KnownPurchase>> read_mark_and_card(CorePtr core, RecordWorkPtr work, KnownPurchase known,
                                               table::Call call) {
  const auto& request = work->call.request;
  std::vector<table::Key> keys;
  keys.push_back(store::processed_key(work->purchase.transaction.text()));
  keys.push_back(store::card_key(work->purchase.fingerprint.text()));
  if (request) keys.push_back(store::request_key(request->id));
  CO_TRY(auto rows, co_await store::read_rows(core, std::move(keys), call));
  if (request) request->standing = std::move(rows[2]);
  if (rows[0]) {
    CO_TRY(known.payment.mark, store::processed_from_row(*rows[0]));
  }
  known.mark_read = true;
  known.card_state = rows[1] ? CardState::Linked : CardState::Unlinked;
  if (rows[1]) {
    CO_TRY(known.card, store::card_from_row(*rows[1]));
  }
  co_return known;
}

Task<Result<KnownPurchase>> read_purchase(CorePtr core, RecordWorkPtr work, HeldState held,
                                          KnownPurchase known, table::Call call) {
  if (known.card_state == CardState::NotRead) {
    auto reading = read_mark_and_card(core, work, std::move(known), call);
    CO_TRY(auto read, co_await std::move(reading));
    if (read.card) {
      read.user =
          store::view_of(read.card->user.text(), held.context(), held.captures(), work->call.call.now);
    }
    co_return read;
  }
  CO_TRY(known.user, co_await store::load_view(core, known.card->user.text(), call));
  co_return known;
}

KnownPurchase known_from(const RecordWork& work, const HeldState& held) {
  KnownPurchase known;
  if (!held.card() || held.card()->fingerprint != work.purchase.fingerprint) return known;
  known.card = held.card();
  known.card_state = CardState::Linked;
  known.user = store::view_of(known.card->user.text(), held.context(), held.captures(), work.call.call.now);
  return known;
}

Result<void> check_wait(std::chrono::seconds wait) {
  if (wait.count() >= 1 && wait <= kMaxWait) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("keep_unknown is {} s; 1 to {} s are expected", wait.count(), kMaxWait.count()));
}

// Without a wait a call is hashed as it always was.
Result<store::WriteCall> begin_call(const store::Core& core, const PurchaseRecord& purchase,
                                    const CallFields& options) {
  const auto begin = [&](const auto&... more) {
    return store::begin_write(core, options, "record_capture", purchase.transaction, purchase.fingerprint,
                              purchase.capture, purchase.event, purchase.transaction_lifetime, more...);
  };
  return purchase.keep_unknown ? begin(*purchase.keep_unknown) : begin();
}

Result<RecordWorkPtr> begin_recording(const CorePtr& core, PurchaseRecord purchase,
                                      const CallFields& options) {
  TRY(auto call, begin_call(*core, purchase, options));
  TRY_OK(store::check_capture(purchase.capture));
  TRY_OK(store::check_event(purchase.event));
  if (purchase.transaction_lifetime) {
    TRY_OK(check_lifetime("transaction_lifetime", *purchase.transaction_lifetime));
  }
  if (purchase.keep_unknown) {
    TRY_OK(check_wait(*purchase.keep_unknown));
  }
  const auto stored_at = store::born_at(call.call.now, purchase.event.timestamp);
  purchase.capture =
      store::complete_capture(std::move(purchase.capture), core->settings, call.write_id, stored_at);
  return std::make_shared<const RecordWork>(RecordWork{std::move(purchase), core->settings, std::move(call)});
}

store::Rule<KnownPurchase, RecordOutcome> record_rule(CorePtr core, RecordWorkPtr work, HeldState held) {
  store::Rule<KnownPurchase, RecordOutcome> rule;
  rule.subject = "the state of the card's owner";
  rule.plan = [work](const KnownPurchase& known) { return store::plan_record(*work, known); };
  rule.read = [core, work, held = std::move(held)](KnownPurchase known, table::Call call) {
    return read_purchase(core, work, held, std::move(known), call);
  };
  rule.learn = store::learn_purchase;
  return rule;
}

Task<Result<RecordOutcome>> record_capture_on(CorePtr core, ByName<PurchaseRecord> purchase,
                                              RecordOptions options) {
  CO_TRY(auto work, begin_recording(core, std::move(purchase).value(), options));
  auto held = std::move(options).held();
  auto known = known_from(*work, held);
  auto recording =
      store::run_rule(core, record_rule(core, work, std::move(held)), std::move(known), work->call);
  co_return co_await store::once(core, work->call, std::move(recording), store::Repetition::IsToldByItself);
}

}  // namespace

Task<Result<RecordOutcome>> Store::record_capture(ByName<PurchaseRecord> purchase, RecordOptions options) {
  return record_capture_on(core_, std::move(purchase), std::move(options));
}

}  // namespace loopstate
