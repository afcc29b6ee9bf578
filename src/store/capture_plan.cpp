#include "store/capture_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/capture_row.hpp"
#include "store/keys.hpp"
#include "store/ring.hpp"

namespace loopstate::store {
namespace {

// A row that is not known lives at least as long as the settings say.
bool lives(const UserView& view, const std::string& id, const StoreSettings& settings, UnixSeconds now) {
  const auto row = view.rows.find(id);
  if (row == view.rows.end()) return stored_at(id) + settings.pending_lifetime > now;
  return row->second.kept_until == 0 || row->second.kept_until > now;
}

}  // namespace

Capture complete_capture(Capture capture, const StoreSettings& settings, std::string_view write_id,
                         UnixSeconds now) {
  capture.id = capture_id(now, write_id);
  if (capture.created_at == 0) capture.created_at = now;
  if (capture.expires_at == 0) capture.expires_at = now + settings.pending_lifetime;
  capture.kept_until = now + settings.pending_lifetime;
  return capture;
}

Result<std::optional<UserPlan>> plan_addition(const CaptureAddition& addition, const UserView& view,
                                              const StoreSettings& settings, UnixSeconds now,
                                              std::vector<Capture>& dropped) {
  dropped.clear();
  if (!view.ring) return std::nullopt;
  auto room = make_room(*view.ring, settings.max_pending_captures);
  if (!room.leaving.empty()) {
    // One that has expired takes no place, so nothing may leave for it.
    const bool all_live =
        std::ranges::all_of(*view.ring, [&](const auto& id) { return lives(view, id, settings, now); });
    if (!all_live) return std::nullopt;
  }
  for (const auto& id : room.leaving) {
    const auto row = view.rows.find(id);
    if (row == view.rows.end()) return std::nullopt;
    dropped.push_back(row->second);
  }

  UserPlan plan;
  plan.next = view.context ? *view.context : new_context(addition.user, now);
  if (addition.event) add_event(plan.next, *addition.event, now);
  room.staying.push_back(addition.capture.id);
  plan.next.row.ring = std::move(room.staying);
  plan.operations.emplace_back(put_capture(addition.user, addition.capture, dropped));
  for (const auto& capture : dropped) plan.operations.emplace_back(erase_capture(addition.user, capture));
  return plan;
}

std::optional<std::string> added_by(const UserView& view, std::string_view write_id) {
  if (!view.ring) return std::nullopt;
  const auto ending = fmt::format("#{}", write_id);
  const auto found = std::ranges::find_if(*view.ring, [&](const auto& id) { return id.ends_with(ending); });
  if (found == view.ring->end()) return std::nullopt;
  return *found;
}

}  // namespace loopstate::store
