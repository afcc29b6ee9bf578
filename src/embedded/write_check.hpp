// Checks the pages that LMDB is about to change. LMDB believes what a page says about itself: changing a
// damaged one moves memory by invalid lengths, and what it writes then spreads the damage.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "embedded/moment.hpp"
#include "embedded/page.hpp"
#include "embedded/page_file.hpp"
#include "embedded/page_map.hpp"
#include "embedded/seen_pages.hpp"

namespace loopstate::embedded {

/// The pages of the committed state, which do not change while a transaction is written: each is checked
/// once in it, before the first change that may reach it, where it is mapped.
class WriteCheck {
 public:
  enum class Part : std::uint8_t { Meta, Items, Expiry, Tokens };
  enum class Change : std::uint8_t { Put, Remove };

  /// Whether the list of free pages is checked as well, once: LMDB writes to what it names.
  enum class FreeList : bool { Unchecked, Checked };

  explicit WriteCheck(const PageFile& file, FreeList free_list = FreeList::Checked)
      : file_(file), map_(file), knows_free_list_(free_list == FreeList::Unchecked) {}

  /// A transaction begins (with its number, which the head gets when it commits).
  void begin(std::uint64_t transaction);

  /// Whether the page of `key`, and everything that a change to it may reach, is sound. `value`: that one of
  /// the key's values, if it has several.
  bool is_sound(Change change, Part part, std::string_view key, std::string_view value);

  std::uint64_t page_bytes() const { return file_.page_bytes(); }

  /// The state that the transaction is based on; nothing if its head is gone or damaged.
  const std::optional<Moment>& moment();

  /// Begins on the state that `moment` said, which a reader has kept since: its head may be gone.
  void begin_at(const Moment& moment);

  /// Whether the pages that have, or would have, the items from `low` up to `high` are sound; empty: open.
  bool are_items_sound(std::string_view low, std::string_view high);

  /// After a check was false, or there is no moment: because the transaction is not based on the last state
  /// but one, whose head is therefore gone. Never so for a writer.
  bool is_replaced() const { return is_replaced_; }

  /// Whether this transaction's checks have looked at a page of a tree.
  bool has_looked_at(std::uint64_t page) const { return seen_.find(page) != nullptr; }

 private:
  /// Keys from `low` up to, but not including, `high`; empty: open.
  struct Range {
    std::string_view low, high;
  };
  /// A page as its parent (or, for a root, its tree's place) leads to it.
  struct Step {
    std::uint64_t page = 0, owner = 0;
    unsigned levels = 0;
    Range range;
  };
  enum class Side : std::uint8_t { Before, After };
  /// LMDB's trees are at most this deep.
  static constexpr unsigned kDeepestTree = 32;
  /// From a root down to a page, and which of its parent's children each is.
  struct Path {
    std::array<Step, kDeepestTree> steps{};
    std::array<std::size_t, kDeepestTree> places{};
    std::size_t length = 0;

    Step& last() { return steps[length - 1]; }
    void push(const Step& step, std::size_t place) {
      steps[length] = step;
      places[length++] = place;
    }
  };
  /// What a transaction has done to the pages of a tree, at most.
  struct TreeChanges {
    std::size_t splits = 0, merges = 0;
  };
  enum class Found : std::uint8_t { Page, Nothing, Damage };

  template <typename Judge>
  bool judge_guarded(Judge judge);
  bool is_change_sound(Change change, Part part, std::string_view key, std::string_view value);
  bool is_range_sound(const lmdb_layout::Database& tree, std::string_view low, std::string_view high);
  std::string_view bytes_of(std::uint64_t page);
  bool has_read_file();
  static bool are_parts_sound(const Moment& moment);
  bool is_free_list_sound(const Moment& moment) const;
  std::optional<PageView> look_at(const Step& step);
  static Step child_of(const PageView& branch, std::size_t index, const Step& parent);
  bool is_tree_sound(const lmdb_layout::Database& tree, std::uint64_t owner, Change change,
                     std::string_view key, std::string_view value, std::optional<PageNode>& found);
  bool find_leaf(const Step& root, std::string_view key);
  bool go_down(Path& path, std::size_t length, Side side);
  Found go_beside(Path& path, Side side);
  Found go_past_loose(Path& path, Side side, const TreeChanges& tree);
  bool are_pages_beside_sound(Path path, const TreeChanges& tree);
  bool are_pages_beside_sound(const Path& path, Side side, const TreeChanges& tree);
  bool is_page_before_sound(const TreeChanges& tree);
  bool is_loose(const Step& step, const TreeChanges& tree);
  bool is_record_sound(const PageNode& node);
  bool are_left_over(std::uint64_t from, std::uint64_t to);
  bool are_duplicates_sound(const PageNode& node, Change change, std::string_view value);

  PageFile file_;
  PageMap map_;
  std::uint64_t transaction_ = 0;
  bool knows_free_list_;  ///< checked once; from then on it is LMDB's own work
  bool is_replaced_ = false;
  std::optional<Moment> moment_;  ///< of this transaction
  /// Those of each part, and together those of the trees within a part.
  static constexpr std::size_t kParts = 4;
  std::array<TreeChanges, kParts + 1> trees_{};
  Path path_;  ///< to the leaf that was found last
  SeenPages seen_;
  bool is_mapped_ = false;          ///< all pages of this transaction
  std::deque<std::string> copies_;  ///< of pages, if they cannot be mapped
  std::uint64_t longest_ = 0;       ///< the highest last page of a head that the file's length allows
  std::string head_, root_;         ///< where the first pages are read to
};

}  // namespace loopstate::embedded
