// Whether the file is still the one that was opened, and holds what was last written to it.
#include <fmt/format.h>
#include <unistd.h>

#include <ctime>

#include "base/try.hpp"
#include "embedded/environment.hpp"
#include "embedded/fault_guard.hpp"

namespace loopstate::embedded {
namespace {

/// A read may notice this much later that the file is gone.
constexpr std::int64_t kBetweenLooksMs = 100;

std::int64_t coarse_now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

/// Most reads cost only a look at a clock.
Result<bool> Environment::look_at_path() {
  const std::int64_t now = coarse_now_ms();
  std::int64_t due = next_look_ms_.load(std::memory_order_relaxed);
  if (!lost_.load(std::memory_order_relaxed)) {
    if (now < due) return false;
    if (!next_look_ms_.compare_exchange_strong(due, now + kBetweenLooksMs, std::memory_order_relaxed))
      return false;
  }
  auto found = files_->check_read();
  if (found && overwritten_) found = std::unexpected(overwritten_error());
  lost_.store(!found, std::memory_order_relaxed);
  if (!found) return std::unexpected(std::move(found.error()));
  return true;
}

/// LMDB also keeps the number of the last transaction in the lock file. The file's own is never behind it,
/// unless other content was written over what was there.
Result<void> Environment::check_head_of(MDB_txn* read) {
  if (without_lock_) return {};
  MDB_envinfo info{};
  const int code = guarded([&] { return mdb_env_info(env_.get(), &info); });
  if (code != 0) return std::unexpected(failure(code, "reading"));
  if (info.me_last_txnid >= mdb_txn_id(read)) return {};
  return std::unexpected(note_overwritten());
}

/// Nobody else can be writing now, so the two numbers must be the same.
Result<void> Environment::check_head_under(MDB_txn* write) {
  MDB_envinfo info{};
  const int code = guarded([&] { return mdb_env_info(env_.get(), &info); });
  if (code != 0) return std::unexpected(failure(code, "beginning a write"));
  if (info.me_last_txnid + 1 == mdb_txn_id(write)) return {};
  return std::unexpected(note_overwritten());
}

Result<std::uint64_t> Environment::check_written(std::uint64_t transaction) {
  TRY_OK(look_next_time(files_->check_written()));
  MDB_envinfo info{};
  const int code = guarded([&] { return mdb_env_info(env_.get(), &info); });
  if (code != 0) return std::unexpected(failure(code, "making a write durable"));
  if (info.me_last_txnid + 1 >= transaction) return info.me_last_txnid;
  return std::unexpected(note_overwritten());
}

Error Environment::note_overwritten() {
  overwritten_ = true;
  next_look_ms_.store(0, std::memory_order_relaxed);
  return overwritten_error();
}

Error Environment::overwritten_error() const {
  return Error{ErrorCode::StorageCorrupt,
               fmt::format("{0} was overwritten in place (by cp, perhaps) while process {1} had it open: its "
                           "content is not what was last written to it. Nothing more is read or written. End "
                           "every process that has it open (`fuser {0}` names them), put the right file in "
                           "place (`loopstate restore`, or cp to a new name and mv), then start them again",
                           path_, getpid()),
               false, nullptr};
}

Result<void> Environment::check_identity() {
  return look_next_time(files_->check_write());
}

/// If something was not found, reads are to know at once.
Result<void> Environment::look_next_time(Result<void> found) {
  if (!found) next_look_ms_.store(0, std::memory_order_relaxed);
  return found;
}

}  // namespace loopstate::embedded
