#include "store/rules/waiting_plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "base/try.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/keys.hpp"
#include "store/rules/capture_plan.hpp"

namespace loopstate::store {
namespace {

const KnownPayment& payment_of(const KnownWaiting& known, const WaitingPurchase& purchase) {
  static const KnownPayment nothing;
  const auto found = known.payments.find(purchase.transaction.text());
  return found == known.payments.end() ? nothing : found->second;
}

// The additions one after the other, each on the state that the one before leaves.
struct Additions {
  UserView view;
  std::vector<CaptureAddition> made;
  std::vector<Capture> dropped;
};

void go_on_from(Additions& additions, CaptureAddition addition, AdditionPlan plan) {
  auto& view = additions.view;
  for (auto& capture : plan.dropped) {
    view.rows.erase(capture.id);
    additions.dropped.push_back(std::move(capture));
  }
  view.rows.insert_or_assign(addition.capture.id, addition.capture);
  view.ring = row_of(plan.next).ring;
  view.context = std::move(plan.next);
  additions.made.push_back(std::move(addition));
}

// A ring over its bound, which was lowered, shrinks with the captures to come: the steps for it would not fit
// beside those of all these purchases.
StoreSettings not_shrinking(StoreSettings settings, const UserView& view) {
  if (!view.ring) return settings;
  const auto size = std::min<std::size_t>(view.ring->size(), kMaxPendingCaptures);
  settings.max_pending_captures = std::max(settings.max_pending_captures, static_cast<std::uint32_t>(size));
  return settings;
}

// What is added and dropped at once never has a row, but leaves a trace like any other.
void add_rows(Steps& steps, const Additions& additions, const StoreSettings& settings, Timestamp now) {
  std::set<std::string> made;
  std::set<std::string> dropped;
  for (const auto& addition : additions.made) made.insert(addition.capture.id);
  for (const auto& capture : additions.dropped) dropped.insert(capture.id);
  for (const auto& addition : additions.made) {
    if (!dropped.contains(addition.capture.id)) add_captures(steps, addition, {}, settings, now);
  }
  const auto& user = additions.made.front().user;
  for (const auto& capture : additions.dropped) {
    if (!made.contains(capture.id)) {
      end_capture(steps, user, capture, Ending::Dropped, settings, now);
    } else {
      steps.add(Role::Ended, put_ended(user, capture, Ending::Dropped, now, settings));
      steps.add_lost({1, 0});
    }
  }
}

}  // namespace

std::size_t waiting_room(const StoreSettings& settings) {
  return std::min<std::size_t>(kMaxWaiting, settings.max_pending_captures);
}

std::vector<WaitingPurchase> to_record(const KnownWaiting& known, Timestamp now) {
  auto purchases = still_waiting(known.row, now);
  std::erase_if(purchases,
                [&](const auto& purchase) { return payment_of(known, purchase).mark.has_value(); });
  return purchases;
}

Result<bool> add_waiting(Steps& steps, LinkedCard& answer, const std::vector<WaitingPurchase>& purchases,
                         const KnownWaiting& known, const UserView& view, const StoreSettings& settings,
                         const WriteCall& call) {
  const auto now = call.call.now;
  const auto& user = answer.user.text();
  const auto bounds = not_shrinking(settings, view);
  Additions additions{view, {}, {}};
  for (const auto& purchase : purchases) {
    const auto& payment = payment_of(known, purchase);
    const auto mark = mark_of(purchase.transaction, user, purchase.capture, call, purchase.lifetime);
    const auto early = early_refunds(mark, payment);
    CaptureAddition addition{user, less_early_refunds(purchase.capture, early), purchase.event,
                             name_of(mark)};
    TRY(auto plan, plan_addition(addition, additions.view, bounds, now));
    if (!plan) return false;
    add_early_refund_event(plan->next, early, now);
    add_mark(steps, mark, payment);
    go_on_from(additions, std::move(addition), std::move(*plan));
  }
  const auto next = successor(*additions.view.context, view, call);
  add_context(steps, view, next);
  add_rows(steps, additions, settings, now);
  answer.version = next.version;
  for (auto& addition : additions.made) answer.recorded.push_back(std::move(addition.capture));
  answer.dropped = std::move(additions.dropped);
  return true;
}

Result<void> learn_waiting(KnownWaiting& known, const Refusals& refusals, const std::string& user) {
  for (const auto& refusal : refusals.all()) {
    if (refusal.role == Role::Waiting) {
      TRY(known.row, waiting_from_row(refusal.item));
    } else if (refusal.role == Role::Mark || refusal.role == Role::Refunds) {
      const Refusals alone({refusal});
      auto& payment = known.payments[refusal.key.pk.substr(kTransactionPrefix.size())];
      TRY_OK(learn_payment(payment, alone));
    }
  }
  return learn_user(known.user, refusals, user);
}

}  // namespace loopstate::store
