#include "embedded/headroom.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "embedded/file_look.hpp"

namespace loopstate::embedded {

void Headroom::keep(int descriptor, std::uint64_t last_page) {
  const std::uint64_t used = last_page + 1;
  const std::uint64_t before = std::exchange(last_page_, last_page);
  if (used + kLeast <= pages_ || last_page == full_at_) return;
  // Large commits bring what they need, and one more is little beside it.
  if (before == 0 || last_page > before + kLeast) return;
  const auto file = look_at(descriptor);
  if (!file) return;
  pages_ = file->bytes / page_bytes_;
  // A file that ends before its last page may have been cut off: it stays as it is.
  if (pages_ < used || used + kLeast <= pages_) return;
  const std::uint64_t from = pages_ * page_bytes_;
  const std::vector<char> zeros((used + kStep) * page_bytes_ - from);
  const ssize_t written = pwrite(descriptor, zeros.data(), zeros.size(), static_cast<off_t>(from));
  pages_ += static_cast<std::uint64_t>(std::max<ssize_t>(written, 0)) / page_bytes_;
  if (used + kLeast > pages_) full_at_ = last_page;
}

}  // namespace loopstate::embedded
