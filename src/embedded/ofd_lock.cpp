#include "embedded/ofd_lock.hpp"

#include <fcntl.h>

#include <cerrno>

namespace loopstate::embedded::ofd {
namespace {

struct flock request(short type, Range range) {
  struct flock out{};
  out.l_type = type;
  out.l_whence = SEEK_SET;
  out.l_start = range.start;
  out.l_len = range.length;
  return out;
}

}  // namespace

int try_lock(int fd, Kind kind, Range range) {
  struct flock wanted = request(kind == Kind::Shared ? F_RDLCK : F_WRLCK, range);
  while (fcntl(fd, F_OFD_SETLK, &wanted) != 0) {
    if (errno != EINTR) return errno == EACCES ? EAGAIN : errno;
  }
  return 0;
}

void unlock(int fd, Range range) {
  struct flock gone = request(F_UNLCK, range);
  fcntl(fd, F_OFD_SETLK, &gone);
}

std::optional<Range> other_lock(int fd, Range range) {
  if (range.length <= 0) return std::nullopt;
  struct flock found = request(F_WRLCK, range);
  if (fcntl(fd, F_OFD_GETLK, &found) != 0 || found.l_type == F_UNLCK) return std::nullopt;
  return Range{found.l_start, found.l_len};
}

}  // namespace loopstate::embedded::ofd
