// Backup of an embedded store while it is in use, and restore.
#pragma once

#include <cstdint>
#include <string>

#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"

namespace loopstate {

struct BackupReport {
  std::uint64_t items = 0;  ///< including expired ones that have not been removed yet
  std::uint64_t bytes = 0;
};

/// Writes the embedded store that `settings.url` names to `file` as it is at this moment, regardless of what
/// others write meanwhile. The copy is verified before it gets its name. InvalidArgument (`file` exists
/// already, or the URL names a DynamoDB table: DynamoDB makes its own backups), StorageCorrupt (the store is
/// damaged: no backup is made), TableNotFound, StorageFull, StorageFailure.
Result<BackupReport> back_up(const Settings& settings, const std::string& file);

/// Verifies `file` and makes it the embedded store that `settings.url` names: all of it or nothing.
/// InvalidArgument (the store exists, and `replace` is not set), Unavailable (a process has it open),
/// StorageCorrupt (the backup is damaged), TableMismatch (it is not a backup), TableNotFound, StorageFull,
/// StorageFailure.
Result<BackupReport> restore_backup(const Settings& settings, const std::string& file, bool replace);

}  // namespace loopstate
