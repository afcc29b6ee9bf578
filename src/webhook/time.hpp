// Times as the providers write them.
#pragma once

#include <optional>
#include <string_view>

#include "loopstate/clock.hpp"

namespace loopstate::webhook {

/// "2026-11-25T08:30:00Z", with any fraction of a second (dropped) and any offset: RFC 3339. Nothing for any
/// other text, including one without a zone, since its moment is unknown.
std::optional<Timestamp> parse_rfc3339(std::string_view text) noexcept;

}  // namespace loopstate::webhook
