#include "embedded/headroom.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "embedded/file_look.hpp"

namespace loopstate::embedded {
namespace {

/// How many of the bytes from `at` on were written. Allocates nothing: a process at the limit of its memory
/// can still commit.
std::uint64_t write_zeros(int descriptor, std::uint64_t at, std::uint64_t bytes) {
  constexpr std::array<char, 16384> kZeros{};
  std::uint64_t done = 0;
  while (done < bytes) {
    const auto size = std::min<std::uint64_t>(bytes - done, kZeros.size());
    const ssize_t written = pwrite(descriptor, kZeros.data(), size, static_cast<off_t>(at + done));
    if (written <= 0) break;
    done += static_cast<std::uint64_t>(written);
  }
  return done;
}

}  // namespace

void Headroom::keep(int descriptor, std::uint64_t last_page) noexcept {
  const std::uint64_t used = last_page + 1;
  const std::uint64_t before = std::exchange(last_page_, last_page);
  if (used + kLeast <= pages_ || last_page == tried_at_) return;
  // Large commits bring what they need, and one more is little beside it.
  if (before == 0 || last_page > before + kLeast) return;
  tried_at_ = last_page;
  const auto file = look_at(descriptor);
  if (!file) return;
  pages_ = file->bytes / page_bytes_;
  // A file that ends before its last page may have been cut off: it stays as it is.
  if (pages_ < used || used + kLeast <= pages_) return;
  // A commit may have to fill the holes of one that has some, and zeros must not take their space.
  if (file->bytes_on_disk < file->bytes) return;
  const std::uint64_t missing = used + kStep - pages_;
  pages_ += write_zeros(descriptor, pages_ * page_bytes_, missing * page_bytes_) / page_bytes_;
}

}  // namespace loopstate::embedded
