// What an LMDB or system error code means for a caller.
#pragma once

#include <string_view>

#include "loopstate/error.hpp"

namespace loopstate::embedded {

/// `doing` completes "while ...", e.g. "committing a write"; `path` names the file.
Error storage_error(int code, std::string_view doing, std::string_view path);

}  // namespace loopstate::embedded
