#include "base/read_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

namespace loopstate {

namespace {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

std::expected<std::string, int> read_file(const std::string& path, std::size_t bytes_max) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "rbe"));
  if (!file) return std::unexpected(errno);
  std::string text;
  std::array<char, 8192> chunk;
  while (const std::size_t count = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    text.append(chunk.data(), count);
    if (text.size() > bytes_max) return std::unexpected(EFBIG);
  }
  if (std::ferror(file.get()) != 0) return std::unexpected(errno);
  return text;
}

}  // namespace loopstate
