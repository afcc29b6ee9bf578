#include "read_file.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

namespace loopstate::demo {

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    return fail(ErrorCode::StorageFailure, fmt::format("cannot read {}", path.string()));
  }
  return content;
}

}  // namespace loopstate::demo
