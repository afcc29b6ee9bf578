// The pages that the check of a transaction has looked at, and what the transaction may have done to them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "embedded/page.hpp"

namespace loopstate::embedded {

/// What a transaction's changes to a leaf come to: how much it may have grown, and may have shrunk.
class LeafChanges {
 public:
  /// A put, of a node of `least` to `most` bytes, in place of one of `before` bytes (0: there was none).
  void put(std::size_t before, std::size_t least, std::size_t most) {
    if (most + kRounding > before) grown_ += most + kRounding - before;
    if (before + kRounding > least) shrunk_ += before + kRounding - least;
  }
  void remove(std::size_t bytes) {
    shrunk_ += bytes + kRounding;
    ++removed_;
  }

  bool has_removals() const { return removed_ > 0; }
  /// Whether all puts fitted in, so that what became of the leaf is one page.
  bool fits(const PageView& leaf) const {
    return lmdb_layout::kPageHeaderBytes + leaf.used_bytes() + grown_ <= leaf.bytes().size();
  }
  /// Whether it is one page, and not so empty that LMDB merges it with a neighbour: less than a quarter full.
  bool stays_by_itself(const PageView& leaf) const {
    const std::size_t used = leaf.used_bytes();
    return fits(leaf) && leaf.count() > removed_ + 1 &&
           10 * (used - std::min(used, shrunk_)) > 3 * leaf.bytes().size();
  }

 private:
  /// Nodes lie at even places, and each takes two bytes for where it is.
  static constexpr std::size_t kRounding = 3;

  std::size_t grown_ = 0, shrunk_ = 0, removed_ = 0;
};

/// Filled under the guard, where nothing may be allocated: so room is made beforehand.
class SeenPages {
 public:
  struct Entry {
    std::uint64_t page = 0, owner = 0;
    PageView::Kind kind = PageView::Kind::Leaf;
    std::string_view bytes;
    std::uint64_t round = 0;
    LeafChanges changes;
    bool is_mixed = false;  ///< LMDB may have moved nodes between it and a neighbour, or merged the two
  };

  void clear() {
    ++round_;
    count_ = 0;
  }

  const Entry* find(std::uint64_t page) const {
    const Entry& found = entries_[place_of(page)];
    return found.round == round_ ? &found : nullptr;
  }

  /// A page that is there.
  Entry& entry_of(std::uint64_t page) { return entries_[place_of(page)]; }

  bool is_full() const { return 2 * count_ >= entries_.size(); }

  /// One that is not there yet, while there is room.
  void add(Entry entry) {
    entry.round = round_;
    entries_[place_of(entry.page)] = entry;
    ++count_;
  }

  void make_room() {
    std::vector<Entry> before(2 * entries_.size());
    before.swap(entries_);
    count_ = 0;
    for (const Entry& entry : before) {
      if (entry.round == round_) add(entry);
    }
  }

 private:
  /// Where the page is, or would be put. Half of the places are always empty.
  std::size_t place_of(std::uint64_t page) const {
    constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;  // neighbours in the file lie apart
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = (page * kSpread >> 32) & mask;
    while (entries_[at].round == round_ && entries_[at].page != page) at = (at + 1) & mask;
    return at;
  }

  std::vector<Entry> entries_ = std::vector<Entry>(64);  // a power of two
  std::uint64_t round_ = 1;                              ///< entries of earlier ones are empty places
  std::size_t count_ = 0;
};

}  // namespace loopstate::embedded
