#include "store/spine/user_steps.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "base/name_access.hpp"
#include "base/try.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/context_room.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/ring.hpp"

namespace loopstate::store {
namespace {

// How many captures the ring named until now and no longer does, because their time is over. They leave it
// only once, with the write that first notices.
std::uint64_t expired_from(const std::optional<Context>& before, const Context& next) {
  if (!before || !row_of(*before).ring || !row_of(next).ring) return 0;
  const auto& after = *row_of(next).ring;
  const std::unordered_set<std::string_view> staying(after.begin(), after.end());
  const auto gone = [&](const std::string& id) {
    return !staying.contains(id) && expires_by(id, StoreSettings{}.pending_lifetime) <= next.updated_at;
  };
  return static_cast<std::uint64_t>(std::ranges::count_if(*row_of(*before).ring, gone));
}

// A refused capture row is known again, or known to be gone.
Result<void> learn_captures(UserView& view, const Refusals& refusals) {
  for (const auto& one : refusals.all()) {
    if (one.role != Role::Capture) continue;
    const auto id = one.key.sk.substr(kPendingPrefix.size());
    view.rows.erase(id);
    if (!one.item) continue;
    TRY(auto capture, capture_from_row(*one.item));
    view.rows.emplace(id, std::move(capture));
  }
  return {};
}

}  // namespace

Context changed_from(const UserView& view, const std::string& user, Timestamp now) {
  auto next = view.context ? *view.context : new_context(stored_name<UserId>(user), now);
  row_of(next).ring = view.ring;
  return next;
}

Context successor(Context next, const UserView& view, const WriteCall& call) {
  advance(next, view.context, call.write_id, call.call.now);
  if (view.whole) row_of(next).ring_read_at = call.call.now;
  make_room_for_events(next);
  return next;
}

void add_context(Steps& steps, const UserView& view, const Context& next) {
  steps.add(Role::Context, write_over(view.context, next));
  steps.add_lost({0, expired_from(view.context, next)});
}

Result<void> learn_user(std::optional<UserView>& view, const Refusals& refusals, const std::string& user) {
  if (!view) return {};
  if (!refusals.refused(Role::Context)) {
    if (refusals.refused(Role::Capture)) view.reset();
    return {};
  }
  TRY(auto place, read_context_place(refusals.item(Role::Context)));
  if (place.tombstone) return erased(user);
  if (!place.context) {
    view.reset();
    return {};
  }
  TRY_OK(learn_captures(*view, refusals));
  view = with_context(std::move(*view), std::move(*place.context));
  return {};
}

}  // namespace loopstate::store
