#include "embedded/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "embedded/apply_write.hpp"
#include "embedded/changes.hpp"
#include "embedded/expiry_index.hpp"
#include "embedded/fault_guard.hpp"
#include "embedded/file_size_signal.hpp"
#include "embedded/lmdb_error.hpp"
#include "embedded/tokens.hpp"

namespace loopstate::embedded {
namespace {

constexpr std::size_t kMaxGroupWrites = 256;
constexpr std::size_t kMaxGroupBytes = std::size_t{16} << 20;
constexpr int kMaxMapGrowths = 40;
constexpr std::uint64_t kCommitsBetweenReaderChecks = 256;

// Removing expired items rides along with a commit that happens anyway; what that leaves is removed in
// separate steps while nobody waits.
constexpr std::size_t kSweepWithCommit = 16;
constexpr std::size_t kSweepAlone = 128;
constexpr std::chrono::milliseconds kSweepPause{50};

/// The watermark is written once it has moved by this much, since writing it costs a page.
constexpr std::chrono::seconds kWatermarkStep = std::chrono::minutes(1);
/// Callers may pass any second at all.
constexpr Timestamp kFarthestSecond = from_unix_seconds(std::int64_t{1} << 60);
constexpr Timestamp kEarliestSecond = from_unix_seconds(-(std::int64_t{1} << 60));

/// How much longer a store that is being closed waits for another process to end its write.
constexpr std::chrono::milliseconds kPatienceWhenStopping{2000};

std::size_t bytes_of_request(const WriteRequest& request) {
  std::size_t out = 0;
  for (const auto& operation : request.operations) out += operation.key.size() + operation.value.size();
  return out;
}

void raise_to(std::atomic<std::uint64_t>& highest, std::uint64_t value) {
  // Only the writer thread writes it.
  if (value > highest.load(std::memory_order_relaxed)) highest.store(value, std::memory_order_relaxed);
}

}  // namespace

Writer::Writer(Environment& environment, std::size_t max_waiting)
    : environment_(environment),
      max_waiting_(max_waiting),
      check_(PageFile(environment.descriptor(), environment.page_bytes())) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_->notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> Writer::submit(std::shared_ptr<PendingWrite> write) {
  if (environment_.read_only()) {
    return fail(ErrorCode::StorageReadOnly,
                fmt::format("{} is read-only: the file or its folder refuses writing", environment_.path()));
  }
  std::unique_lock lock(mutex_);
  TRY_OK(environment_.may_write());
  if (queue_.size() >= max_waiting_) {
    return fail(ErrorCode::Throttled, fmt::format("{} writes are already waiting", queue_.size()), true);
  }
  write->lock_note = environment_.lock_note();
  queue_.push_back(std::move(write));
  // Opening a store just to read starts no thread.
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  const auto wake = wake_;
  lock.unlock();  // which the thread would otherwise wake up to wait for
  wake->notify_one();
  return {};
}

std::size_t Writer::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Writer::run() {
  const WithoutFileSizeSignal quiet;
  for (;;) {
    Group group = next_group();
    if (!group.empty()) {
      state_.store(State::Writing, std::memory_order_release);
      write_group(std::move(group));
      state_.store(State::Idle, std::memory_order_release);
      if (!environment_.is_abandoned()) continue;
      // LMDB's lock stays with this thread, and passes to other processes when it ends.
      refuse_all();
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ && queue_.empty()) return;
    }
    sweep_step();
    if (environment_.is_abandoned()) return refuse_all();
  }
}

void Writer::refuse_all() {
  Group waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting.assign(queue_.begin(), queue_.end());
    queue_.clear();
  }
  if (auto ok = environment_.may_write(); !ok) answer(waiting, ok.error());
}

/// What is waiting, in order; empty when it is time to stop or to sweep.
Writer::Group Writer::next_group() {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return stopping_ || !queue_.empty(); };
  if (sweep_due_) {
    wake_->wait_for(lock, kSweepPause, ready);
  } else {
    wake_->wait(lock, ready);
  }
  Group out;
  std::size_t bytes = 0;
  while (!queue_.empty() && out.size() < kMaxGroupWrites && bytes < kMaxGroupBytes) {
    bytes += bytes_of_request(queue_.front()->request);
    out.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return out;
}

void Writer::write_group(Group group) {
  for (int growths = 0;; ++growths) {
    const int code = try_group(group);
    if (code == 0) return;
    if (code == MDB_MAP_FULL && growths < kMaxMapGrowths) {
      environment_.clear_stale_readers();
      auto grown = environment_.grow_map();
      if (grown) continue;
      return answer(group, grown.error());
    }
    // One write's failure is its own: each of the others gets its own transaction.
    if (group.size() > 1 && environment_.may_write()) return write_each(group);
    if (means_damage(code)) {
      return answer(group, environment_.failure(code, "writing"));
    }
    return answer(group, write_error(code, environment_.path()));
  }
}

void Writer::write_each(Group& group) {
  for (auto& write : group) write_group({std::move(write)});
}

int Writer::try_group(Group& group) {
  const auto code = commit_group(group);
  if (!code) {
    answer(group, code.error());
    return 0;
  }
  if (*code == 0) {
    answer(group);
    return 0;
  }
  if (environment_.is_broken()) {
    answer(group, Error{ErrorCode::OutcomeUnknown,
                        fmt::format("the file's head could not be written ({})", environment_.path()), false,
                        nullptr});
    return 0;
  }
  for (auto& write : group) write->requeue();
  return *code;
}

/// LMDB's code: 0 if all changes are durable. An error if no transaction could be begun.
Result<int> Writer::commit_group(Group& group) {
  TRY_OK(environment_.may_write());
  TRY(auto transaction, environment_.write(patience_for(group)));
  TRY_OK(environment_.check_identity());
  std::erase_if(group, [](const auto& write) { return !write->begin(); });
  Changes changes(transaction.txn(), environment_.databases(), check_);
  bool changed = false;
  Timestamp now = Timestamp::max();
  for (auto& write : group) {
    if (const int code = apply_write(changes, write->request); code != 0) {
      return give_up(transaction, changes, code);
    }
    changed = changed || write->request.applied;
    now = std::min(now, write->request.call.now);
  }
  // What the refusals were based on is durable already: others wrote it, or it does not exist.
  if (!changed) return 0;
  sweep_within(changes, now);
  if (const int code = changes.finish(); code != 0 || changes.is_stuck()) {
    return give_up(transaction, changes, code != 0 ? code : kFault);
  }
  if (contradicts_last_commit(changes)) return std::unexpected(environment_.note_overwritten());
  environment_.keep_headroom();
  const auto number = mdb_txn_id(transaction.txn());
  const int code = transaction.commit();
  if (code == kFault) {
    environment_.abandon_writing();
    return fail(
        ErrorCode::OutcomeUnknown,
        fmt::format("a page of {} is damaged or missing, which showed while a write was being made durable",
                    environment_.path()));
  }
  if (code != 0) return code;
  environment_.tally().commits.fetch_add(1, std::memory_order_relaxed);
  const auto last = environment_.check_written(number);
  if (!last) {
    return fail(ErrorCode::OutcomeUnknown,
                "what was written may not be in the file that the path names: " + last.error().message);
  }
  note_commit(*last, changes.digest_change());
  return 0;
}

/// While anybody is waiting for one of these; a store that is being closed does not wait much longer.
LockPatience Writer::patience_for(const Group& group) {
  std::optional<Deadline> stop_at;
  return {Deadline::max(), [this, &group, stop_at]() mutable {
            if (std::ranges::none_of(group, [](const auto& write) { return write->is_wanted(); }))
              return false;
            const std::lock_guard lock(mutex_);
            if (!stopping_) return true;
            const auto now = std::chrono::steady_clock::now();
            if (!stop_at) stop_at = now + kPatienceWhenStopping;
            return now < *stop_at;
          }};
}

/// Whether the file, which nobody else has written since, says something other than what this process left
/// in it: other content of the same age was written over it.
bool Writer::contradicts_last_commit(const Changes& changes) const {
  const auto& change = changes.digest_change();
  if (!change || !last_commit_.digest || last_commit_.transaction + 1 != mdb_txn_id(changes.txn()))
    return false;
  return change->before != *last_commit_.digest;
}

void Writer::note_commit(std::uint64_t last, const std::optional<Changes::DigestChange>& change) {
  // Somebody else may have written between its last commit and this one.
  const bool knows = last == last_commit_.transaction || last == last_commit_.transaction + 1;
  if (change) {
    last_commit_.digest = change->after;
  } else if (!knows) {
    last_commit_.digest.reset();
  }
  last_commit_.transaction = last;
}

/// A transaction that is not to be committed.
int Writer::give_up(Environment::Write& transaction, const Changes& changes, int code) {
  if (changes.is_stuck()) {
    transaction.leave();
    environment_.abandon_writing();
  }
  return code;
}

void Writer::answer(Group& group) {
  Tally& tally = environment_.tally();
  tally.writes.fetch_add(group.size(), std::memory_order_relaxed);
  raise_to(tally.largest_group, group.size());
  for (auto& write : group) write->finish();
  if (tally.commits.load(std::memory_order_relaxed) % kCommitsBetweenReaderChecks == 0) {
    environment_.clear_stale_readers();
  }
}

void Writer::answer(Group& group, const Error& error) {
  for (auto& write : group) {
    if (!write->begin()) continue;
    write->request.error = error;
    write->finish();
  }
}

/// The file's watermark from this transaction on. A failure shows when the transaction is committed.
std::optional<Timestamp> Writer::move_watermark(Changes& changes, Timestamp now) {
  const auto stored = read_watermark(changes);
  const auto moved =
      watermark_.advance({stored, std::clamp(now, kEarliestSecond, kFarthestSecond), environment_.passed()});
  if (!moved || (stored && *moved >= *stored && saturating_difference(*moved, *stored) < kWatermarkStep))
    return stored;
  write_watermark(changes, *moved);
  return moved;
}

/// Part of the group's transaction; a failure shows when that is committed.
void Writer::sweep_within(Changes& changes, Timestamp now) {
  const auto mark = move_watermark(changes, now);
  if (!mark) return;
  const SweepStep items = sweep_expired(changes, saturating_add(*mark, -kExpiredKept), kSweepWithCommit);
  const TokenSweep tokens = sweep_tokens(changes, saturating_add(*mark, -kTokensKept), kSweepWithCommit);
  count_sweep(items, tokens);
}

void Writer::sweep_step() {
  sweep_due_ = false;
  if (!environment_.may_write()) return;
  // Another time, if others are writing.
  auto transaction = environment_.write({std::chrono::steady_clock::now() + kSweepPause, {}});
  if (!transaction || !environment_.check_identity()) return;
  Changes changes(transaction->txn(), environment_.databases(), check_);
  const auto mark = read_watermark(changes);
  if (!mark) return;
  const SweepStep items = sweep_expired(changes, saturating_add(*mark, -kExpiredKept), kSweepAlone);
  const TokenSweep tokens = sweep_tokens(changes, saturating_add(*mark, -kTokensKept), kSweepAlone);
  int code = items.code != 0 ? items.code : tokens.code;
  if (code == 0 && items.looked_at + tokens.removed == 0) return;
  if (code == 0) code = changes.finish();
  if (code != 0) {
    give_up(*transaction, changes, code);
    return;
  }
  if (contradicts_last_commit(changes)) {
    environment_.note_overwritten();
    return;
  }
  const auto number = mdb_txn_id(transaction->txn());
  code = transaction->commit();
  if (code == kFault) environment_.abandon_writing();
  if (code != 0) return;
  if (const auto last = environment_.check_written(number)) note_commit(*last, changes.digest_change());
  environment_.tally().commits.fetch_add(1, std::memory_order_relaxed);
  count_sweep(items, tokens);
}

void Writer::count_sweep(const SweepStep& items, const TokenSweep& tokens) {
  sweep_due_ = items.more || tokens.more;
  Tally& tally = environment_.tally();
  tally.swept_items.fetch_add(items.removed_items, std::memory_order_relaxed);
  if (items.looked_at > 0) tally.sweep_steps.fetch_add(1, std::memory_order_relaxed);
  raise_to(tally.largest_sweep, items.looked_at);
  tally.swept_tokens.fetch_add(tokens.removed, std::memory_order_relaxed);
}

}  // namespace loopstate::embedded
