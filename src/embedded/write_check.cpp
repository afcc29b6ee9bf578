#include "embedded/write_check.hpp"

#include <lmdb.h>

#include <algorithm>
#include <utility>

#include "embedded/fault_guard.hpp"
#include "embedded/inspection.hpp"
#include "embedded/key_order.hpp"

namespace loopstate::embedded {
namespace {

using lmdb_layout::Database;
using Kind = PageView::Kind;

constexpr unsigned kDeepestTree = 32;
/// Owners that are not pages: the places of the parts' roots.
constexpr std::uint64_t kPartsOwner = std::uint64_t{1} << 63;
std::uint64_t owner_of(WriteCheck::Part part) {
  return kPartsOwner + static_cast<std::uint64_t>(part);
}

// Pages are read where they are mapped. They do not change while a transaction is open, unless somebody
// overwrites the file: then what is read here is anything, but never outside the page.

PageNode node_of(const PageView& page, std::size_t index, Kind kind) {
  return page.node(index, kind).value_or(PageNode{});
}

/// The first node whose key is not less. A branch's first node has no key: it counts as less.
std::size_t lower_bound(const PageView& page, Kind kind, std::string_view key) {
  std::size_t low = kind == Kind::Branch ? 1 : 0, high = page.count();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (key_order::compare(page.key(middle), key) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/// Where a branch leads for a key.
std::size_t child_for(const PageView& branch, std::string_view key) {
  const std::size_t at = lower_bound(branch, Kind::Branch, key);
  const bool is_its_first = at < branch.count() && branch.key(at) == key;
  return is_its_first ? at : at - 1;
}

bool is_within(const PageView& page, Kind kind, std::string_view low, std::string_view high) {
  const std::size_t first = kind == Kind::Branch ? 1 : 0;
  return page.key(first) >= low && (high.empty() || page.key(page.count() - 1) < high);
}

/// A put of `value` under `key`, where `found` is.
void note_put(LeafChanges& changes, const PageView& leaf, const std::optional<PageNode>& found,
              std::string_view key, std::string_view value) {
  constexpr std::size_t kHeader = 8, kBig = sizeof(std::uint64_t), kMargin = 32;
  const std::size_t half = leaf.bytes().size() / 2, inside = kHeader + key.size() + value.size();
  // A value that leaves no room for another node lies on pages of its own.
  const std::size_t least =
      inside + kMargin > half ? kHeader + key.size() + std::min(value.size(), kBig) : inside;
  const std::size_t most = value.size() > half ? kHeader + key.size() + kBig : inside;
  changes.put(found ? found->bytes : 0, least, most);
}

/// A put of another value of a key that has one: the first becomes a page within the page, and many become a
/// tree, of which only a small record is left.
void note_further_value(LeafChanges& changes, const PageNode& found, std::string_view value) {
  constexpr std::size_t kPageWithin = 64;
  changes.put(found.bytes, 0, found.bytes + value.size() + kPageWithin);
}

const Database& tree_of(const Moment& moment, WriteCheck::Part part) {
  switch (part) {
    case WriteCheck::Part::Meta:
      return moment.meta;
    case WriteCheck::Part::Items:
      return moment.items;
    case WriteCheck::Part::Expiry:
      return moment.expiry;
    case WriteCheck::Part::Tokens:
      break;
  }
  return moment.tokens;
}

}  // namespace

void WriteCheck::begin(std::uint64_t transaction) {
  transaction_ = transaction;
  moment_.reset();
  is_replaced_ = false;
  may_have_merged_.fill(false);
  seen_.clear();
  copies_.clear();
}

const std::optional<Moment>& WriteCheck::moment() {
  if (!moment_) static_cast<void>(has_read_file());
  return moment_;
}

void WriteCheck::begin_at(const Moment& moment) {
  begin(moment.head.transaction + 1);
  is_mapped_ = map_.reaches(moment.head.last_page);
  moment_ = moment;
}

bool WriteCheck::is_sound(Change change, Part part, std::string_view key, std::string_view value) {
  return judge_guarded([&] { return is_change_sound(change, part, key, value); });
}

bool WriteCheck::are_items_sound(std::string_view low, std::string_view high) {
  return judge_guarded([&] { return is_range_sound(moment_->items, low, high); });
}

template <typename Judge>
bool WriteCheck::judge_guarded(Judge judge) {
  if (!moment()) return false;
  for (;;) {
    bool sound = false;
    const int code = guarded([&] {
      sound = judge();
      return 0;
    });
    if (code != 0) return false;
    if (sound || !seen_.is_full()) return sound;
    seen_.make_room();
  }
}

/// Under the guard.
bool WriteCheck::is_change_sound(Change change, Part part, std::string_view key, std::string_view value) {
  std::optional<PageNode> found;
  if (!is_tree_sound(tree_of(*moment_, part), owner_of(part), change, key, value, found)) return false;
  if (!found) return true;
  return part == Part::Expiry ? are_duplicates_sound(*found, change, value) : is_record_sound(*found);
}

bool WriteCheck::has_read_file() {
  const std::uint64_t last = transaction_ - 1, place = last & 1;
  if (!map_.read(place, head_, lmdb_layout::kPageHeaderBytes + sizeof(lmdb_layout::Meta))) return false;
  const auto head = head_in(head_, place, file_.page_bytes());
  is_replaced_ = head && head->transaction > last;
  if (!head || head->transaction != last) return false;
  // The file only grows, so its length is asked for only if the head says more than the last one allowed.
  if (head->last_page > longest_) longest_ = longest_for(file_);
  if (head->last_page > longest_) return false;
  if (head->main.root > head->last_page || !map_.read(head->main.root, root_)) return false;
  const auto moment = moment_in(root_, *head);
  if (!moment || !are_parts_sound(*moment)) return false;
  if (!knows_free_list_ && !is_free_list_sound(*moment)) return false;
  knows_free_list_ = true;
  is_mapped_ = map_.reaches(head->last_page);
  moment_ = *moment;
  return true;
}

/// LMDB overwrites what the list names. Its roots reveal a state that the file has left behind.
bool WriteCheck::is_free_list_sound(const Moment& moment) const {
  PageUse use(moment.head.last_page);
  if (!check_heads(file_) || !read_free_list(file_, moment.head, use).empty()) return false;
  const auto is_free = [&](std::uint64_t root) { return root != kNoPage && use.is_used(root); };
  return !is_free(moment.head.main.root) && !is_free(moment.meta.root) && !is_free(moment.items.root) &&
         !is_free(moment.expiry.root) && !is_free(moment.tokens.root);
}

bool WriteCheck::are_parts_sound(const Moment& moment) {
  // In addition to a tree's flags, the list of free pages has the environment's.
  constexpr unsigned kTreeFlags =
      MDB_REVERSEKEY | MDB_DUPSORT | MDB_INTEGERKEY | MDB_DUPFIXED | MDB_INTEGERDUP | MDB_REVERSEDUP;
  return moment.head.main.flags == 0 && (moment.head.free_pages.flags & kTreeFlags) == MDB_INTEGERKEY &&
         moment.meta.flags == 0 && moment.items.flags == 0 && moment.tokens.flags == 0 &&
         moment.expiry.flags == MDB_DUPSORT;
}

/// One up to the last page.
std::string_view WriteCheck::bytes_of(std::uint64_t page) {
  if (is_mapped_) return map_.in_place(page);
  // No map, no faults: so here memory may be allocated.
  std::string& copy = copies_.emplace_back();
  return file_.read(page, 1, copy) ? copy : std::string_view();
}

std::optional<PageView> WriteCheck::look_at(const Step& step) {
  const Kind kind = step.levels > 1 ? Kind::Branch : Kind::Leaf;
  if (const auto* seen = seen_.find(step.page)) {
    if (seen->owner != step.owner || seen->kind != kind) return std::nullopt;  // it has two uses
    return PageView(seen->bytes);
  }
  if (step.page < 2 || step.page > moment_->head.last_page || seen_.is_full()) return std::nullopt;
  const PageView page(bytes_of(step.page));
  if (page.fault(step.page, kind) != nullptr || !is_within(page, kind, step.range.low, step.range.high))
    return std::nullopt;
  seen_.add({step.page, step.owner, kind, page.bytes(), 0, {}});
  return page;
}

bool WriteCheck::is_tree_sound(const Database& tree, std::uint64_t owner, Change change, std::string_view key,
                               std::string_view value, std::optional<PageNode>& found) {
  if (tree.root == kNoPage) return tree.depth == 0;
  if (tree.depth == 0 || tree.depth > kDeepestTree) return false;
  const Step root{tree.root, owner, tree.depth, {}};
  Step step = root;
  const auto leaf = leaf_of(step, key);
  if (!leaf) return false;
  const std::size_t at = lower_bound(*leaf, Kind::Leaf, key);
  if (at < leaf->count() && leaf->key(at) == key) found = node_of(*leaf, at, Kind::Leaf);
  // What LMDB frees with the last value of a key is what its tree says it has.
  if (owner < kPartsOwner && tree.depth == 1 && tree.entries != leaf->count()) return false;
  LeafChanges& changes = seen_.changes_to(step.page);
  if (change == Change::Put) {
    if (found && owner == owner_of(Part::Expiry)) {
      note_further_value(changes, *found, value);
    } else {
      note_put(changes, *leaf, found, key, value);
    }
    return true;
  }
  if (found) changes.remove(found->bytes);
  if (tree.depth == 1) return true;
  bool& merged = may_have_merged_[owner < kPartsOwner ? kParts : owner - kPartsOwner];
  merged = merged || !changes.stays_by_itself(*leaf);
  return !merged || are_pages_beside_sound(root, key);
}

/// Leaf by leaf.
bool WriteCheck::is_range_sound(const Database& tree, std::string_view low, std::string_view high) {
  if (tree.root == kNoPage) return tree.depth == 0;
  if (tree.depth == 0 || tree.depth > kDeepestTree) return false;
  for (;;) {
    Step step{tree.root, owner_of(Part::Items), tree.depth, {}};
    if (!leaf_of(step, low)) return false;
    const std::string_view next = step.range.high;
    if (next.empty() || (!high.empty() && next >= high)) return true;
    if (next <= low) return false;
    low = next;
  }
}

/// From the root down to the leaf that has the key, or would have it, if everything on the way is sound.
std::optional<PageView> WriteCheck::leaf_of(Step& step, std::string_view key) {
  auto page = look_at(step);
  for (; page && step.levels > 1; page = look_at(step)) step = child_of(*page, child_for(*page, key), step);
  return page;
}

/// For a path that is sound.
bool WriteCheck::are_pages_beside_sound(Step step, std::string_view key) {
  while (step.levels > 1) {
    const auto page = look_at(step);
    if (!page) return false;
    const std::size_t index = child_for(*page, key);
    if (!are_neighbours_sound(*page, index, step)) return false;
    step = child_of(*page, index, step);
  }
  return true;
}

WriteCheck::Step WriteCheck::child_of(const PageView& branch, std::size_t index, const Step& parent) {
  Range range = parent.range;
  const PageNode node = node_of(branch, index, Kind::Branch);
  if (index > 0) range.low = node.key;
  if (index + 1 < branch.count()) range.high = branch.key(index + 1);
  return {node.child, parent.page, parent.levels - 1, range};
}

/// A page that has become nearly empty is merged with a neighbour, or takes an entry from it; for a branch,
/// LMDB then looks for the least key below it.
bool WriteCheck::are_neighbours_sound(const PageView& branch, std::size_t index, const Step& step) {
  if (!is_edge_sound(child_of(branch, 0, step), Side::First)) return false;
  if (index > 0) {
    const Step before = child_of(branch, index - 1, step);
    if (!is_edge_sound(before, Side::First) || !is_edge_sound(before, Side::Last)) return false;
  }
  return index + 1 == branch.count() || is_edge_sound(child_of(branch, index + 1, step), Side::First);
}

bool WriteCheck::is_edge_sound(Step step, Side side) {
  for (;;) {
    const auto page = look_at(step);
    if (!page) return false;
    if (step.levels == 1) return true;
    step = child_of(*page, side == Side::First ? 0 : page->count() - 1, step);
  }
}

/// Its overflow pages become free when it is rewritten, as many as the first of them says.
bool WriteCheck::is_record_sound(const PageNode& node) {
  if ((node.flags & ~PageNode::kBig) != 0) return false;
  if (!node.is_big()) return true;
  const std::uint64_t first = node.overflow_page();
  const std::uint64_t pages = overflow_pages_for(node.data_bytes, file_.page_bytes());
  const std::uint64_t last_page = moment_->head.last_page;
  if (first < 2 || first > last_page || pages > last_page - first + 1 || seen_.find(first) != nullptr)
    return false;
  return fault_of_overflow(bytes_of(first), first, pages) == nullptr;
}

bool WriteCheck::are_duplicates_sound(const PageNode& node, Change change, std::string_view value) {
  if (node.flags == 0) return true;
  if (node.flags == PageNode::kDuplicates) return PageView(node.data).fault(0, Kind::Duplicates) == nullptr;
  const auto tree = node.tree();
  if (!tree || node.flags != (PageNode::kTree | PageNode::kDuplicates) || tree->flags != 0) return false;
  std::optional<PageNode> found;
  return is_tree_sound(*tree, tree->root, change, value, {}, found) && (!found || found->flags == 0);
}

}  // namespace loopstate::embedded
