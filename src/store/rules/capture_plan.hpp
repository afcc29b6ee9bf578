// Adding a capture to the ring: what to write, and what has to leave. Decided from a view, without I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/rows/capture_row.hpp"
#include "store/spine/user_steps.hpp"

namespace loopstate::store {

struct CaptureAddition {
  std::string user;
  Capture capture;  ///< complete, with its id
  std::optional<ContextEvent> event;
  std::optional<NamedMark> mark;  ///< that is written in the same transaction
};

/// A capture completed: id, times, kept_until. It lives from `stored_at` on, which its id tells (birth.hpp).
Capture complete_capture(Capture capture, const StoreSettings& settings, std::string_view write_id,
                         Timestamp stored_at);

/// What an addition comes to.
struct AdditionPlan {
  Context next;                  ///< with its ring and, where there is one, the event; not yet a successor
  std::vector<Capture> dropped;  ///< what leaves, oldest first
};

/// Nothing when rows are needed that the view does not have.
Result<std::optional<AdditionPlan>> plan_addition(const CaptureAddition& addition, const UserView& view,
                                                  const StoreSettings& settings, Timestamp now);

/// The steps of a capture that is added, and of those that leave for it.
void add_captures(Steps& steps, const CaptureAddition& addition, const std::vector<Capture>& dropped);

/// The pending captures once the addition is written, with `next`, newest first.
std::vector<Capture> captures_after(const CaptureAddition& addition, const UserView& view,
                                    const Context& next);

}  // namespace loopstate::store
