// A secret from the environment, or from a file that the environment names.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "crypto/secret.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"

namespace loopstate::webhook {

/// The value of `name`, or the content of the file that `name`_FILE names, without surrounding white space;
/// nothing if there is none or it is empty. InvalidArgument: both are set, or the file is over 64 KB.
/// StorageFailure: the file cannot be read.
Result<std::optional<crypto::Secret>> secret_variable(const Environment& environment, std::string_view name);

/// The elements of a comma-separated list, without surrounding white space; empty ones are kept.
std::vector<crypto::Secret> split_list(const crypto::Secret& list);

/// Without surrounding white space.
std::string_view trim(std::string_view text) noexcept;

}  // namespace loopstate::webhook
