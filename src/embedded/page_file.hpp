// The pages of a file, read with ordinary reads: a missing page is a result, not a signal.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <string>

#include "embedded/file_look.hpp"

namespace loopstate::embedded {

class PageFile {
 public:
  /// The descriptor still belongs to its owner.
  PageFile(int descriptor, std::uint64_t page_bytes) : descriptor_(descriptor), page_bytes_(page_bytes) {}

  std::uint64_t page_bytes() const { return page_bytes_; }
  int descriptor() const { return descriptor_; }
  /// How many there are.
  std::uint64_t pages() const {
    const auto found = look_at(descriptor_);
    return found ? found->bytes / page_bytes_ : 0;
  }

  /// False if they are not all there.
  bool read(std::uint64_t first, std::uint64_t count, std::string& into) const {
    constexpr std::uint64_t kMostPages = std::uint64_t{1} << 40, kMostAtOnce = std::uint64_t{1} << 20;
    if (first > kMostPages || count > kMostAtOnce) return false;
    into.resize(count * page_bytes_);
    std::size_t have = 0;
    while (have < into.size()) {
      const ssize_t got = pread(descriptor_, into.data() + have, into.size() - have,
                                static_cast<off_t>(first * page_bytes_ + have));
      if (got <= 0) return false;
      have += static_cast<std::size_t>(got);
    }
    return true;
  }

 private:
  int descriptor_;
  std::uint64_t page_bytes_;
};

}  // namespace loopstate::embedded
