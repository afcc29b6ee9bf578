// The embedded engine: the table port over one local LMDB file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "loopstate/error.hpp"
#include "table/table.hpp"

namespace loopstate::embedded {

enum class Durability : std::uint8_t {
  /// An acknowledged write survives the death of the process and a loss of power.
  PowerLoss,
  /// It survives only the death of the process; a loss of power may damage the file. For tests and throw-away
  /// stores.
  ProcessDeath
};

struct EmbeddedOptions {
  /// The file. Beside it is PATH-lock, which coordinates the processes that have it open.
  std::string path;
  bool create_if_missing = true;
  Durability durability = Durability::PowerLoss;
  /// Address space to reserve, in bytes. Halved until the system grants it, and grown when the file needs
  /// more.
  std::size_t map_bytes = std::size_t{64} << 30;
  /// How many writes may wait for the writer thread at once; more are Throttled. 1 to 65,536.
  std::size_t max_waiting_writes = 4096;
  /// The longest that a call without a deadline, or opening the store, waits for another process's lock.
  std::chrono::milliseconds lock_wait{30'000};
  /// Time passed since some fixed moment, by a clock that nobody can set: it decides when what has expired
  /// is removed (watermark.hpp). Null: the time since the machine started. For tests.
  std::function<std::chrono::seconds()> passed;
  /// How the user names the file, if links lead from there to `path`. Filled in by open_embedded.
  std::string named = {};
};

/// Opens the file, or creates it (atomically: nobody ever sees half a file). A file may be opened by any
/// number of processes, and any number of times within one: all share one environment, which closes with the
/// last. If the file or folder is read-only, reads work and writes answer StorageReadOnly.
///
/// If the file or its lock file is moved, replaced, removed or linked a second time while it is open, or if a
/// link that led to it when it was opened no longer does: from then on every write answers StorageFailure,
/// and nothing is written (OutcomeUnknown if it happened at that very moment). Reads answer the
/// same within a tenth of a second once the name no longer leads to the file. If other content was
/// written over what is in the file (`cp other.db store.db`), writes, and with older content reads too,
/// answer StorageCorrupt until every process that has it open has ended. No call waits beyond its
/// deadline for a process that is stopped while it writes.
///
/// A table must not be used in a child after fork(): every call there answers StorageFailure. Open the path
/// again in the child.
///
/// TableNotFound (missing, and not to be created, or no such folder), TableMismatch (not a loopstate file, or
/// one of another version), StorageCorrupt (truncated or damaged), StorageReadOnly, StorageFull,
/// InvalidArgument (options that contradict those of a table in this process that has the file open),
/// Unavailable (a process is stopped while it opens the file), StorageFailure (also: another process uses the
/// file with another lock file, or the lock file with another file; the file has several names; a process in
/// another container has the same number). Thread-safe.
Result<std::shared_ptr<table::Table>> open_embedded(EmbeddedOptions options);

/// What the engine has done since this process opened the file.
struct EmbeddedCounters {
  std::uint64_t commits = 0;        ///< LMDB transactions made durable: each costs two syncs of the file
  std::uint64_t writes = 0;         ///< write calls that ended with an outcome
  std::uint64_t largest_group = 0;  ///< the most write calls that shared one commit
  std::uint64_t swept_items = 0;    ///< expired items removed
  std::uint64_t sweep_steps = 0;    ///< bounded steps in which they were removed
  std::uint64_t largest_sweep = 0;  ///< the most items removed in one step
  std::uint64_t swept_tokens = 0;   ///< request tokens forgotten
  std::uint64_t map_growths = 0;    ///< times the map was enlarged, or followed another process's growth
  std::uint64_t reader_sweeps = 0;  ///< stale readers of dead processes cleared
};

/// Nothing if the table belongs to another engine.
std::optional<EmbeddedCounters> counters_of(const table::Table& table);

}  // namespace loopstate::embedded
