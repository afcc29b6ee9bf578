// Looks at every page of one state of a file: whether each is sound and has exactly one use, and whether all
// the items exist that the file says it has.
#pragma once

#include <string>
#include <vector>

#include "embedded/digest.hpp"
#include "embedded/moment.hpp"
#include "embedded/tree_plan.hpp"
#include "table/table.hpp"

namespace loopstate::embedded {

struct InspectionReport {
  std::vector<table::Finding> findings;  ///< empty: all is well
  Digest found;                          ///< of the items whose checksums are right
};

/// Reads the whole file. `file` and `moment` belong to a pinned transaction, or to a file that nobody
/// writes.
InspectionReport inspect_pages(const PageFile& file, const Moment& moment);

/// A list of free pages and the pages of the list itself, taken in `use`; returns what is wrong with it.
std::vector<PageFault> read_free_list(const PageFile& file, const lmdb_layout::Meta& head, PageUse& use);

}  // namespace loopstate::embedded
