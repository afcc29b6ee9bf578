// Bodies whose times are always fresh.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"

namespace loopstate::demo {

/// Replaces `{{iso -120}}` by the time two minutes before `now` in RFC 3339, `{{unix -120}}` by the same as a
/// number, and `{{n}}` by `number` in two digits. InvalidArgument names any other placeholder.
Result<std::string> expand(std::string_view text, Timestamp now, unsigned number);

}  // namespace loopstate::demo
