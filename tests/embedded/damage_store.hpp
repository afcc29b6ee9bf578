// A store with every kind of page, whose items can be told apart, and what reading it returned.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "table/table.hpp"

namespace loopstate::embedded::damage_store {

/// Trees of several levels, overflow pages, second values of a key in a page and as a separate tree,
/// tokens, free pages.
void make(const std::string& path);

/// All items as make() leaves them.
std::vector<table::Item> items();
/// One of them as it was before the last commit.
table::Item before_last_commit();

/// What became of the items, in terms that the campaign understands: reads them all, scans, checks, exports,
/// writes to all of them, and reads and checks once more.
struct Verdict {
  std::uint64_t wrong = 0;  ///< answers that were never written: must be 0
  std::uint64_t missing =
      0;  ///< not as it was last written (missing, or of an older state), whatever was asked
  std::uint64_t errors = 0;
  std::uint64_t written = 0;  ///< acknowledged
  bool trouble = false;       ///< the check reported that something is wrong
  std::string first;          ///< the first that was wrong or missing
};
Verdict probe(const std::string& path);

}  // namespace loopstate::embedded::damage_store
