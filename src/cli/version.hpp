#pragma once

#include <string_view>

namespace loopstate::cli {

/// The project's version, as CMake defines it.
extern const std::string_view kVersion;

}  // namespace loopstate::cli
