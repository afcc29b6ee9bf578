#include "store/documents/codec.hpp"

namespace loopstate::store {

void prepend(std::string& path, std::string_view name) {
  if (!path.empty() && path.front() != '[') path.insert(path.begin(), '.');
  path.insert(0, name);
}

void prepend(std::string& path, std::size_t index) {
  prepend(path, fmt::format("[{}]", index));
}

std::unexpected<Error> not_readable(const json::Problem& problem, std::string_view path) {
  if (path.empty()) {
    return fail(ErrorCode::CorruptItem,
                fmt::format("not readable at byte {}: {}", problem.offset, problem.message));
  }
  return fail(ErrorCode::CorruptItem, fmt::format("field {}: {}", path, problem.message));
}

}  // namespace loopstate::store
