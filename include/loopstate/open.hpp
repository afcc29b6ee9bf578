// Opens a store by its URL.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/store.hpp"

namespace loopstate {

enum class OpenMode : bool {
  Existing,        ///< TableNotFound where nothing is there
  CreateIfMissing  ///< an embedded file is made; a DynamoDB table never is (that is `loopstate init`)
};

/// The table that `settings.url` names. Opening an embedded file reads it; opening a DynamoDB table sends
/// nothing. InvalidArgument, TableNotFound, TableMismatch, StorageCorrupt, StorageReadOnly, StorageFull,
/// StorageFailure.
Result<std::shared_ptr<table::Table>> open_table(const Settings& settings,
                                                 OpenMode mode = OpenMode::CreateIfMissing);

/// The same with the rules on top; InvalidArgument also where `settings.store` is out of range. A child after
/// fork() opens its own: what was opened before answers every call there with StorageFailure.
Result<Store> open(const Settings& settings, OpenMode mode = OpenMode::CreateIfMissing);

struct BackupReport {
  std::uint64_t items = 0;  ///< expired ones included, until they are removed
  std::uint64_t bytes = 0;
};

/// Writes the embedded store that `settings.url` names to `file`, as it is at this moment, whatever others
/// write meanwhile; the copy is read through before it gets its name. InvalidArgument (`file` is there
/// already; a DynamoDB table, whose own service makes backups), StorageCorrupt (the store is damaged: no
/// backup is made), TableNotFound, StorageFull, StorageFailure.
Result<BackupReport> back_up(const Settings& settings, const std::string& file);

/// Makes `file`, which is read through first, the embedded store that `settings.url` names: all of it or
/// nothing. InvalidArgument (the store is there, and `replace` is not set), Unavailable (a process has it
/// open), StorageCorrupt (the backup is damaged), TableMismatch (it is none), TableNotFound, StorageFull,
/// StorageFailure.
Result<BackupReport> restore_backup(const Settings& settings, const std::string& file, bool replace);

}  // namespace loopstate
