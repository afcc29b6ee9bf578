#include "store/rules/capture_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/timestamp.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/context_room.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/ring.hpp"

namespace loopstate::store {
namespace {

// Dropped captures are kept with the answer if the caller named the write.
constexpr std::size_t kMaxKeptBytes = 360u << 10;
constexpr std::size_t kBytesBesideEach = 256;

// If the row is not known, its id tells.
bool lives(const UserView& view, const std::string& id, const StoreSettings& settings, Timestamp now) {
  const auto row = view.rows.find(id);
  if (row == view.rows.end()) return expires_by(id, settings.pending_lifetime) > now;
  return !is_over(row->second, now);
}

std::size_t kept_bytes(const Capture& capture) {
  return to_json(capture).size() + kBytesBesideEach;
}

// The oldest one leaves in any case, so that payments continue; of the others, those that fit with it. The
// rest leave with the next captures.
void keep_what_fits(const Capture& added, RingRoom& room, std::vector<Capture>& dropped) {
  auto bytes = kept_bytes(added);
  std::size_t fit = 0;
  for (const auto& capture : dropped) {
    bytes += kept_bytes(capture);
    if (fit > 0 && bytes > kMaxKeptBytes) break;
    ++fit;
  }
  const auto at = static_cast<std::ptrdiff_t>(fit);
  room.staying.insert(room.staying.begin(), room.leaving.begin() + at, room.leaving.end());
  room.leaving.resize(fit);
  dropped.resize(fit);
}

}  // namespace

Capture complete_capture(Capture capture, const StoreSettings& settings, std::string_view write_id,
                         Timestamp stored_at) {
  capture.refunded.currency = capture.amount.currency;
  if (capture.created_at == Timestamp{}) capture.created_at = stored_at;
  if (capture.expires_at == Timestamp{}) capture.expires_at = stored_at + settings.pending_lifetime;
  capture.kept_until = std::min(capture.expires_at, stored_at + settings.pending_lifetime);
  capture.id =
      fmt::format("{}{}{}", capture_id(stored_at, write_id), kIdEndMark, unix_seconds(capture.kept_until));
  return capture;
}

Result<std::optional<AdditionPlan>> plan_addition(const CaptureAddition& addition, const UserView& view,
                                                  const StoreSettings& settings, Timestamp now) {
  if (!view.ring) return std::nullopt;
  if (is_over(addition.capture, now)) {
    if (!view.whole) return std::nullopt;  // it may have been added, and have expired since
    return fail(ErrorCode::InvalidArgument,
                fmt::format("the capture's expires_at is {}, which is not after now, {}",
                            unix_seconds(addition.capture.expires_at), unix_seconds(now)));
  }
  auto most = std::size_t{settings.max_pending_captures};
  if (view.context) most = std::min(most, ring_room(*view.context));
  auto room = make_room(*view.ring, most);
  if (!room.leaving.empty()) {
    // One that has expired takes up no place, so nothing may leave for it.
    const bool all_live =
        std::ranges::all_of(*view.ring, [&](const auto& id) { return lives(view, id, settings, now); });
    if (!all_live) return std::nullopt;
  }
  AdditionPlan plan;
  for (const auto& id : room.leaving) {
    const auto row = view.rows.find(id);
    if (row == view.rows.end()) return std::nullopt;
    plan.dropped.push_back(row->second);
  }
  keep_what_fits(addition.capture, room, plan.dropped);

  plan.next = changed_from(view, addition.user, now);
  if (addition.event) add_event(plan.next, *addition.event, now);
  room.staying.push_back(addition.capture.id);
  row_of(plan.next).ring = std::move(room.staying);
  return plan;
}

void add_captures(Steps& steps, const CaptureAddition& addition, const std::vector<Capture>& dropped,
                  const StoreSettings& settings, Timestamp now) {
  steps.add(Role::Capture, put_capture(addition.user, addition.capture, addition.mark));
  for (const auto& capture : dropped) {
    end_capture(steps, addition.user, capture, Ending::Dropped, settings, now);
  }
}

void end_capture(Steps& steps, const std::string& user, const Capture& capture, Ending ending,
                 const StoreSettings& settings, Timestamp now) {
  steps.add(Role::Capture, erase_capture(user, capture));
  steps.add(Role::Ended, put_ended(user, capture, ending, now, settings));
  if (ending == Ending::Dropped) steps.add_lost({1, 0});
}

std::vector<Capture> captures_after(const CaptureAddition& addition, const UserView& view,
                                    const Context& next) {
  auto captures = newest_first(*row_of(next).ring, view.rows);
  captures.insert(captures.begin(), addition.capture);
  return captures;
}

}  // namespace loopstate::store
