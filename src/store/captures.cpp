// Pending captures: add, list, settle.

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "loopstate/store.hpp"
#include "store/added_before.hpp"
#include "store/capture_plan.hpp"
#include "store/capture_row.hpp"
#include "store/context_write.hpp"
#include "store/held.hpp"
#include "store/keys.hpp"
#include "store/payment_mark.hpp"
#include "store/processed_row.hpp"
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

// The answer of a call whose work was done before.
Task<Result<AddedCapture>> added_before(CorePtr core, Capture capture, std::string user, UserView view,
                                        std::optional<std::string> id, store::WriteCall call) {
  AddedCapture added;
  added.version = view.context ? view.context->version : 0;
  auto before = co_await store::find_added_before(core, std::move(user), std::move(view), std::move(id),
                                                  std::move(call));
  if (!before) co_return std::unexpected(std::move(before.error()));
  added.capture = before->capture ? std::move(*before->capture) : std::move(capture);
  added.capture.id = std::move(before->capture_id);
  added.dropped = std::move(before->dropped);
  co_return added;
}

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
  auto capture = find_capture(view, user, id);
  if (!capture) return std::unexpected(std::move(capture.error()));
  UserPlan plan;
  plan.next = view.context ? *view.context : new_context(user, now);
  auto ring = *view.ring;
  std::erase(ring, id);
  plan.next.row.ring = std::move(ring);
  plan.operations.emplace_back(store::erase_capture(user, *capture));
  settled = std::move(*capture);
  return plan;
}

}  // namespace

Task<Result<AddedCapture>> Store::add_capture(UserId user, Capture capture,
                                              std::optional<TransactionId> transaction,
                                              std::optional<Context> held, CallOptions options) {
  auto core = core_;
  auto call = store::begin_write(*core, options);
  if (!call) co_return std::unexpected(std::move(call.error()));
  if (auto ok = store::check_capture(capture); !ok) co_return std::unexpected(std::move(ok.error()));
  if (auto ok = store::check_held(user.text(), held); !ok) co_return std::unexpected(std::move(ok.error()));
  capture = store::complete_capture(std::move(capture), core->settings, call->write_id, call->call.now);
  auto notes = std::make_shared<AddNotes>();
  auto payment = std::make_shared<store::PaymentMark>();
  if (transaction)
    payment->put =
        store::mark_of(*transaction, user.text(), capture, *call, core->settings.transaction_lifetime);

  UserTransaction work;
  work.user = user.text();
  work.held = store::view_of(user.text(), held, std::nullopt, call->call.now);
  work.plan = [=, name = user.text()](const UserView& view) {
    notes->capture = store::less_early_refunds(capture, *payment);
    store::CaptureAddition addition{name, notes->capture, std::nullopt};
    return store::plan_addition(addition, view, core->settings, call->call.now, notes->dropped);
  };
  auto running = transaction ? store::run_payment_transaction(core, std::move(work), payment, *call)
                             : store::run_user_transaction(core, std::move(work), *call);
  auto ending = co_await std::move(running);
  if (!ending) co_return std::unexpected(std::move(ending.error()));
  if (ending->how == UserEnding::How::DoneBefore) {
    co_return co_await added_before(core, std::move(capture), user.text(), std::move(ending->view), {},
                                    *call);
  }
  if (ending->how == UserEnding::How::Stopped) {
    auto seen = store::processed_from_row(*payment->standing);
    if (!seen) co_return std::unexpected(std::move(seen.error()));
    if (seen->write_id == call->write_id) {
      co_return co_await added_before(core, std::move(capture), user.text(), std::move(ending->view),
                                      std::move(seen->record.result), *call);
    }
    co_return seen_before(std::move(*seen), ending->view);
  }
  AddedCapture added;
  added.capture = std::move(notes->capture);
  added.dropped = std::move(notes->dropped);
  added.version = ending->view.context->version;
  co_return added;
}

Task<Result<std::vector<Capture>>> Store::list_captures(UserId user, CallOptions options) {
  auto core = core_;
  auto view = co_await store::load_view(core, user.text(), store::begin_read(*core, options));
  if (!view) co_return std::unexpected(std::move(view.error()));
  co_return store::newest_first(*view);
}

Task<Result<Capture>> Store::settle_capture(UserId user, std::string id, std::optional<Context> held,
                                            CallOptions options) {
  auto core = core_;
  auto call = store::begin_write(*core, options);
  if (!call) co_return std::unexpected(std::move(call.error()));
  if (id.empty() || id.size() > 200) {
    co_return fail(ErrorCode::InvalidArgument, "a capture's id is what `capture list` shows");
  }
  if (auto ok = store::check_held(user.text(), held); !ok) co_return std::unexpected(std::move(ok.error()));
  auto settled = std::make_shared<Capture>();
  UserTransaction work;
  work.user = user.text();
  work.held = store::view_of(user.text(), held, std::nullopt, call->call.now);
  work.plan = [=, name = user.text()](const UserView& view) {
    return plan_settling(view, name, id, call->call.now, *settled);
  };
  auto ending = co_await store::run_user_transaction(core, std::move(work), *call);
  if (!ending) co_return std::unexpected(std::move(ending.error()));
  // Of a capture that an earlier call settled under this request id, only the id is left.
  if (settled->id.empty()) settled->id = id;
  co_return std::move(*settled);
}

}  // namespace loopstate
