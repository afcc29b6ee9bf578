// Pending captures: add, list, settle.

#include <fmt/format.h>

#include <algorithm>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rules/capture_plan.hpp"
#include "store/rules/context_write.hpp"
#include "store/rules/ring_plan.hpp"
#include "store/spine/held.hpp"
#include "store/spine/request.hpp"

namespace loopstate {

using store::AdditionWork;
using store::CorePtr;
using store::KnownRing;
using store::SettlingWork;

namespace {

Task<Result<AddedCapture>> add(CorePtr core, AdditionWork asked, std::optional<Context> held) {
  auto work = std::make_shared<const AdditionWork>(std::move(asked));
  const auto& call = work->call;
  auto rule = store::ring_rule<AddedCapture>(core, work->user);
  rule.plan = [work](const KnownRing& known) { return store::plan_addition_alone(*work, known); };
  KnownRing known;
  known.user = store::view_of(work->user, held, std::nullopt, call.call.now);
  return store::run_rule(std::move(core), std::move(rule), std::move(known), call);
}

Task<Result<Capture>> settle(CorePtr core, SettlingWork asked, std::optional<Context> held) {
  auto work = std::make_shared<const SettlingWork>(std::move(asked));
  const auto& call = work->call;
  auto rule = store::ring_rule<Capture>(core, work->user);
  rule.plan = [work](const KnownRing& known) { return store::plan_settling(*work, known); };
  KnownRing known;
  known.user = store::view_of(work->user, held, std::nullopt, call.call.now);
  return store::run_rule(std::move(core), std::move(rule), std::move(known), call);
}

Task<Result<AddedCapture>> add_capture_on(CorePtr core, UserId user, ByName<Capture> named,
                                          AddCaptureOptions options) {
  auto capture = std::move(named).value();
  const auto& transaction = options.transaction();
  CO_TRY(auto call, store::begin_write(*core, options, "add_capture", user, capture, transaction));
  CO_TRY_OK(store::check_capture(capture));
  CO_TRY_OK(store::check_held(user.text(), options.held()));
  capture = store::complete_capture(std::move(capture), core->settings, call.write_id, call.call.now);
  const auto repetition = transaction ? store::Repetition::IsToldByItself : store::Repetition::MayDoItTwice;
  AdditionWork asked{user.text(), std::move(capture), transaction, core->settings, call};
  auto work = add(core, std::move(asked), std::move(options).held());
  co_return co_await store::once(core, std::move(call), std::move(work), repetition);
}

Task<Result<std::vector<Capture>>> list_captures_on(CorePtr core, UserId user, ReadOptions options) {
  CO_TRY(const auto call, store::begin_read(*core, options, user));
  CO_TRY(auto view, co_await store::load_view(core, user.text(), call));
  co_return store::newest_first(*view.ring, view.rows);
}

Task<Result<Capture>> settle_capture_on(CorePtr core, UserId user, std::string id, WriteOptions options) {
  CO_TRY(auto call, store::begin_write(*core, options, "settle_capture", user, id));
  if (id.empty() || id.size() > 200) {
    co_return fail(ErrorCode::InvalidArgument, "a capture's id is what `capture list` shows");
  }
  CO_TRY_OK(store::check_held(user.text(), options.held()));
  auto work =
      settle(core, SettlingWork{user.text(), std::move(id), call, core->settings}, std::move(options).held());
  co_return co_await store::once(core, std::move(call), std::move(work), store::Repetition::IsToldByItself);
}

}  // namespace

Task<Result<AddedCapture>> Store::add_capture(UserId user, ByName<Capture> named, AddCaptureOptions options) {
  return add_capture_on(core_, std::move(user), std::move(named), std::move(options));
}

Task<Result<std::vector<Capture>>> Store::list_captures(UserId user, ReadOptions options) {
  return list_captures_on(core_, std::move(user), std::move(options));
}

Task<Result<Capture>> Store::settle_capture(UserId user, std::string id, WriteOptions options) {
  return settle_capture_on(core_, std::move(user), std::move(id), std::move(options));
}

}  // namespace loopstate
