// One open LMDB file: its map, its sub-databases, its readers and its one writer's transactions.
#pragma once

#include <lmdb.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "embedded/embedded_table.hpp"
#include "embedded/file_locks.hpp"
#include "embedded/headroom.hpp"
#include "embedded/miss_check.hpp"
#include "embedded/store_files.hpp"
#include "loopstate/error.hpp"

namespace loopstate::embedded {

/// Counted where the work is done; read by anybody.
struct Tally {
  std::atomic<std::uint64_t> commits{0}, writes{0}, largest_group{0}, swept_items{0}, sweep_steps{0},
      largest_sweep{0}, swept_tokens{0}, map_growths{0}, reader_sweeps{0};
};

/// docs/embedded-format.md says what each holds.
struct Databases {
  MDB_dbi meta = 0, items = 0, expiry = 0, tokens = 0;
};

inline std::string_view bytes_of(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}
inline MDB_val value_of(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};  // NOLINT: LMDB never writes through a key or value
}

struct CloseEnv {
  void operator()(MDB_env* env) const { mdb_env_close(env); }
};
using EnvPointer = std::unique_ptr<MDB_env, CloseEnv>;

class Environment {
  /// Transactions are kept and renewed, since beginning one costs more than a read.
  struct alignas(64) ReaderSlot {
    std::mutex mutex;
    MDB_txn* txn = nullptr;
  };

 public:
  /// The file exists and has been checked (file_check.hpp).
  static Result<std::unique_ptr<Environment>> open(const EmbeddedOptions& options);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  /// A read transaction, from now until destroyed. Holds a lock: keep it short, never across a suspension.
  class Read {
   public:
    Read(std::unique_lock<std::mutex> lock, MDB_txn* txn) : lock_(std::move(lock)), txn_(txn) {}
    Read(Read&& other) noexcept : lock_(std::move(other.lock_)), txn_(std::exchange(other.txn_, nullptr)) {}
    Read& operator=(Read&&) = delete;
    ~Read() {
      if (txn_ != nullptr) mdb_txn_reset(txn_);
    }
    MDB_txn* txn() const { return txn_; }

   private:
    std::unique_lock<std::mutex> lock_;
    MDB_txn* txn_;
  };
  /// Waits for nobody, except for those who are opening the file at this moment when a thread reads for the
  /// first time. Also an error if the file is no longer at its path, which is checked now and then.
  Result<Read> read(Deadline deadline = Deadline::max());

  /// A separate read transaction, to be kept for long and ended by the caller (mdb_txn_abort). What it sees
  /// is read through the descriptor: the map may move.
  Result<MDB_txn*> pin(Deadline deadline = Deadline::max());
  int descriptor() const;
  std::uint64_t page_bytes() const;

  /// A write transaction; aborted unless committed. Waits for other writers while `patience` allows it, but
  /// no longer than the options do: then Unavailable. One at a time.
  class Write {
   public:
    Write(FileLocks::Held lock, MDB_txn* txn) : lock_(std::move(lock)), txn_(txn) {}
    Write(Write&& other) noexcept : lock_(std::move(other.lock_)), txn_(std::exchange(other.txn_, nullptr)) {}
    Write& operator=(Write&&) = delete;
    ~Write() {
      if (txn_ != nullptr) mdb_txn_abort(txn_);
    }
    MDB_txn* txn() const { return txn_; }
    /// LMDB's code: 0 if the transaction is durable.
    int commit();
    /// After a fault inside it. What it holds is not released; LMDB lets other processes continue when the
    /// thread that began it ends.
    void leave() { txn_ = nullptr; }

   private:
    FileLocks::Held lock_;
    MDB_txn* txn_;
  };
  Result<Write> write(LockPatience patience = {});

  /// Before a write transaction is committed (headroom.hpp).
  void keep_headroom();

  /// Whether a write made now would go into the file that the path names (StoreFiles::check_write).
  Result<void> check_identity();
  /// The file says something other than what its last writer left in it: nothing is read or written any more.
  /// Returns the error: StorageCorrupt.
  Error note_overwritten();
  /// After a commit, while its lock is held: that the path names the file, and that this says nothing older
  /// than what the transaction was based on. Returns the number of the last one written: the previous one if
  /// it changed nothing.
  Result<std::uint64_t> check_written(std::uint64_t transaction);
  FileId file_id() const { return files_->data_id(); }
  /// Who keeps writers waiting; outlives this.
  const std::shared_ptr<LockNote>& lock_note() const { return locks_->note(); }

  /// Doubles the map (no transaction of this thread may be open).
  Result<void> grow_map();
  /// Clears the readers of processes that died.
  void clear_stale_readers();
  /// Whether a key that the transaction did not find is not there: StorageCorrupt if its place cannot be
  /// read. False: nobody can tell any more, since others have committed; look again in a new transaction.
  Result<bool> confirm_missing(MDB_txn* read, std::string_view key);
  /// The same for a range: what a transaction that has just begun sees, and whether the items that it did not
  /// find from `low` up to `high` (empty: open) are not there. Nothing: begin a new one.
  Result<std::optional<Moment>> moment_of(MDB_txn* read);
  Result<void> confirm_range(const Moment& seen, std::string_view low, std::string_view high);
  /// What LMDB's code means here. A code that indicates damage ends all writing: a write based on a damaged
  /// page may spread the damage.
  Error failure(int code, std::string_view doing);
  /// A fault occurred in the middle of a change: the writer's state is lost.
  void abandon_writing();
  bool is_abandoned() const { return abandoned_; }
  /// StorageCorrupt once damage has been seen.
  Result<void> may_write() const;
  /// True if an earlier commit failed in a way after which LMDB accepts no more.
  bool is_broken();

  /// EmbeddedOptions::passed
  std::chrono::seconds passed() const { return passed_(); }

  const Databases& databases() const { return databases_; }
  const std::string& path() const { return path_; }
  bool read_only() const { return read_only_; }
  /// True if not even the lock file may be written, so that readers are not registered.
  bool without_lock() const { return without_lock_; }
  Durability durability() const { return durability_; }
  MDB_env* handle() const { return env_.get(); }
  Tally& tally() { return tally_; }
  const Tally& tally() const { return tally_; }

 private:
  Environment() = default;
  Result<void> open_handle(const EmbeddedOptions& options);
  Result<void> open_databases();
  Result<void> check_opened();
  /// Whether it was time to look.
  Result<bool> look_at_path();
  Result<void> check_head_of(MDB_txn* read);
  static bool is_still_seen(MDB_txn* read);
  Result<void> check_head_under(MDB_txn* write);
  Result<void> look_next_time(Result<void> found);
  Error overwritten_error() const;
  LockPatience bounded(LockPatience patience) const;
  Error reader_error(int code, std::string_view doing);
  /// Takes every lock, so that nothing uses the map, and remaps: to `bytes`, or (0) to what the file says.
  int remap(std::size_t bytes);
  Result<int> begin_read(ReaderSlot& slot, Deadline deadline);
  Result<int> begin_read(MDB_txn*& txn, Deadline deadline);

  std::unique_ptr<StoreFiles> files_;  // outlives the environment
  std::unique_ptr<FileLocks> locks_;
  EnvPointer env_;
  std::string path_;
  std::chrono::milliseconds lock_wait_{};
  std::function<std::chrono::seconds()> passed_;
  std::atomic<std::int64_t> next_look_ms_{0};
  std::atomic<bool> lost_{false};  ///< as of the last look
  Databases databases_;
  Durability durability_ = Durability::PowerLoss;
  bool read_only_ = false;
  bool without_lock_ = false;
  std::atomic<bool> damaged_{false}, abandoned_{false}, overwritten_{false};
  std::unique_ptr<MissCheck> misses_;
  std::optional<Headroom> headroom_;
  std::array<ReaderSlot, 32> slots_;
  Tally tally_;
};

}  // namespace loopstate::embedded
