// The trace id as an environment variable, which is where X-Ray's libraries look for it.
#pragma once

#include <string_view>

namespace loopstate::lambda {

/// Sets `_X_AMZN_TRACE_ID` to `trace_id`, or to empty if that is empty or over 1,023 bytes. The first call
/// adds the variable and must come before the process has other threads; a later one changes its text in
/// place, which disturbs nobody who reads another variable, and costs no memory (setenv never frees a text).
/// Must be called by one thread, the only one that may read the variable.
void export_trace_id(std::string_view trace_id) noexcept;

}  // namespace loopstate::lambda
