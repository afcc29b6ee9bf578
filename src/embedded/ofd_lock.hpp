// Advisory locks of a byte range that belong to an open file, not to a process (Linux's F_OFD_SETLK): closing
// another handle of the file does not release them, and they end with their process.
#pragma once

#include <cstdint>
#include <optional>

namespace loopstate::embedded::ofd {

struct Range {
  std::int64_t start = 0;
  std::int64_t length = 1;
};
enum class Kind : std::uint8_t { Shared, Exclusive };

/// Never waits. 0; EAGAIN if another open file's lock is in the way; another errno.
int try_lock(int fd, Kind kind, Range range);
void unlock(int fd, Range range);

/// A lock of another open file that conflicts with an exclusive lock of `range`: that lock's whole range.
std::optional<Range> other_lock(int fd, Range range);

}  // namespace loopstate::embedded::ofd
