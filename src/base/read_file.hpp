// A whole file as text, without the standard library's streams, which bring in all of its locales, half a
// megabyte of a static program.
#pragma once

#include <cstddef>
#include <expected>
#include <string>

namespace loopstate {

/// The file's bytes, or errno. EFBIG: it is longer than `bytes_max`.
std::expected<std::string, int> read_file(const std::string& path, std::size_t bytes_max = 1u << 20);

}  // namespace loopstate
