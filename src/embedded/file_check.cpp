#include "embedded/file_check.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "embedded/file_look.hpp"
#include "embedded/free_pages.hpp"
#include "embedded/lmdb_layout.hpp"

namespace loopstate::embedded {
namespace {

using lmdb_layout::File;
using lmdb_layout::Meta;

std::unexpected<Error> foreign(const std::string& path) {
  return fail(
      ErrorCode::TableMismatch,
      fmt::format("{} is not a loopstate file; if it was one, its head is damaged: restore a backup", path));
}

/// The other head is one that LMDB wrote.
std::unexpected<Error> half_headed(const std::string& path, int which) {
  return fail(ErrorCode::StorageCorrupt,
              fmt::format("{} is damaged: page {}, one of its two heads, is not a head; restore a backup",
                          path, which));
}

std::unexpected<Error> truncated(const std::string& path, std::uint64_t found, std::uint64_t expected) {
  return fail(ErrorCode::StorageCorrupt,
              fmt::format("{} is truncated: it has {} bytes of at least {}", path, found, expected));
}

bool is_page_size(std::uint32_t bytes) {
  return bytes >= 256 && bytes <= 65536 && (bytes & (bytes - 1)) == 0;
}

bool is_head(const File& file, std::uint64_t page_at) {
  const auto flags = file.read<std::uint16_t>(page_at + lmdb_layout::kFlagsAt);
  const auto magic = file.read<std::uint32_t>(page_at + lmdb_layout::kPageHeaderBytes);
  return flags && (*flags & lmdb_layout::kMetaPageFlag) != 0 && magic == lmdb_layout::kMagic;
}

Result<Meta> read_meta(const File& file, std::uint64_t page_at, const std::string& path) {
  const auto flags = file.read<std::uint16_t>(page_at + lmdb_layout::kFlagsAt);
  const auto magic = file.read<std::uint32_t>(page_at + lmdb_layout::kPageHeaderBytes);
  const auto meta = file.read<Meta>(page_at + lmdb_layout::kPageHeaderBytes);
  if (!meta && magic == lmdb_layout::kMagic) {
    return fail(ErrorCode::StorageCorrupt, fmt::format("{} is truncated within its first page", path));
  }
  if (!flags || !meta || (*flags & lmdb_layout::kMetaPageFlag) == 0 || meta->magic != lmdb_layout::kMagic)
    return foreign(path);
  if (meta->version != lmdb_layout::kDataVersion) {
    return fail(ErrorCode::TableMismatch,
                fmt::format("{} is an LMDB file of version {}; this program reads version {}", path,
                            meta->version, lmdb_layout::kDataVersion));
  }
  if (!is_page_size(meta->free_pages.page_bytes)) {
    return fail(ErrorCode::StorageCorrupt,
                fmt::format("{} is damaged: its page size is {}", path, meta->free_pages.page_bytes));
  }
  return *meta;
}

/// As it is at this moment. A writer that commits meanwhile may make a good file look short.
Result<void> check_once(const File& file, const std::string& path) {
  const auto first = read_meta(file, 0, path);
  if (!first) {
    const auto other = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    const bool is_half = !is_head(file, 0) && is_head(file, other);
    return is_half ? half_headed(path, 0) : std::unexpected(first.error());
  }
  const std::uint64_t page_bytes = first->free_pages.page_bytes;
  const auto second = read_meta(file, page_bytes, path);
  const auto found = look_at(file.fd());
  if (!found) {
    return fail(ErrorCode::StorageFailure, fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  }
  const std::uint64_t size = found->bytes;
  if (size < 2 * page_bytes) return truncated(path, size, 2 * page_bytes);
  if (!second && !is_head(file, page_bytes)) return half_headed(path, 1);
  if (!second) return std::unexpected(second.error());
  const Meta& newest = second->transaction > first->transaction ? *second : *first;
  const std::uint64_t expected = (newest.last_page + 1) * page_bytes;
  if (size >= expected) return {};
  // LMDB does not write pages that a transaction used and freed: a missing end of the file may be free pages.
  FreePages free_pages(file, page_bytes, size / page_bytes);
  if (!free_pages.collect(newest.free_pages) || !free_pages.cover(size / page_bytes, newest.last_page)) {
    return truncated(path, size, expected);
  }
  return {};
}

constexpr int kLooks = 3;

}  // namespace

Result<void> check_file(const std::string& path) {
  const File file(path);
  const auto found = file.fd() < 0 ? std::nullopt : look_at(file.fd());
  if (!found) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return fail(ErrorCode::TableNotFound, fmt::format("there is no file {}", path));
    }
    return fail(ErrorCode::StorageFailure, fmt::format("{} cannot be read: {}", path, std::strerror(errno)));
  }
  if (!S_ISREG(found->mode)) return fail(ErrorCode::TableMismatch, fmt::format("{} is not a file", path));
  if (found->bytes == 0) return fail(ErrorCode::StorageCorrupt, fmt::format("{} is empty", path));
  Result<void> out;
  for (int look = 0; look < kLooks; ++look) {
    out = check_once(file, path);
    if (out || out.error().code != ErrorCode::StorageCorrupt) break;
  }
  return out;
}

}  // namespace loopstate::embedded
