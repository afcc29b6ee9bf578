// A store's file as it is at one moment, as a separate file; and back.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "embedded/embedded_table.hpp"
#include "loopstate/error.hpp"

namespace loopstate::embedded {

struct BackupReport {
  std::uint64_t items = 0;  ///< including expired ones that have not been removed yet
  std::uint64_t bytes = 0;
};

/// Writes the store at `from` to `to` as it is at this moment, regardless of concurrent writes, and verifies
/// the copy before it gets its name. Pages that hold nothing are left out. A partial backup never appears
/// under the name. InvalidArgument (something is there already), StorageCorrupt (the store is damaged;
/// it says where), StorageFull, the errors of opening and reading.
Result<BackupReport> back_up(const std::string& from, const std::string& to,
                             std::chrono::milliseconds lock_wait = EmbeddedOptions{}.lock_wait);

/// Verifies `from` and makes it the store at `to`, or the one that `to` links to; all of it or nothing.
/// InvalidArgument (`to` exists, and `replace` is not set; a process has `from` open),
/// StorageCorrupt (the backup is damaged), Unavailable (a process has the store open), TableMismatch,
/// StorageFull, the errors of reading.
Result<BackupReport> restore(const std::string& from, const std::string& to, bool replace);

}  // namespace loopstate::embedded
