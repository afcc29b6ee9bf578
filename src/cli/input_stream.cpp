#include "cli/input_stream.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cli/json_output.hpp"

namespace loopstate::cli {
namespace {

constexpr std::size_t kPieceBytes = 65'536;

std::unexpected<Error> unreadable(std::string_view name, int problem) {
  return fail(ErrorCode::InvalidArgument, fmt::format("cannot read {}: {}", name, std::strerror(problem)));
}

}  // namespace

Result<InputStream> InputStream::open(std::string_view parameter, const std::string& path) {
  if (path == "-") return InputStream("standard input", STDIN_FILENO, false);
  auto name = fmt::format("{} {}", parameter, shown(path));
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(name, errno);
  InputStream stream(std::move(name), descriptor, true);
  struct stat status{};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) return unreadable(stream.name_, EISDIR);
  return stream;
}

InputStream::InputStream(InputStream&& other) noexcept
    : name_(std::move(other.name_)),
      descriptor_(other.descriptor_),
      owned_(std::exchange(other.owned_, false)) {}

InputStream::~InputStream() {
  if (owned_) ::close(descriptor_);
}

Result<std::string> InputStream::piece() {
  std::string bytes(kPieceBytes, '\0');
  while (true) {
    const auto count = ::read(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unreadable(name_, errno);
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
  }
}

bool InputStream::can_rewind() const {
  struct stat status{};
  return ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
}

Result<void> InputStream::rewind() {
  if (::lseek(descriptor_, 0, SEEK_SET) != 0) return unreadable(name_, errno);
  return {};
}

}  // namespace loopstate::cli
