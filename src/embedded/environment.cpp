#include "embedded/environment.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/instant.hpp"
#include "base/try.hpp"
#include "embedded/fault_guard.hpp"
#include "embedded/file_format.hpp"
#include "embedded/file_size_signal.hpp"
#include "embedded/lmdb_error.hpp"

namespace loopstate::embedded {
namespace {

constexpr unsigned kMaxReaders = 1022;
constexpr std::size_t kSmallestMapBytes = std::size_t{128} << 10;
constexpr int kMaxRemaps = 16;
constexpr mdb_mode_t kOwnerOnly = 0600;
/// For work that can just as well be done another time.
constexpr std::chrono::milliseconds kLittlePatience{100};

std::chrono::seconds seconds_since_boot() {
  return std::chrono::floor<std::chrono::seconds>(since_boot());
}

Deadline after(std::chrono::milliseconds wait) {
  return std::chrono::steady_clock::now() + wait;
}

/// Whether the system would grant this much address space. Asked first, because LMDB gives up its map before
/// it asks for another.
bool can_reserve(std::size_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return false;
  munmap(at, bytes);
  return true;
}

unsigned thread_number() {
  static std::atomic<unsigned> next{0};
  thread_local const unsigned mine = next.fetch_add(1, std::memory_order_relaxed);
  return mine;
}

}  // namespace

Result<std::unique_ptr<Environment>> Environment::open(const EmbeddedOptions& options) {
  const WithoutFileSizeSignal quiet;  // the lock file gets its size here
  std::unique_ptr<Environment> out(new Environment);
  out->path_ = options.path;
  out->durability_ = options.durability;
  out->lock_wait_ = options.lock_wait;
  out->passed_ = options.passed ? options.passed : seconds_since_boot;
  TRY(auto files, StoreFiles::open(options.path, options.named));
  out->files_ = std::move(files);
  out->locks_ = std::make_unique<FileLocks>(out->files_->data(), out->files_->may_write(), options.path);
  TRY(const FileLocks::Held held, out->locks_->reader_table(out->bounded({})));
  TRY_OK(out->files_->pair());
  TRY_OK(out->open_handle(options));
  if (!out->without_lock_) mdb_reader_check(out->handle(), nullptr);
  TRY_OK(out->open_databases());
  TRY_OK(out->check_opened());
  out->misses_ = std::make_unique<MissCheck>(PageFile(out->descriptor(), out->page_bytes()));
  out->headroom_.emplace(out->page_bytes());
  return out;
}

/// Checks that LMDB, which opens by name, opened the files that were checked.
Result<void> Environment::check_opened() {
  int descriptor = -1;
  const bool opened = mdb_env_get_fd(handle(), &descriptor) == 0;
  if (const auto found = look_at(descriptor); !opened || !found || found->id != files_->data_id()) {
    return fail(ErrorCode::StorageFailure,
                fmt::format("{} was replaced while it was opened; try again", path_));
  }
  return files_->check_write();
}

LockPatience Environment::bounded(LockPatience patience) const {
  patience.until = std::min(patience.until, after(lock_wait_));
  return patience;
}

Error Environment::reader_error(int code, std::string_view doing) {
  if (code != EAGAIN) return failure(code, doing);
  return Error{ErrorCode::StorageFailure,
               fmt::format("another process with the number {} has {} open, so the two run in containers "
                           "with separate process namespaces. Let them share one (docker run "
                           "--pid=container:NAME or --pid=host; shareProcessNamespace in a Kubernetes pod)",
                           getpid(), path_),
               false, nullptr};
}

Environment::~Environment() {
  if (abandoned_) {
    // LMDB waits for its writer here, forever.
    static_cast<void>(env_.release());
    return;
  }
  for (auto& slot : slots_) {
    if (slot.txn != nullptr) mdb_txn_abort(slot.txn);
  }
}

Result<void> Environment::open_handle(const EmbeddedOptions& options) {
  unsigned flags = MDB_NOSUBDIR | MDB_NOTLS;
  if (options.durability == Durability::ProcessDeath) flags |= MDB_NOSYNC;
  std::size_t map_bytes = std::max(options.map_bytes, kSmallestMapBytes);
  while (map_bytes > kSmallestMapBytes && !can_reserve(map_bytes)) map_bytes /= 2;

  // With a lock file, then read-only, then without even the lock file.
  int code = EACCES;
  for (const unsigned access : {0u, unsigned{MDB_RDONLY}, unsigned{MDB_RDONLY | MDB_NOLOCK}}) {
    if ((access & MDB_NOLOCK) == 0 && !files_->has_lock_file()) continue;
    if (access == 0 && !files_->may_write()) continue;
    MDB_env* env = nullptr;
    code = mdb_env_create(&env);
    if (code != 0) break;
    env_.reset(env);
    install_fault_guard(env);
    mdb_env_set_maxdbs(env, 8);
    mdb_env_set_maxreaders(env, kMaxReaders);
    mdb_env_set_mapsize(env, map_bytes);
    code = guarded([&] { return mdb_env_open(env, path_.c_str(), flags | access, kOwnerOnly); });
    if (code == 0) {
      read_only_ = (access & MDB_RDONLY) != 0;
      without_lock_ = (access & MDB_NOLOCK) != 0;
      return {};
    }
    env_.reset();
    if (code != EACCES && code != EROFS && code != EPERM) break;
  }
  if (code == EACCES || code == EPERM) {
    return fail(ErrorCode::StorageFailure, fmt::format("there is no permission to read {}", path_));
  }
  return std::unexpected(storage_error(code, "opening the store", path_));
}

Result<void> Environment::open_databases() {
  MDB_txn* txn = nullptr;
  const auto begin = [&] {
    return guarded([&] { return mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &txn); });
  };
  int code = begin();
  for (int remaps = 0; code == MDB_MAP_RESIZED && remaps < kMaxRemaps; ++remaps) {
    if (code = remap(0); code == 0) code = begin();
  }
  if (code != 0) return std::unexpected(reader_error(code, "opening the store"));
  auto found = file_format::open_databases(txn, path_);
  if (!found) {
    mdb_txn_abort(txn);
    return std::unexpected(std::move(found.error()));
  }
  databases_ = *found;
  // A commit, since otherwise the handles of sub-databases end with the transaction.
  if (code = mdb_txn_commit(txn); code != 0) {
    return std::unexpected(storage_error(code, "opening the store", path_));
  }
  return {};
}

/// LMDB's code. A slot's first transaction is registered with the other processes, under their lock.
Result<int> Environment::begin_read(ReaderSlot& slot, Deadline deadline) {
  if (slot.txn != nullptr) return guarded([&] { return mdb_txn_renew(slot.txn); });
  return begin_read(slot.txn, deadline);
}

Result<int> Environment::begin_read(MDB_txn*& txn, Deadline deadline) {
  const auto begin = [&] {
    return guarded([&] { return mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &txn); });
  };
  if (without_lock_) return begin();
  TRY(const FileLocks::Held held, locks_->reader_table(bounded({deadline, {}})));
  int code = begin();
  if (code == MDB_READERS_FULL) {
    mdb_reader_check(env_.get(), nullptr);
    code = begin();
  }
  return code;
}

Result<Environment::Read> Environment::read(Deadline deadline) {
  TRY(const bool looked, look_at_path());
  const unsigned first = thread_number();
  for (int remaps = 0; remaps <= kMaxRemaps; ++remaps) {
    std::unique_lock<std::mutex> lock;
    ReaderSlot* slot = nullptr;
    for (unsigned i = 0; i < slots_.size() && !lock.owns_lock(); ++i) {
      slot = &slots_[(first + i) % slots_.size()];
      lock = std::unique_lock(slot->mutex, std::try_to_lock);
    }
    if (!lock.owns_lock()) {
      slot = &slots_[first % slots_.size()];
      lock = std::unique_lock(slot->mutex);
    }
    TRY(const auto code, begin_read(*slot, deadline));
    if (code == 0) {
      Read out(std::move(lock), slot->txn);
      if (looked) {
        TRY_OK(check_head_of(out.txn()));
      }
      return out;
    }
    if (code != MDB_MAP_RESIZED) return std::unexpected(reader_error(code, "reading"));
    lock.unlock();
    if (const int remapped = remap(0); remapped != 0) {
      return std::unexpected(storage_error(remapped, "following the growth of the file", path_));
    }
  }
  return fail(ErrorCode::Unavailable, fmt::format("the file grows faster than it can be mapped ({})", path_),
              true);
}

Result<MDB_txn*> Environment::pin(Deadline deadline) {
  TRY([[maybe_unused]] const bool looked, look_at_path());
  for (int remaps = 0; remaps <= kMaxRemaps; ++remaps) {
    MDB_txn* txn = nullptr;
    TRY(const auto code, begin_read(txn, deadline));
    if (code == 0) {
      // Whether or not the path was looked at: reading a whole moment can afford it each time.
      auto head = check_head_of(txn);
      if (head) return txn;
      mdb_txn_abort(txn);
      return std::unexpected(std::move(head.error()));
    }
    if (code != MDB_MAP_RESIZED) return std::unexpected(reader_error(code, "reading"));
    if (const int remapped = remap(0); remapped != 0) {
      return std::unexpected(storage_error(remapped, "following the growth of the file", path_));
    }
  }
  return fail(ErrorCode::Unavailable, fmt::format("the file grows faster than it can be mapped ({})", path_),
              true);
}

int Environment::descriptor() const {
  int out = -1;
  mdb_env_get_fd(env_.get(), &out);
  return out;
}

std::uint64_t Environment::page_bytes() const {
  MDB_stat stat{};
  return guarded([&] { return mdb_env_stat(env_.get(), &stat); }) == 0 ? stat.ms_psize : 4096;
}

Result<Environment::Write> Environment::write(LockPatience patience) {
  patience = bounded(std::move(patience));
  for (int remaps = 0; remaps <= kMaxRemaps; ++remaps) {
    TRY(auto held, locks_->writer(patience));
    MDB_txn* txn = nullptr;
    int code = 0;
    {
      // If a writer died, LMDB goes through its readers.
      TRY(const FileLocks::Held readers, locks_->reader_table(patience));
      code = guarded([&] { return mdb_txn_begin(env_.get(), nullptr, 0, &txn); });
    }
    if (code == 0) {
      Write out(std::move(held), txn);
      TRY_OK(check_head_under(out.txn()));
      return out;
    }
    if (code == kFault) abandon_writing();
    if (code != MDB_MAP_RESIZED) return std::unexpected(failure(code, "beginning a write"));
    {
      const FileLocks::Held released = std::move(held);
    }
    if (code = remap(0); code != 0) {
      return std::unexpected(storage_error(code, "following the growth of the file", path_));
    }
  }
  return fail(ErrorCode::Unavailable, fmt::format("the file grows faster than it can be mapped ({})", path_),
              true);
}

void Environment::keep_headroom() {
  if (durability_ != Durability::PowerLoss) return;  // nothing waits for the file system
  MDB_envinfo info{};
  if (guarded([&] { return mdb_env_info(env_.get(), &info); }) != 0) return;
  headroom_->keep(descriptor(), info.me_last_pgno);
}

int Environment::remap(std::size_t bytes) {
  const std::lock_guard writer(locks_->writer_mutex());
  std::array<std::unique_lock<std::mutex>, std::tuple_size_v<decltype(slots_)>> readers;
  for (std::size_t i = 0; i < slots_.size(); ++i) readers[i] = std::unique_lock(slots_[i].mutex);
  if (bytes != 0 && !can_reserve(bytes)) return ENOMEM;
  const int code = guarded([&] { return mdb_env_set_mapsize(env_.get(), bytes); });
  if (code == 0) tally_.map_growths.fetch_add(1, std::memory_order_relaxed);
  return code;
}

Result<void> Environment::grow_map() {
  MDB_envinfo info{};
  if (const int code = guarded([&] { return mdb_env_info(env_.get(), &info); }); code != 0) {
    return std::unexpected(failure(code, "enlarging the map"));
  }
  for (std::size_t more = info.me_mapsize; more >= info.me_mapsize / 16; more /= 2) {
    const int code = remap(info.me_mapsize + more);
    if (code == 0) return {};
    if (code != ENOMEM) return std::unexpected(storage_error(code, "enlarging the map", path_));
  }
  return std::unexpected(storage_error(MDB_MAP_FULL, "enlarging the map", path_));
}

int Environment::Write::commit() {
  MDB_txn* const txn = std::exchange(txn_, nullptr);
  return guarded([txn] { return mdb_txn_commit(txn); });
}

/// Whether the head that was just read for `read` was of one piece. The transaction after the next overwrites
/// it, and cannot have begun while a new reader still sees the same state.
bool Environment::is_still_seen(MDB_txn* read) {
  const auto seen = mdb_txn_id(read);
  mdb_txn_reset(read);
  return guarded([read] { return mdb_txn_renew(read); }) == 0 && mdb_txn_id(read) == seen;
}

Result<bool> Environment::confirm_missing(MDB_txn* read, std::string_view key) {
  if (without_lock_) return true;  // writers do not know of this reader, and may use its pages again
  const auto verdict = misses_->judge(read, key);
  if (!is_still_seen(read) || verdict == MissCheck::Verdict::Unknown) return false;
  if (verdict == MissCheck::Verdict::Sound) return true;
  return std::unexpected(failure(MDB_CORRUPTED, "reading"));
}

Result<std::optional<Moment>> Environment::moment_of(MDB_txn* read) {
  if (without_lock_) return Moment{};  // as above: nothing is confirmed
  auto seen = misses_->moment_of(read);
  if (!is_still_seen(read)) return std::nullopt;
  if (seen) return *seen;
  if (seen.error() == MissCheck::Verdict::Unknown) return std::nullopt;
  return std::unexpected(failure(MDB_CORRUPTED, "reading"));
}

Result<void> Environment::confirm_range(const Moment& seen, std::string_view low, std::string_view high) {
  if (without_lock_ || misses_->judge(seen, low, high) == MissCheck::Verdict::Sound) return {};
  return std::unexpected(failure(MDB_CORRUPTED, "reading"));
}

Error Environment::failure(int code, std::string_view doing) {
  Error out = storage_error(code, doing, path_);
  if (out.code == ErrorCode::StorageCorrupt) damaged_ = true;
  return out;
}

void Environment::abandon_writing() {
  damaged_ = true;
  abandoned_ = true;
}

Result<void> Environment::may_write() const {
  if (overwritten_) return std::unexpected(overwritten_error());
  if (!damaged_) return {};
  return fail(ErrorCode::StorageCorrupt,
              fmt::format("{} is damaged and takes no writes (loopstate check says where; export what can be "
                          "read, or restore a backup)",
                          path_));
}

void Environment::clear_stale_readers() {
  if (without_lock_) return;
  const auto held = locks_->reader_table({after(kLittlePatience), {}});
  int dead = 0;
  if (!held || mdb_reader_check(env_.get(), &dead) != 0) return;
  tally_.reader_sweeps.fetch_add(static_cast<std::uint64_t>(dead), std::memory_order_relaxed);
}

bool Environment::is_broken() {
  const std::lock_guard writer(locks_->writer_mutex());
  const auto held = locks_->reader_table(bounded({}));
  if (!held) return true;  // nobody can tell
  MDB_txn* txn = nullptr;
  const int code = guarded([&] { return mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &txn); });
  if (code == 0) mdb_txn_abort(txn);
  return code == MDB_PANIC;
}

}  // namespace loopstate::embedded
