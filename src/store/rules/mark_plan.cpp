#include "store/rules/mark_plan.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/try.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rules/refunded_capture.hpp"

namespace loopstate::store {
namespace {

// The mark and what belongs to it.
Write<Marked> begin_write(const MarkWork& work, const KnownMark& known) {
  Write<Marked> write;
  write.user = work.user;
  add_mark(write.steps, work.mark, known.payment);
  if (work.claim) write.steps.add(Role::Claim, *work.claim);
  return write;
}

Result<Plan<Marked>> mark_with_user(const MarkWork& work, const KnownMark& known, const RefundBalance& early,
                                    const UserView& view) {
  if (lacks_capture(view, work.result)) return Read{};
  const auto now = work.call.call.now;
  auto next = changed_from(view, work.user, now);
  add_early_refund_event(next, early, now);
  next = successor(std::move(next), view, work.call);
  auto write = begin_write(work, known);
  add_context(write.steps, view, next);
  if (const auto* capture = pending_capture(view, work.result)) {
    write.steps.add(Role::Capture,
                    set_refunded(pending_key(work.user, capture->id), capture->refunded.minor_units,
                                 refunded_after(*capture, 0, early.refunded)));
  }
  return write;
}

Result<void> learn_mark(const MarkWork& work, KnownMark& known, const Refusals& refusals) {
  TRY_OK(learn_payment(known.payment, refusals));
  known.claim_refused = refusals.refused(Role::Claim);
  auto learnt = learn_user(known.user, refusals, work.user);
  if (learnt || learnt.error().code != ErrorCode::Erased) return learnt;
  known.erased = true;
  return {};
}

Task<Result<KnownMark>> read_user(CorePtr core, std::string user, table::Call call, KnownMark known) {
  auto view = co_await load_view(std::move(core), std::move(user), call);
  if (view) {
    known.user = std::move(*view);
  } else if (view.error().code == ErrorCode::Erased) {
    known.erased = true;
  } else {
    co_return std::unexpected(std::move(view.error()));
  }
  co_return known;
}

}  // namespace

Result<Plan<Marked>> plan_mark(const MarkWork& work, const KnownMark& known) {
  if (known.payment.mark) return Settled<Marked>{{Marked::How::Standing, known.payment.mark}, false};
  if (known.claim_refused) return Settled<Marked>{{Marked::How::ClaimRefused, std::nullopt}, false};
  const auto early = early_refunds(work.mark, known.payment);
  if (early.refunded == 0 || known.erased) return begin_write(work, known);
  return plan_on(known.user, work.call.call.now,
                 [&](const UserView& view) { return mark_with_user(work, known, early, view); });
}

Task<Result<Marked>> write_mark(CorePtr core, MarkWork asked, std::string answer) {
  auto work = std::make_shared<const MarkWork>(std::move(asked));
  Rule<KnownMark, Marked> rule;
  rule.subject = fmt::format("what is known of transaction {}",
                             work->mark.item.key.pk.substr(kTransactionPrefix.size()));
  rule.plan = [work](const KnownMark& known) { return plan_mark(*work, known); };
  rule.read = [core, work](KnownMark known, table::Call call) {
    return read_user(core, work->user, call, std::move(known));
  };
  rule.learn = [work](KnownMark& known, const Refusals& refusals) {
    return learn_mark(*work, known, refusals);
  };
  rule.keep = [answer = std::move(answer)](const Marked&) { return answer; };
  return run_rule(std::move(core), std::move(rule), KnownMark{}, work->call);
}

}  // namespace loopstate::store
