// The layout of LMDB 0.9's data file, as far as we read it without mapping it (mdb.c of LMDB 0.9.24).
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace loopstate::embedded::lmdb_layout {

// LMDB 0.9's data file: two meta pages, each a 16-byte page header and this record (in the machine's byte
// order).
inline constexpr std::uint32_t kMagic = 0xBEEFC0DE;
inline constexpr std::uint32_t kDataVersion = 1;
inline constexpr std::size_t kPageHeaderBytes = 16;
/// Of a node in a page, before its key.
inline constexpr std::size_t kNodeHeaderBytes = 8;
inline constexpr std::size_t kFlagsAt = 10;
inline constexpr std::uint16_t kMetaPageFlag = 0x08;

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
  // Does not wait for anybody at the other end of a pipe.
  explicit File(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
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

}  // namespace loopstate::embedded::lmdb_layout
