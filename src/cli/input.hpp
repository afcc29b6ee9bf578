// What a command reads: a file, or standard input.
#pragma once

#include <cstddef>
#include <string>

#include "loopstate/error.hpp"

namespace loopstate::cli {

/// No item may be larger than 400 KB; a document with white space may.
inline constexpr std::size_t kMaxDocumentBytes = 4u << 20;

/// The whole file; "-" is standard input. `parameter` is its name in messages. InvalidArgument: no such
/// file, a directory, not readable, larger than `most_bytes`.
Result<std::string> read_input(std::string_view parameter, const std::string& path,
                               std::size_t most_bytes = kMaxDocumentBytes);

}  // namespace loopstate::cli
