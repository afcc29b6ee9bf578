// How much room a store takes, and how many writes wait for it: for whoever watches the process.
#pragma once

#include <cstdint>
#include <optional>

#include "table/table.hpp"

namespace loopstate::embedded {

class Environment;

struct StorageUse {
  std::uint64_t file_bytes = 0;      ///< the pages that the file has, used or free
  std::uint64_t free_bytes = 0;      ///< of these, what later writes reuse before the file grows
  std::uint64_t waiting_writes = 0;  ///< queued behind the commit that is being made, in this process
};

/// All but the queue. Reads the list of free pages: microseconds, or milliseconds after very much was
/// removed. Nothing if the file cannot be read.
std::optional<StorageUse> measure_storage(Environment& environment);

/// Nothing if the table belongs to another engine, or its file cannot be read. May be called from several
/// threads.
std::optional<StorageUse> storage_use_of(const table::Table& table);

}  // namespace loopstate::embedded
