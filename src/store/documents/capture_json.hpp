// A pending capture as `capture_data` holds it: without its id, currency and refunds, which the row holds
// separately.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/capture.hpp"

namespace loopstate::store {

std::string stored_json(const Capture& capture);

/// Every member that the Rust crate always writes must be present; any others are kept as unknown fields.
/// CorruptItem names the field.
Result<Capture> capture_from_stored_json(std::string_view text);

}  // namespace loopstate::store
