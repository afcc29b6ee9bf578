#include "embedded/write_check.hpp"

#include <lmdb.h>

#include <algorithm>
#include <utility>

#include "embedded/fault_guard.hpp"
#include "embedded/inspection.hpp"
#include "embedded/key_order.hpp"
#include "embedded/record_buffer.hpp"

namespace loopstate::embedded {
namespace {

using lmdb_layout::Database;
using Kind = PageView::Kind;

/// What a separator takes in a branch, at most.
constexpr std::size_t kLongestSeparator = 522;
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

/// What several values of a key take in addition to themselves, as a page within the page.
constexpr std::size_t kPageWithin = 64;

/// A put of `value` under `key`, where `found` is.
void note_put(LeafChanges& changes, const PageView& leaf, const std::optional<PageNode>& found,
              std::string_view key, std::string_view value) {
  constexpr std::size_t kHeader = lmdb_layout::kNodeHeaderBytes, kBig = sizeof(std::uint64_t), kMargin = 32;
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
  trees_.fill({});
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
  seen_.add({step.page, step.owner, kind, page.bytes(), 0, {}, false});
  return page;
}

bool WriteCheck::is_tree_sound(const Database& tree, std::uint64_t owner, Change change, std::string_view key,
                               std::string_view value, std::optional<PageNode>& found) {
  if (tree.root == kNoPage) return tree.depth == 0;
  if (tree.depth == 0 || tree.depth > kDeepestTree) return false;
  if (!find_leaf({tree.root, owner, tree.depth, {}}, key)) return false;
  const auto leaf = look_at(path_.last());
  if (!leaf) return false;
  const std::size_t at = lower_bound(*leaf, Kind::Leaf, key);
  if (at < leaf->count() && leaf->key(at) == key) found = node_of(*leaf, at, Kind::Leaf);
  // What LMDB frees with the last value of a key is what its tree says it has.
  if (owner < kPartsOwner && tree.depth == 1 && tree.entries != leaf->count()) return false;
  SeenPages::Entry& entry = seen_.entry_of(path_.last().page);
  LeafChanges& changes = entry.changes;
  TreeChanges& all = trees_[owner < kPartsOwner ? kParts : owner - kPartsOwner];
  if (change == Change::Put) {
    if (found && owner == owner_of(Part::Expiry)) {
      note_further_value(changes, *found, value);
    } else {
      note_put(changes, *leaf, found, key, value);
      // It may be another value of a key that this transaction put.
      if (owner == owner_of(Part::Expiry)) changes.put(0, 0, kPageWithin);
    }
    if (entry.is_mixed || !changes.fits(*leaf)) ++all.splits;
    const bool is_after_first = at > 0 || found;
    return all.merges == 0 || (is_after_first && !changes.has_removals()) || is_page_before_sound(all);
  }
  if (found) changes.remove(found->bytes);
  if (tree.depth == 1 || (!entry.is_mixed && changes.stays_by_itself(*leaf))) return true;
  ++all.merges;
  return are_pages_beside_sound(path_, all);
}

/// Leaf by leaf.
bool WriteCheck::is_range_sound(const Database& tree, std::string_view low, std::string_view high) {
  if (tree.root == kNoPage) return tree.depth == 0;
  if (tree.depth == 0 || tree.depth > kDeepestTree) return false;
  for (;;) {
    if (!find_leaf({tree.root, owner_of(Part::Items), tree.depth, {}}, low)) return false;
    const std::string_view next = path_.last().range.high;
    if (next.empty() || (!high.empty() && next >= high)) return true;
    if (next <= low) return false;
    low = next;
  }
}

/// From the root down to the leaf that has the key, or would have it, if everything on the way is sound.
bool WriteCheck::find_leaf(const Step& root, std::string_view key) {
  path_.length = 0;
  path_.push(root, 0);
  for (;;) {
    const auto page = look_at(path_.last());
    if (!page || path_.last().levels == 1) return page.has_value();
    const std::size_t place = child_for(*page, key);
    path_.push(child_of(*page, place, path_.last()), place);
  }
}

/// Along the first or the last children, until the path has that length.
bool WriteCheck::go_down(Path& path, std::size_t length, Side side) {
  for (;;) {
    const auto page = look_at(path.last());
    if (!page || path.length == length) return page.has_value();
    const std::size_t place = side == Side::After ? 0 : page->count() - 1;
    path.push(child_of(*page, place, path.last()), place);
  }
}

/// To the next page of the same level.
WriteCheck::Found WriteCheck::go_beside(Path& path, Side side) {
  const std::size_t length = path.length;
  while (path.length > 1) {
    const std::size_t place = path.places[--path.length];
    const auto page = look_at(path.last());
    if (!page) return Found::Damage;
    if (side == Side::Before ? place == 0 : place + 1 == page->count()) continue;
    const std::size_t next = side == Side::Before ? place - 1 : place + 1;
    path.push(child_of(*page, next, path.last()), next);
    return go_down(path, length, side) ? Found::Page : Found::Damage;
  }
  return Found::Nothing;
}

/// To the first page of the same level that LMDB has certainly not merged with those before it.
WriteCheck::Found WriteCheck::go_past_loose(Path& path, Side side, const TreeChanges& tree) {
  Found found = go_beside(path, side);
  while (found == Found::Page && is_loose(path.last(), tree)) found = go_beside(path, side);
  return found;
}

/// A page that has become nearly empty is merged with a neighbour, or takes an entry from it, which may leave
/// their parent nearly empty; for a branch, LMDB then looks for the least key below it.
bool WriteCheck::are_pages_beside_sound(Path path, const TreeChanges& tree) {
  const std::size_t leaves = path.length;
  for (; path.length > 1; --path.length) {
    Path least = path;
    if (!go_down(least, leaves, Side::After) || !are_pages_beside_sound(path, Side::Before, tree) ||
        !are_pages_beside_sound(path, Side::After, tree))
      return false;
    seen_.entry_of(path.last().page).is_mixed = true;
  }
  return true;
}

/// When LMDB moves or merges branches it takes the least key that is left below one for where that begins: a
/// key before it then goes to the leaf before the one that was found.
bool WriteCheck::is_page_before_sound(const TreeChanges& tree) {
  Path beside = path_;
  const Found found = go_past_loose(beside, Side::Before, tree);
  if (found != Found::Page) return found == Found::Nothing;
  SeenPages::Entry& entry = seen_.entry_of(beside.last().page);
  entry.changes.put(0, 0, entry.bytes.size());  // as good as split
  entry.is_mixed = true;
  seen_.entry_of(path_.last().page).is_mixed = true;
  return true;
}

bool WriteCheck::are_pages_beside_sound(const Path& path, Side side, const TreeChanges& tree) {
  Path beside = path;
  const Found found = go_past_loose(beside, side, tree);
  if (found != Found::Page) return found == Found::Nothing;
  Path least = beside;
  if (!go_down(least, beside.length + beside.last().levels - 1, Side::After)) return false;
  seen_.entry_of(beside.last().page).is_mixed = true;
  return true;
}

/// Whether a page that was looked at may be part of a nearly empty one. A leaf that is certainly fuller may
/// have given nodes to its neighbours; but a page that reaches beyond it has all that is left of it.
bool WriteCheck::is_loose(const Step& step, const TreeChanges& tree) {
  const SeenPages::Entry& entry = seen_.entry_of(step.page);
  const PageView page(entry.bytes);
  if (!entry.is_mixed) return false;
  if (step.levels == 1) return !entry.changes.stays_by_itself(page);
  // A branch loses a child with each merge below it, and has one less if it gives one away.
  const std::size_t grown = kLongestSeparator * (tree.splits + tree.merges);
  return page.count() <= 2 * tree.merges + 1 ||
         lmdb_layout::kPageHeaderBytes + page.used_bytes() + grown > page.bytes().size();
}

WriteCheck::Step WriteCheck::child_of(const PageView& branch, std::size_t index, const Step& parent) {
  Range range = parent.range;
  const PageNode node = node_of(branch, index, Kind::Branch);
  if (index > 0) range.low = node.key;
  if (index + 1 < branch.count()) range.high = branch.key(index + 1);
  return {node.child, parent.page, parent.levels - 1, range};
}

/// Its overflow pages become free when it is rewritten, as many as the first of them says.
bool WriteCheck::is_record_sound(const PageNode& node) {
  if ((node.flags & ~PageNode::kBig) != 0) return false;
  if (!node.is_big()) return true;
  const std::uint64_t first = node.overflow_page();
  const std::uint64_t pages = overflow_pages_for(node.data_bytes, file_.page_bytes());
  const std::uint64_t last_page = moment_->head.last_page;
  if (first < 2 || first > last_page || seen_.find(first) != nullptr) return false;
  const std::string_view page = bytes_of(first);
  if (fault_of_overflow(page, first, pages) != nullptr) return false;
  const std::uint64_t told = overflow_pages_in(page);
  return told <= last_page - first + 1 && are_left_over(first + pages, first + told);
}

/// Pages behind those of a record that it had before it became smaller. A page with its own number is the
/// first of something else.
bool WriteCheck::are_left_over(std::uint64_t from, std::uint64_t to) {
  if (to - from > overflow_pages_for(kMaxRecordBytes, file_.page_bytes())) return false;
  for (; from < to; ++from) {
    if (PageView(bytes_of(from)).number() == from) return false;
  }
  return true;
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
