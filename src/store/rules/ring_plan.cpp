#include "store/rules/ring_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/context_access.hpp"
#include "store/rules/capture_plan.hpp"

namespace loopstate::store {
namespace {

// The transaction had already been seen in another call: nothing was added.
AddedCapture seen_before(const KnownRing& known) {
  AddedCapture::SeenBefore seen;
  if (const auto& id = known.payment.mark->record.result) seen.capture_id = *id;
  if (known.user && known.user->context) seen.version = known.user->context->version;
  return AddedCapture(std::move(seen));
}

Result<Plan<AddedCapture>> add_on(const AdditionWork& work, const KnownRing& known, const UserView& view) {
  const auto now = work.call.call.now;
  std::optional<table::Put> mark;
  RefundBalance early;
  if (work.transaction) {
    mark = mark_of(*work.transaction, work.user, work.capture, work.call, work.settings.transaction_lifetime);
    early = early_refunds(*mark, known.payment);
  }
  CaptureAddition addition{work.user, less_early_refunds(work.capture, early), std::nullopt, std::nullopt};
  if (mark) addition.mark = name_of(*mark);
  TRY(auto plan, plan_addition(addition, view, work.settings, now));
  if (!plan) return Read{};
  add_early_refund_event(plan->next, early, now);
  const auto next = successor(std::move(plan->next), view, work.call);

  Write<AddedCapture> write;
  add_context(write.steps, view, next);
  if (mark) add_mark(write.steps, *mark, known.payment);
  add_captures(write.steps, addition, plan->dropped, work.settings, now);
  write.user = work.user;
  write.answer =
      AddedCapture(AddedCapture::Added{std::move(addition.capture), std::move(plan->dropped), next.version});
  return write;
}

Result<Plan<Capture>> settle_on(const SettlingWork& work, const UserView& view) {
  const auto& id = work.capture_id;
  if (!view.ring) return Read{};
  const auto row = view.rows.find(id);
  // It is reported missing only after the rows were read: the ring may be behind them.
  const bool in_ring = std::ranges::find(*view.ring, id) != view.ring->end();
  if (!view.whole && !(in_ring && row != view.rows.end())) return Read{};
  if (row == view.rows.end()) {
    return fail(ErrorCode::NotFound, fmt::format("user {} has no pending capture {}", work.user, id));
  }
  auto next = changed_from(view, work.user, work.call.call.now);
  std::erase(*row_of(next).ring, id);
  next = successor(std::move(next), view, work.call);

  Write<Capture> write;
  add_context(write.steps, view, next);
  end_capture(write.steps, work.user, row->second, Ending::Settled, work.settings, work.call.call.now);
  write.user = work.user;
  write.answer = row->second;
  return write;
}

}  // namespace

Result<Plan<AddedCapture>> plan_addition_alone(const AdditionWork& work, const KnownRing& known) {
  if (known.payment.mark) return Settled<AddedCapture>{seen_before(known), false};
  return plan_on(known.user, work.call.call.now,
                 [&](const UserView& view) { return add_on(work, known, view); });
}

Result<Plan<Capture>> plan_settling(const SettlingWork& work, const KnownRing& known) {
  return plan_on(known.user, work.call.call.now, [&](const UserView& view) { return settle_on(work, view); });
}

Result<Plan<bool>> plan_ring_anew(const std::string& user, const WriteCall& call, const KnownRing& known) {
  if (!known.user || !known.user->ring) return Read{};
  const auto& view = *known.user;
  const auto next = successor(changed_from(view, user, call.call.now), view, call);
  Write<bool> write;
  add_context(write.steps, view, next);
  write.answer = true;
  write.user = user;
  return write;
}

Task<Result<KnownRing>> read_ring(CorePtr core, std::string user, table::Call call, KnownRing known) {
  CO_TRY(known.user, co_await load_view(std::move(core), std::move(user), call));
  co_return known;
}

Result<void> learn_ring(KnownRing& known, const Refusals& refusals, const std::string& user) {
  TRY_OK(learn_payment(known.payment, refusals));
  if (known.payment.mark) return {};
  return learn_user(known.user, refusals, user);
}

}  // namespace loopstate::store
