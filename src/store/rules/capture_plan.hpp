// Adding a capture to the ring: what to write, and what has to leave. Decided from a view, without I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/rows/capture_row.hpp"
#include "store/rows/ended_row.hpp"
#include "store/spine/user_steps.hpp"

namespace loopstate::store {

struct CaptureAddition {
  std::string user;
  Capture capture;  ///< complete, with its id
  std::optional<ContextEvent> event;
  std::optional<NamedMark> mark;  ///< the one written in the same transaction
};

/// Completes a capture: id, times, kept_until. It lives from `stored_at` on, which its id states (birth.hpp).
Capture complete_capture(Capture capture, const StoreSettings& settings, std::string_view write_id,
                         Timestamp stored_at);

/// The result of planning an addition.
struct AdditionPlan {
  Context next;                  ///< with its ring and, if there is one, the event; not yet a successor
  std::vector<Capture> dropped;  ///< what leaves, oldest first
};

/// Nothing if it needs rows that the view does not have.
Result<std::optional<AdditionPlan>> plan_addition(const CaptureAddition& addition, const UserView& view,
                                                  const StoreSettings& settings, Timestamp now);

/// The steps for the added capture, and for those that leave for it.
void add_captures(Steps& steps, const CaptureAddition& addition, const std::vector<Capture>& dropped,
                  const StoreSettings& settings, Timestamp now);

/// The steps for a capture that leaves: its row goes, and what is left of it comes.
void end_capture(Steps& steps, const std::string& user, const Capture& capture, Ending ending,
                 const StoreSettings& settings, Timestamp now);

/// The pending captures after the addition is written, with `next`, newest first.
std::vector<Capture> captures_after(const CaptureAddition& addition, const UserView& view,
                                    const Context& next);

}  // namespace loopstate::store
