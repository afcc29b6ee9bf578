// The pages that the check of a transaction has looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "embedded/page.hpp"

namespace loopstate::embedded {

/// Filled under the guard, where nothing may be allocated: so room is made beforehand.
class SeenPages {
 public:
  struct Entry {
    std::uint64_t page = 0, owner = 0;
    PageView::Kind kind = PageView::Kind::Leaf;
    std::string_view bytes;
    std::uint64_t round = 0;
  };

  void clear() {
    ++round_;
    count_ = 0;
  }

  const Entry* find(std::uint64_t page) const {
    const Entry& found = entries_[place_of(page)];
    return found.round == round_ ? &found : nullptr;
  }

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
