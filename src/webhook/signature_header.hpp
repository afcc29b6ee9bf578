// What the three verifiers need from a request's headers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "loopstate/webhook_delivery.hpp"
#include "webhook/refusal.hpp"

namespace loopstate::webhook {

/// The only value of that header. MissingHeader if there is none or it is empty; MalformedHeader if there
/// are several, since it would not be clear which was checked, or if it is over 4 KB.
Checked<std::string_view> only_header(const Delivery& delivery, std::string_view name);

/// 1 to 15 decimal digits without a leading zero: Unix seconds or milliseconds.
std::optional<std::int64_t> timestamp_from(std::string_view text) noexcept;

}  // namespace loopstate::webhook
