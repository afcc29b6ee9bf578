#include "embedded/file_check.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>

#include "embedded/lmdb_error.hpp"

namespace loopstate::embedded {
namespace {

// LMDB 0.9's data file: two meta pages, each a 16-byte page header and this record (in the machine's byte
// order).
constexpr std::uint32_t kMagic = 0xBEEFC0DE;
constexpr std::uint32_t kDataVersion = 1;
constexpr std::size_t kPageHeaderBytes = 16;
constexpr std::size_t kFlagsAt = 10;
constexpr std::uint16_t kMetaPageFlag = 0x08;

struct Database {
  std::uint32_t page_bytes;  // LMDB keeps the page size in the first database's record
  std::uint16_t flags;
  std::uint16_t depth;
  std::uint64_t branch_pages, leaf_pages, overflow_pages, entries, root;
};
struct Meta {
  std::uint32_t magic;
  std::uint32_t version;
  std::uint64_t address, map_bytes;
  Database free_pages, main;
  std::uint64_t last_page, transaction;
};
static_assert(sizeof(Meta) == 136 && sizeof(void*) == 8, "the layout on 64-bit systems");

class File {
 public:
  explicit File(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

  template <typename T>
  std::optional<T> read(std::uint64_t at) const {
    T out;
    if (pread(fd_, &out, sizeof out, static_cast<off_t>(at)) != sizeof out) return std::nullopt;
    return out;
  }

 private:
  int fd_;
};

std::unexpected<Error> foreign(const std::string& path) {
  return fail(ErrorCode::TableMismatch, fmt::format("{} is not a loopstate file", path));
}

std::unexpected<Error> truncated(const std::string& path, std::uint64_t found, std::uint64_t expected) {
  return fail(ErrorCode::StorageCorrupt,
              fmt::format("{} is truncated: it has {} bytes of at least {}", path, found, expected));
}

bool is_page_size(std::uint32_t bytes) {
  return bytes >= 256 && bytes <= 65536 && (bytes & (bytes - 1)) == 0;
}

Result<Meta> read_meta(const File& file, std::uint64_t page_at, const std::string& path) {
  const auto flags = file.read<std::uint16_t>(page_at + kFlagsAt);
  const auto meta = file.read<Meta>(page_at + kPageHeaderBytes);
  if (!flags || !meta || (*flags & kMetaPageFlag) == 0 || meta->magic != kMagic) return foreign(path);
  if (meta->version != kDataVersion) {
    return fail(ErrorCode::TableMismatch,
                fmt::format("{} is an LMDB file of version {}; this program reads version {}", path,
                            meta->version, kDataVersion));
  }
  if (!is_page_size(meta->free_pages.page_bytes)) {
    return fail(ErrorCode::StorageCorrupt,
                fmt::format("{} is damaged: its page size is {}", path, meta->free_pages.page_bytes));
  }
  return *meta;
}

}  // namespace

Result<void> check_file(const std::string& path) {
  const File file(path);
  struct stat status{};
  if (file.fd() < 0 || fstat(file.fd(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return fail(ErrorCode::TableNotFound, fmt::format("there is no file {}", path));
    }
    return fail(ErrorCode::StorageFailure, fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  }
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::TableMismatch, fmt::format("{} is not a file", path));
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size == 0) return fail(ErrorCode::StorageCorrupt, fmt::format("{} is empty", path));

  const auto first = read_meta(file, 0, path);
  if (!first) return std::unexpected(first.error());
  const std::uint64_t page_bytes = first->free_pages.page_bytes;
  if (size < 2 * page_bytes) return truncated(path, size, 2 * page_bytes);
  const auto second = read_meta(file, page_bytes, path);
  if (!second) return std::unexpected(second.error());
  const Meta& newest = second->transaction > first->transaction ? *second : *first;
  const std::uint64_t expected = (newest.last_page + 1) * page_bytes;
  if (size < expected) return truncated(path, size, expected);
  return {};
}

}  // namespace loopstate::embedded
