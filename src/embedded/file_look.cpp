#include "embedded/file_look.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

namespace loopstate::embedded {
namespace {

constexpr unsigned kAsked =
    STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_INO | STATX_NLINK | STATX_SIZE | STATX_BLOCKS;
constexpr std::uint64_t kBlockBytes = 512;  // the unit of stx_blocks, everywhere

/// Where a sandbox does not know statx, as those of containers before 2019: with the times, then.
std::optional<FileLook> look_with_times(int folder, const char* path, int flags) {
  struct stat found{};
  if (fstatat(folder, path, &found, flags) != 0) return std::nullopt;
  return FileLook{{found.st_dev, found.st_ino},
                  found.st_uid,
                  found.st_gid,
                  found.st_mode,
                  found.st_nlink,
                  static_cast<std::uint64_t>(found.st_size),
                  static_cast<std::uint64_t>(found.st_blocks) * kBlockBytes};
}

std::optional<FileLook> look(int folder, const char* path, int flags) {
  struct statx found{};
  if (statx(folder, path, flags, kAsked, &found) != 0) {
    return errno == EPERM ? look_with_times(folder, path, flags) : std::nullopt;
  }
  return FileLook{{makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino},
                  found.stx_uid,
                  found.stx_gid,
                  found.stx_mode,
                  found.stx_nlink,
                  found.stx_size,
                  found.stx_blocks * kBlockBytes};
}

}  // namespace

std::optional<FileLook> look_at(const std::string& path) {
  return look(AT_FDCWD, path.c_str(), 0);
}

std::optional<FileLook> look_at(int descriptor) {
  return look(descriptor, "", AT_EMPTY_PATH);
}

}  // namespace loopstate::embedded
