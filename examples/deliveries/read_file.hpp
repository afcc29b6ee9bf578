#pragma once

#include <filesystem>
#include <string>

#include "loopstate/error.hpp"

namespace loopstate::demo {

/// A whole file. StorageFailure: it cannot be read.
Result<std::string> read_file(const std::filesystem::path& path);

}  // namespace loopstate::demo
