#include "store/rules/record_plan.hpp"

#include <algorithm>
#include <utility>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/waited_row.hpp"
#include "store/rules/capture_plan.hpp"
#include "store/rules/waiting_plan.hpp"

namespace loopstate::store {
namespace {

using CardState = KnownPurchase::CardState;

// There is a mark.
Settled<RecordOutcome> duplicate(const RecordWork& work, const ProcessedRow& mark) {
  return {RecordOutcome(RecordOutcome::Duplicate{mark.record}), !is_made_by(mark, work.call)};
}

RecordOutcome recorded_for(const Card& card, const std::string& id, std::vector<Capture> dropped,
                           std::vector<Capture> captures, Context next) {
  RecordOutcome::Recorded recorded{card.user, id, std::move(dropped), next.version};
  return RecordOutcome(std::move(recorded),
                       HeldState().card(card).context(std::move(next)).captures(std::move(captures)));
}

Result<Plan<RecordOutcome>> plan_write(const RecordWork& work, const KnownPurchase& known,
                                       const UserView& view) {
  const auto& card = *known.card;
  const auto& purchase = work.purchase;
  const auto now = work.call.call.now;
  const auto mark =
      mark_of(purchase.transaction, card.user.text(), purchase.capture, work.call, work.lifetime());
  const auto early = early_refunds(mark, known.payment);
  const CaptureAddition addition{card.user.text(), less_early_refunds(purchase.capture, early),
                                 purchase.event, name_of(mark)};
  TRY(auto plan, plan_addition(addition, view, work.settings, now));
  if (!plan) return Read{};
  add_early_refund_event(plan->next, early, now);
  auto next = successor(std::move(plan->next), view, work.call);

  Write<RecordOutcome> write;
  add_context(write.steps, view, next);
  add_mark(write.steps, mark, known.payment);
  write.steps.add(Role::Card,
                  table::Check{card_key(purchase.fingerprint.text()), belongs_to(card.user.text())});
  add_captures(write.steps, addition, plan->dropped, work.settings, now);
  write.user = card.user.text();
  auto captures = captures_after(addition, view, next);
  write.answer =
      recorded_for(card, addition.capture.id, std::move(plan->dropped), std::move(captures), std::move(next));
  return write;
}

// Nobody has linked the card.
Plan<RecordOutcome> plan_wait(const RecordWork& work, const KnownPurchase& known) {
  const auto now = work.call.call.now;
  const auto& purchase = work.purchase;
  auto waiting = still_waiting(known.waiting, now);
  const auto same = std::ranges::find(waiting, purchase.transaction, &WaitingPurchase::transaction);
  if (same != waiting.end()) {
    const bool is_first = same->write_id != mark_id(work.call);
    return Settled<RecordOutcome>{RecordOutcome(RecordOutcome::Waiting{same->until}), is_first};
  }
  if (waiting.size() >= waiting_room(work.settings)) return Settled<RecordOutcome>{};
  const auto until = std::min(saturating_add(now, *purchase.keep_unknown), purchase.capture.kept_until);
  WaitingPurchase added{
      purchase.transaction,           purchase.capture, purchase.event, work.lifetime(), until,
      std::string(mark_id(work.call))};
  auto waited = put_waited(added, now);
  waiting.push_back(std::move(added));

  const auto& fingerprint = purchase.fingerprint.text();
  Write<RecordOutcome> write;
  write.steps.add(Role::Card, table::Check{card_key(fingerprint), table::Condition::item_absent()});
  write.steps.add(Role::Waiting, put_waiting(fingerprint, known.waiting, waiting, work.call.write_id));
  write.steps.add(Role::Waited, std::move(waited));
  write.answer = RecordOutcome(RecordOutcome::Waiting{until});
  return write;
}

}  // namespace

std::chrono::seconds RecordWork::lifetime() const {
  return purchase.transaction_lifetime.value_or(settings.transaction_lifetime);
}

Result<Plan<RecordOutcome>> plan_record(const RecordWork& work, const KnownPurchase& known) {
  if (known.payment.mark) return duplicate(work, *known.payment.mark);
  if (known.card_state == CardState::NotRead) return Read{};
  // Without a mark the payment was not recorded under any id.
  if (known.card_state == CardState::Unlinked) {
    if (work.purchase.keep_unknown) return plan_wait(work, known);
    return Settled<RecordOutcome>{{}, known.mark_read};
  }
  return plan_on(known.user, work.call.call.now,
                 [&](const UserView& view) { return plan_write(work, known, view); });
}

Result<void> learn_purchase(KnownPurchase& known, const Refusals& refusals) {
  TRY_OK(learn_payment(known.payment, refusals));
  if (known.payment.mark) return {};
  if (refusals.refused(Role::Card)) {
    const auto row = refusals.item(Role::Card);
    known.user.reset();
    known.mark_read = false;
    if (!row) {
      known.card_state = CardState::Unlinked;
      known.card.reset();
      return {};
    }
    TRY(auto card, card_from_row(*row));
    known.card = std::move(card);
    known.card_state = CardState::Linked;
    return {};
  }
  if (refusals.refused(Role::Waiting)) {
    TRY(known.waiting, waiting_from_row(refusals.item(Role::Waiting)));
    return {};
  }
  return learn_user(known.user, refusals, known.card->user.text());
}

}  // namespace loopstate::store
