// Adding a capture to the ring: what to write, and what has to leave. Decided from a view, without I/O.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/capture_row.hpp"
#include "store/user_transaction.hpp"

namespace loopstate::store {

struct CaptureAddition {
  std::string user;
  Capture capture;  ///< complete, with its id
  std::optional<ContextEvent> event;
  std::optional<NamedMark> mark;  ///< that is written in the same transaction
};

/// A capture completed: id, times, kept_until. It lives from `stored_at` on, which its id tells (birth.hpp).
Capture complete_capture(Capture capture, const StoreSettings& settings, std::string_view write_id,
                         UnixSeconds stored_at);

/// Nothing when rows are needed that the view does not have. `dropped` is set to what leaves, oldest first.
Result<std::optional<UserPlan>> plan_addition(const CaptureAddition& addition, const UserView& view,
                                              const StoreSettings& settings, UnixSeconds now,
                                              std::vector<Capture>& dropped);

}  // namespace loopstate::store
