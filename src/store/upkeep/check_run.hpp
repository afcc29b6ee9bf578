// One check under way: what its parts share.
#pragma once

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "store/spine/core.hpp"
#include "store/upkeep/check.hpp"
#include "store/upkeep/check_documents.hpp"
#include "store/upkeep/check_partition.hpp"

namespace loopstate::store {

struct CheckRun {
  Store store;
  CorePtr core;
  CheckOptions options;
  const Clock& clock;
  CheckSink found;
  CheckStep step;
  CheckCounts counts;
  Partition partition;  // the one whose items are still arriving
  std::vector<CardPair> pairs;
  std::vector<MarkedCapture> marked;
  SeenDocuments documents = {};     // of `partition`, if that is a collection's
  bool is_storage_damaged = false;  // nobody knows which items are missing

  table::Call call() const {
    return {clock.now(), std::chrono::steady_clock::now() + options.request_timeout};
  }

  void report(CheckFinding finding) {
    ++counts.findings;
    if (finding.mended) ++counts.mended;
    found(finding);
  }
};

using RunPtr = std::shared_ptr<CheckRun>;

/// A repair that the rules refuse because of what is stored was not made, but is no reason to stop: an item
/// that cannot be read, a context without room for a ring. The finding stays.
Result<bool> unless_refused(Result<bool> mended);

}  // namespace loopstate::store
