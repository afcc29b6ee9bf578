// Rounds of writes of documents, large ones among them, whose traces show after a crash what was done and
// what was not.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "embedded/workload.hpp"
#include "table/table.hpp"

namespace loopstate::embedded::documents_workload {

/// What a line of acknowledgement is about, in place of a worker (Acknowledged).
enum Kind : std::uint8_t { Appended, Put, Dropped, Erased };

struct Run {
  std::int64_t first = 1;  ///< the round after the last whose append was acknowledged
  std::int64_t rounds = 0;
  /// Kills the process before this call of the table, counted from 0.
  std::optional<std::size_t> kill_before = {};
  std::function<void(const std::string& line)> acknowledge;
};

/// Each round appends three entries, one of them in parts, under the round's request id, and replaces a large
/// document. Some rounds also remove old entries, drop a collection, or erase a user and bring them back.
/// What went wrong; empty if nothing did.
std::string work(std::shared_ptr<table::Table> table, const Run& run);

/// What is wrong with the store at `path`, in words; empty if everything acknowledged is there and everything
/// that is there is whole, no entry twice. A day later, `check` finds nothing that it cannot mend, and after
/// that nothing.
std::string faults(const std::string& path, const Acknowledged& acknowledged);

}  // namespace loopstate::embedded::documents_workload
