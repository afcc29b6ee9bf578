#include "embedded/tree_plan.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace loopstate::embedded {
namespace {

constexpr unsigned kMaxDepth = 32;

class Planner {
 public:
  Planner(const PageFile& file, PageUse& use, PageView::Order order)
      : file_(file), use_(use), order_(order) {}

  TreePlan run(const lmdb_layout::Database& tree) {
    if (tree.root == kNoPage) return {};
    if (tree.depth == 0 || tree.depth > kMaxDepth) {
      lose(tree.root, "its tree has no sensible depth", {}, {});
    } else {
      visit(tree.root, tree.depth, {}, {});
    }
    return std::move(plan_);
  }

 private:
  void lose(std::uint64_t page, std::string reason, const std::string& low, const std::string& high) {
    plan_.lost.push_back({{page, std::move(reason)}, low, high, plan_.leaves.size()});
  }

  void visit(std::uint64_t number, unsigned levels, const std::string& low, const std::string& high) {
    if (const char* fault = use_.take(number)) return lose(number, fault, low, high);
    if (levels == 1) {
      plan_.leaves.push_back({number, low, high});
      return;
    }
    std::string bytes;
    if (!file_.read(number, 1, bytes)) return lose(number, "it is missing", low, high);
    const PageView page(bytes);
    if (const char* fault = page.fault(number, PageView::Kind::Branch, order_)) {
      lose(number, fault, low, high);
      return visit_what_is_left(page, levels, low, high);
    }
    if (const char* fault = fault_of_range(page, low, high)) lose(number, fault, low, high);
    for (std::size_t i = 0; i < page.count(); ++i) {
      const auto node = page.node(i, PageView::Kind::Branch);
      const auto next = page.node(i + 1, PageView::Kind::Branch);
      const std::string from = i == 0 ? low : std::string(node->key);
      const std::string to = i + 1 == page.count() || !next ? high : std::string(next->key);
      visit(node->child, levels - 1, from, to);
    }
  }

  const char* fault_of_range(const PageView& page, const std::string& low, const std::string& high) const {
    if (order_ == PageView::Order::Numbers) return nullptr;
    for (std::size_t i = 1; i < page.count(); ++i) {
      const auto key = page.node(i, PageView::Kind::Branch)->key;
      if (key < low || (!high.empty() && key >= high)) return "it has entries of another page's range";
    }
    return nullptr;
  }

  /// A damaged branch may still lead to sound pages: those that identify themselves correctly.
  void visit_what_is_left(const PageView& page, unsigned levels, const std::string& low,
                          const std::string& high) {
    const auto kind = levels == 2 ? PageView::Kind::Leaf : PageView::Kind::Branch;
    std::string bytes;
    for (std::size_t i = 0; i < page.count(); ++i) {
      const auto node = page.node(i, PageView::Kind::Branch);
      if (!node || !file_.read(node->child, 1, bytes)) continue;
      if (PageView(bytes).fault(node->child, kind, order_) == nullptr && !use_.is_used(node->child)) {
        visit(node->child, levels - 1, low, high);
      }
    }
  }

  const PageFile& file_;
  PageUse& use_;
  PageView::Order order_;
  TreePlan plan_;
};

}  // namespace

PageUse::PageUse(std::uint64_t last_page) : uses_(last_page + 1, Use::None) {
  uses_[0] = uses_[1] = Use::Taken;
}

const char* PageUse::take(std::uint64_t first, std::uint64_t count) {
  if (count > uses_.size() || first > uses_.size() - count) return "it lies outside the file";
  const char* fault = nullptr;
  for (std::uint64_t page = first; page < first + count; ++page) {
    if (uses_[page] == Use::Taken) fault = "it is used twice";
    if (uses_[page] == Use::Free) fault = "it is in use and on the list of free pages";
  }
  if (fault != nullptr) return fault;
  std::fill_n(uses_.begin() + static_cast<std::ptrdiff_t>(first), count, Use::Taken);
  return nullptr;
}

const char* PageUse::free(std::uint64_t page) {
  if (page < 2 || page >= uses_.size()) return "the list of free pages names one outside the file";
  if (uses_[page] == Use::Taken) return "the list of free pages names one that is in use";
  if (uses_[page] == Use::Free) return "the list of free pages names one twice";
  uses_[page] = Use::Free;
  return nullptr;
}

bool PageUse::is_used(std::uint64_t page) const {
  return page >= uses_.size() || uses_[page] != Use::None;
}

std::uint64_t PageUse::unaccounted() const {
  return static_cast<std::uint64_t>(std::ranges::count(uses_, Use::None));
}

const char* fault_of_leaf(const PageView& page, const TreeLeaf& leaf, PageView::Order order) {
  const char* const fault = page.fault(leaf.page, PageView::Kind::Leaf, order);
  if (fault != nullptr || order == PageView::Order::Numbers) return fault;
  const auto first = page.node(0, PageView::Kind::Leaf),
             last = page.node(page.count() - 1, PageView::Kind::Leaf);
  const bool inside = first->key >= leaf.low && (leaf.high.empty() || last->key < leaf.high);
  return inside ? nullptr : "it has entries of another page's range";
}

TreePlan plan_of(const PageFile& file, const lmdb_layout::Database& tree, PageUse& use,
                 PageView::Order order) {
  return Planner(file, use, order).run(tree);
}

}  // namespace loopstate::embedded
