// Pending captures: add, list, settle.

#include <fmt/format.h>

#include <algorithm>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/capture_plan.hpp"
#include "store/capture_row.hpp"
#include "store/context_write.hpp"
#include "store/held.hpp"
#include "store/keys.hpp"
#include "store/payment_mark.hpp"
#include "store/processed_row.hpp"
#include "store/request.hpp"
#include "store/ring.hpp"

namespace loopstate {

using store::CorePtr;
using store::UserEnding;
using store::UserPlan;
using store::UserTransaction;
using store::UserView;

namespace {

// What the plan has to tell the call that waits for it.
struct AddNotes {
  Capture capture;
  std::vector<Capture> dropped;
};

// The transaction was seen in another call: nothing was added.
AddedCapture seen_before(store::ProcessedRow seen, const UserView& view) {
  AddedCapture added;
  added.first = false;
  if (seen.record.result) added.capture.id = std::move(*seen.record.result);
  added.version = view.context ? view.context->version : 0;
  return added;
}

Result<Capture> find_capture(const UserView& view, const std::string& user, const std::string& id) {
  const auto row = view.rows.find(id);
  if (row != view.rows.end()) return row->second;
  return fail(ErrorCode::NotFound, fmt::format("user {} has no pending capture {}", user, id));
}

// A settled capture leaves ring and table together.
Result<std::optional<UserPlan>> plan_settling(const UserView& view, const std::string& user,
                                              const std::string& id, UnixSeconds now, Capture& settled) {
  if (!view.ring) return std::nullopt;
  // That it is not there is only said of rows that were read: the ring may be behind them.
  const bool in_ring = std::ranges::find(*view.ring, id) != view.ring->end();
  if (!view.whole && !(in_ring && view.rows.contains(id))) return std::nullopt;
  TRY(auto capture, find_capture(view, user, id));
  UserPlan plan;
  plan.next = view.context ? *view.context : new_context(user, now);
  auto ring = *view.ring;
  std::erase(ring, id);
  plan.next.row.ring = std::move(ring);
  plan.operations.emplace_back(store::erase_capture(user, capture));
  settled = std::move(capture);
  return plan;
}

// What a call that adds has to do.
struct Addition {
  std::string user;
  Capture capture;  // complete
  std::optional<TransactionId> transaction;
  std::optional<Context> held;
};

AddedCapture answer_of(const AddNotes& notes, const Context& next) {
  AddedCapture added;
  added.capture = notes.capture;
  added.dropped = notes.dropped;
  added.version = next.version;
  return added;
}

Task<Result<AddedCapture>> add(CorePtr core, Addition asked, store::WriteCall call) {
  auto notes = std::make_shared<AddNotes>();
  auto payment = std::make_shared<store::PaymentMark>();
  if (asked.transaction)
    payment->put = store::mark_of(*asked.transaction, asked.user, asked.capture, call,
                                  core->settings.transaction_lifetime);

  UserTransaction work;
  work.user = asked.user;
  work.held = store::view_of(asked.user, asked.held, std::nullopt, call.call.now);
  work.plan = [core, notes, payment, name = asked.user, capture = asked.capture,
               now = call.call.now](const UserView& view) {
    notes->capture = store::less_early_refunds(capture, *payment);
    store::CaptureAddition addition{name, notes->capture, std::nullopt, store::name_of(*payment)};
    return store::plan_addition(addition, view, core->settings, now, notes->dropped);
  };
  work.answer = [notes](const Context& next) { return store::encode_answer(answer_of(*notes, next)); };
  auto running = asked.transaction ? store::run_payment_transaction(core, std::move(work), payment, call)
                                   : store::run_user_transaction(core, std::move(work), call);
  CO_TRY(auto ending, co_await std::move(running));
  if (ending.how == UserEnding::How::Stopped) {
    CO_TRY(auto seen, store::processed_from_row(*payment->standing));
    co_return seen_before(std::move(seen), ending.view);
  }
  co_return answer_of(*notes, *ending.view.context);
}

Task<Result<Capture>> settle(CorePtr core, std::string user, std::string id, std::optional<Context> held,
                             store::WriteCall call) {
  auto settled = std::make_shared<Capture>();
  UserTransaction work;
  work.user = user;
  work.held = store::view_of(user, held, std::nullopt, call.call.now);
  work.plan = [user, id, settled, now = call.call.now](const UserView& view) {
    return plan_settling(view, user, id, now, *settled);
  };
  work.answer = [settled](const Context&) { return store::encode_answer(*settled); };
  CO_TRY_OK(co_await store::run_user_transaction(core, std::move(work), std::move(call)));
  co_return std::move(*settled);
}

}  // namespace

Task<Result<AddedCapture>> Store::add_capture(UserId user, Capture capture,
                                              std::optional<TransactionId> transaction,
                                              std::optional<Context> held, CallOptions options) {
  auto core = core_;
  CO_TRY(auto call, store::begin_write(*core, options, "add_capture", user, capture, transaction));
  CO_TRY_OK(store::check_capture(capture));
  CO_TRY_OK(store::check_held(user.text(), held));
  capture = store::complete_capture(std::move(capture), core->settings, call.write_id, call.call.now);
  const auto repetition = transaction ? store::Repetition::IsToldByItself : store::Repetition::MayDoItTwice;
  Addition asked{user.text(), std::move(capture), std::move(transaction), std::move(held)};
  auto work = add(core, std::move(asked), call);
  co_return co_await store::once(core, std::move(call), std::move(work), repetition);
}

Task<Result<std::vector<Capture>>> Store::list_captures(UserId user, CallOptions options) {
  auto core = core_;
  CO_TRY(const auto call, store::begin_read(*core, options, user));
  CO_TRY(auto view, co_await store::load_view(core, user.text(), call));
  co_return store::newest_first(view);
}

Task<Result<Capture>> Store::settle_capture(UserId user, std::string id, std::optional<Context> held,
                                            CallOptions options) {
  auto core = core_;
  CO_TRY(auto call, store::begin_write(*core, options, "settle_capture", user, id));
  if (id.empty() || id.size() > 200) {
    co_return fail(ErrorCode::InvalidArgument, "a capture's id is what `capture list` shows");
  }
  CO_TRY_OK(store::check_held(user.text(), held));
  auto work = settle(core, user.text(), std::move(id), std::move(held), call);
  co_return co_await store::once(core, std::move(call), std::move(work), store::Repetition::IsToldByItself);
}

}  // namespace loopstate
