// What a caller writes as one document, as JSON.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/capture.hpp"
#include "loopstate/context.hpp"
#include "loopstate/error.hpp"

namespace loopstate::c {

/// Only `pubkey` must be there.
Result<Context> given_context(std::string_view json);
/// Only the type must be there. The error names the field.
Result<ContextEvent> given_event(std::string_view json);
/// Without an id, which the store gives.
Result<Capture> given_capture(std::string_view json);

std::string event_json(const ContextEvent& event);

}  // namespace loopstate::c
