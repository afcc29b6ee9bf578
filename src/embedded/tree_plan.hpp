// The leaves of a tree in order, found through its branches alone, and which of them are lost.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "embedded/lmdb_layout.hpp"
#include "embedded/moment.hpp"
#include "embedded/page.hpp"
#include "embedded/page_file.hpp"

namespace loopstate::embedded {

/// Who uses which page: each may have only one use.
class PageUse {
 public:
  explicit PageUse(std::uint64_t last_page);

  /// Nothing if these belonged to nobody until now, otherwise what is wrong.
  const char* take(std::uint64_t first, std::uint64_t count = 1);
  const char* free(std::uint64_t page);
  bool is_used(std::uint64_t page) const;  ///< or free, or outside the file
  bool is_free(std::uint64_t page) const { return page < uses_.size() && uses_[page] == Use::Free; }
  /// Pages that are neither used nor free.
  std::uint64_t unaccounted() const;

 private:
  enum class Use : std::uint8_t { None, Taken, Free };
  std::vector<Use> uses_;
};

struct TreeLeaf {
  std::uint64_t page = 0;
  /// Its keys are from `low` up to, but not including, `high`; empty: open.
  std::string low, high;
};

/// A page that cannot be read, or not entirely.
struct LostPage {
  PageFault fault;
  std::string low, high;   ///< as in a leaf
  std::size_t before = 0;  ///< how many leaves come before it
};

struct TreePlan {
  std::vector<TreeLeaf> leaves;
  std::vector<LostPage> lost;
};

/// What is wrong with a leaf's page; nothing if all of its entries are where they belong.
const char* fault_of_leaf(const PageView& page, const TreeLeaf& leaf,
                          PageView::Order order = PageView::Order::Bytes);

TreePlan plan_of(const PageFile& file, const lmdb_layout::Database& tree, PageUse& use,
                 PageView::Order order = PageView::Order::Bytes);

}  // namespace loopstate::embedded
