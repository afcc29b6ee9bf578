#include "embedded/environment.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "embedded/file_format.hpp"
#include "embedded/lmdb_error.hpp"

namespace loopstate::embedded {
namespace {

constexpr unsigned kMaxReaders = 1022;
constexpr std::size_t kSmallestMapBytes = std::size_t{128} << 10;
constexpr int kMaxRemaps = 16;
constexpr mdb_mode_t kOwnerOnly = 0600;

/// Whether the system would grant so much address space. Asked first, because LMDB gives its map up before it
/// asks for another.
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
  std::unique_ptr<Environment> out(new Environment);
  out->path_ = options.path;
  out->durability_ = options.durability;
  if (auto ok = out->open_handle(options); !ok) return std::unexpected(std::move(ok.error()));
  out->clear_stale_readers();
  if (auto ok = out->open_databases(); !ok) return std::unexpected(std::move(ok.error()));
  return out;
}

Environment::~Environment() {
  for (auto& slot : slots_) {
    if (slot.txn != nullptr) mdb_txn_abort(slot.txn);
  }
}

Result<void> Environment::open_handle(const EmbeddedOptions& options) {
  unsigned flags = MDB_NOSUBDIR | MDB_NOTLS;
  if (options.durability == Durability::ProcessDeath) flags |= MDB_NOSYNC;
  std::size_t map_bytes = std::max(options.map_bytes, kSmallestMapBytes);
  while (map_bytes > kSmallestMapBytes && !can_reserve(map_bytes)) map_bytes /= 2;

  // With a lock file, then for reading only, then without even the lock file.
  int code = 0;
  for (const unsigned access : {0u, unsigned{MDB_RDONLY}, unsigned{MDB_RDONLY | MDB_NOLOCK}}) {
    MDB_env* env = nullptr;
    code = mdb_env_create(&env);
    if (code != 0) break;
    env_.reset(env);
    mdb_env_set_maxdbs(env, 8);
    mdb_env_set_maxreaders(env, kMaxReaders);
    mdb_env_set_mapsize(env, map_bytes);
    code = mdb_env_open(env, path_.c_str(), flags | access, kOwnerOnly);
    if (code == 0) {
      read_only_ = (access & MDB_RDONLY) != 0;
      without_lock_ = (access & MDB_NOLOCK) != 0;
      return {};
    }
    env_.reset();
    if (code != EACCES && code != EROFS && code != EPERM) break;
  }
  if (code == EACCES || code == EPERM) {
    return fail(ErrorCode::StorageFailure, fmt::format("permission to read {} is missing", path_));
  }
  return std::unexpected(storage_error(code, "opening the store", path_));
}

Result<void> Environment::open_databases() {
  MDB_txn* txn = nullptr;
  int code = mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &txn);
  for (int remaps = 0; code == MDB_MAP_RESIZED && remaps < kMaxRemaps; ++remaps) {
    if (code = remap(0); code == 0) code = mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &txn);
  }
  if (code != 0) return std::unexpected(storage_error(code, "opening the store", path_));
  auto found = file_format::open_databases(txn, path_);
  if (!found) {
    mdb_txn_abort(txn);
    return std::unexpected(std::move(found.error()));
  }
  databases_ = *found;
  // A commit, since the handles of sub-databases end with the transaction otherwise.
  if (code = mdb_txn_commit(txn); code != 0) {
    return std::unexpected(storage_error(code, "opening the store", path_));
  }
  return {};
}

int Environment::begin_read(ReaderSlot& slot) {
  if (slot.txn != nullptr) return mdb_txn_renew(slot.txn);
  return mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &slot.txn);
}

Result<Environment::Read> Environment::read() {
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
    int code = begin_read(*slot);
    if (code == MDB_READERS_FULL) {
      clear_stale_readers();
      code = begin_read(*slot);
    }
    if (code == 0) return Read(std::move(lock), slot->txn);
    if (code != MDB_MAP_RESIZED) return std::unexpected(storage_error(code, "reading", path_));
    lock.unlock();
    if (code = remap(0); code != 0) {
      return std::unexpected(storage_error(code, "following the growth of the file", path_));
    }
  }
  return fail(ErrorCode::Unavailable, fmt::format("the file grows faster than it can be mapped ({})", path_),
              true);
}

Result<Environment::Write> Environment::write() {
  for (int remaps = 0; remaps <= kMaxRemaps; ++remaps) {
    std::unique_lock lock(writer_mutex_);
    MDB_txn* txn = nullptr;
    int code = mdb_txn_begin(env_.get(), nullptr, 0, &txn);
    if (code == 0) return Write(std::move(lock), txn);
    if (code != MDB_MAP_RESIZED) return std::unexpected(storage_error(code, "beginning a write", path_));
    lock.unlock();
    if (code = remap(0); code != 0) {
      return std::unexpected(storage_error(code, "following the growth of the file", path_));
    }
  }
  return fail(ErrorCode::Unavailable, fmt::format("the file grows faster than it can be mapped ({})", path_),
              true);
}

int Environment::remap(std::size_t bytes) {
  std::unique_lock writer(writer_mutex_);
  std::array<std::unique_lock<std::mutex>, std::tuple_size_v<decltype(slots_)>> readers;
  for (std::size_t i = 0; i < slots_.size(); ++i) readers[i] = std::unique_lock(slots_[i].mutex);
  if (bytes != 0 && !can_reserve(bytes)) return ENOMEM;
  const int code = mdb_env_set_mapsize(env_.get(), bytes);
  if (code == 0) tally_.map_growths.fetch_add(1, std::memory_order_relaxed);
  return code;
}

Result<void> Environment::grow_map() {
  MDB_envinfo info{};
  mdb_env_info(env_.get(), &info);
  for (std::size_t more = info.me_mapsize; more >= info.me_mapsize / 16; more /= 2) {
    const int code = remap(info.me_mapsize + more);
    if (code == 0) return {};
    if (code != ENOMEM) return std::unexpected(storage_error(code, "enlarging the map", path_));
  }
  return std::unexpected(storage_error(MDB_MAP_FULL, "enlarging the map", path_));
}

void Environment::clear_stale_readers() {
  int dead = 0;
  if (without_lock_ || mdb_reader_check(env_.get(), &dead) != 0) return;
  tally_.reader_sweeps.fetch_add(static_cast<std::uint64_t>(dead), std::memory_order_relaxed);
}

bool Environment::is_broken() {
  std::unique_lock lock(writer_mutex_);
  MDB_txn* txn = nullptr;
  const int code = mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &txn);
  if (code == 0) mdb_txn_abort(txn);
  return code == MDB_PANIC;
}

}  // namespace loopstate::embedded
