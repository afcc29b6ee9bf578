// Room at the end of the file, so that small commits do not each make it longer.
#pragma once

#include <cstdint>

namespace loopstate::embedded {

/// A commit that makes the file longer, or is the first to write a place in it, has the file system record
/// that too, in places of its own, before it is durable: on ext4 the sync takes nearly half as long again. So
/// the writer keeps some pages of zeros beyond the last one that LMDB uses, a step of them at a time. They
/// say nothing, and LMDB writes over them as it grows.
class Headroom {
 public:
  static constexpr std::uint64_t kStep = 64;  ///< pages
  static constexpr std::uint64_t kLeast = 16;

  explicit Headroom(std::uint64_t page_bytes) : page_bytes_(page_bytes) {}

  /// Before a commit, by whoever alone may write. `last_page`: of the last one. What space there is, or a
  /// limit allows, is used, and the commit uses it; whether it is enough, the commit tells. Does not throw.
  void keep(int descriptor, std::uint64_t last_page) noexcept;

 private:
  std::uint64_t page_bytes_;
  std::uint64_t pages_ = 0;      ///< that the file is known to have
  std::uint64_t last_page_ = 0;  ///< as of the last call
  std::uint64_t tried_at_ = 0;   ///< the last page when more was last tried, once for each
};

}  // namespace loopstate::embedded
