// What refunds have taken back, as rows record it: on a payment's mark, and on its capture while that is
// pending.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/spine/user_view.hpp"

namespace loopstate::store {

/// The payment's capture, while it is pending. `id`: the result in the payment's mark, which names it.
const Capture* pending_capture(const UserView& view, const std::optional<std::string>& id);

/// Whether that capture's row must be read, because the view does not have it.
bool lacks_capture(const UserView& view, const std::optional<std::string>& id);

/// The capture's refunded amount when its payment's goes from `before` to `after`: between 0 and its amount.
std::uint64_t refunded_after(const Capture& capture, std::uint64_t before, std::uint64_t after);

}  // namespace loopstate::store
