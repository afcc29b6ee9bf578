// The pages of a file, read through a map of our own: one system call less for each. Here too, a missing page
// is a result.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "embedded/fault_guard.hpp"
#include "embedded/page_file.hpp"

namespace loopstate::embedded {

class PageMap {
 public:
  explicit PageMap(const PageFile& file) : file_(file) {}
  ~PageMap() { unmap(); }
  PageMap(const PageMap&) = delete;
  PageMap& operator=(const PageMap&) = delete;

  /// Like PageFile::read of one page, or of its first `most` bytes. That is also what it does if the system
  /// grants no address space.
  bool read(std::uint64_t page, std::string& into, std::size_t most = ~std::size_t{0}) {
    const std::size_t bytes = file_.page_bytes();
    if (!reaches(page)) return file_.read(page, 1, into);
    into.resize(std::min(bytes, most));
    return guarded([&] {
             std::memcpy(into.data(), at_ + page * bytes, into.size());
             return 0;
           }) == 0;
  }

  /// Whether `in_place` may be asked for the pages up to this one. What it said before is no longer valid.
  bool reaches(std::uint64_t page) {
    constexpr std::uint64_t kMostPages = std::uint64_t{1} << 40;
    return page < kMostPages && reach((page + 1) * file_.page_bytes());
  }
  /// To be read under the guard: the file may have lost the page, and its bytes may change at any time.
  std::string_view in_place(std::uint64_t page) const {
    return {at_ + page * file_.page_bytes(), file_.page_bytes()};
  }

 private:
  bool reach(std::size_t bytes) {
    if (bytes <= size_) return true;
    constexpr std::size_t kStep = std::size_t{64} << 20;
    const std::size_t wanted = (std::max(bytes, 2 * size_) + kStep - 1) / kStep * kStep;
    void* const made = mmap(nullptr, wanted, PROT_READ, MAP_SHARED, file_.descriptor(), 0);
    if (made == MAP_FAILED) return false;
    unmap();
    at_ = static_cast<const char*>(made);
    size_ = wanted;
    return true;
  }

  void unmap() {
    if (at_ != nullptr) munmap(const_cast<char*>(at_), size_);  // NOLINT: it was never const memory
  }

  PageFile file_;
  const char* at_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace loopstate::embedded
