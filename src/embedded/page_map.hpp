// The pages of a file, read through a map of our own: one system call less for each. Here too, a missing page
// is a result.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "embedded/fault_guard.hpp"
#include "embedded/page_file.hpp"

namespace loopstate::embedded {

class PageMap {
 public:
  explicit PageMap(const PageFile& file) : file_(file) {}
  ~PageMap() { unmap(); }
  PageMap(const PageMap&) = delete;
  PageMap& operator=(const PageMap&) = delete;

  /// Like PageFile::read of one page, which is also what it does if the system grants no address space.
  bool read(std::uint64_t page, std::string& into) {
    constexpr std::uint64_t kMostPages = std::uint64_t{1} << 40;
    const std::size_t bytes = file_.page_bytes();
    if (page >= kMostPages || !reach((page + 1) * bytes)) return file_.read(page, 1, into);
    into.resize(bytes);
    return guarded([&] {
             std::memcpy(into.data(), at_ + page * bytes, bytes);
             return 0;
           }) == 0;
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
