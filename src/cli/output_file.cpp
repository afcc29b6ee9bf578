#include "cli/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/try.hpp"
#include "cli/json_output.hpp"
#include "open/engine.hpp"

namespace loopstate::cli {
namespace {

constexpr std::size_t kBufferBytes = 1u << 18;

}  // namespace

std::unexpected<Error> OutputFile::failed(int problem) const {
  const auto code = problem == ENOSPC || problem == EDQUOT || problem == EFBIG ? ErrorCode::StorageFull
                    : problem == EROFS || problem == EACCES                    ? ErrorCode::StorageReadOnly
                                                                               : ErrorCode::StorageFailure;
  return fail(code, fmt::format("cannot write {}: {}", part_.empty() ? "standard output" : shown(path_),
                                std::strerror(problem)));
}

Result<OutputFile> OutputFile::create(const std::string& path) {
  if (path == "-") {
    OutputFile out(path, "", STDOUT_FILENO);
    out.to_terminal_ = isatty(STDOUT_FILENO) == 1;
    return out;
  }
  std::error_code ignored;
  if (const auto there = std::filesystem::status(path, ignored); exists(there) && !is_regular_file(there)) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} is a folder or a device and is not replaced; use - for standard output",
                            shown(path)));
  }
  if (engines::is_file_of_a_store(path)) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} is a store or its lock file and is not replaced; name another file", shown(path)));
  }
  OutputFile file(path, fmt::format("{}.{}.part", path, ::getpid()), -1);
  file.descriptor_ = ::open(file.part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file.descriptor_ < 0) {
    const auto refused = file.failed(errno);
    file.part_.clear();
    return refused;
  }
  return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      part_(std::exchange(other.part_, {})),
      descriptor_(other.descriptor_),
      to_terminal_(other.to_terminal_),
      buffer_(std::move(other.buffer_)) {}

OutputFile::~OutputFile() {
  if (part_.empty()) return;
  if (descriptor_ >= 0) ::close(descriptor_);
  ::unlink(part_.c_str());
}

Result<void> OutputFile::flush() {
  std::string_view bytes = buffer_;
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
  return {};
}

Result<void> OutputFile::write(std::string_view bytes) {
  buffer_ += to_terminal_ ? safe_json(bytes) : std::string(bytes);
  if (buffer_.size() < kBufferBytes) return {};
  return flush();
}

Result<void> OutputFile::finish() {
  TRY_OK(flush());
  if (part_.empty()) return {};
  if (::fsync(descriptor_) != 0) return failed(errno);
  if (std::rename(part_.c_str(), path_.c_str()) != 0) return failed(errno);
  ::close(descriptor_);
  part_.clear();
  return {};
}

}  // namespace loopstate::cli
