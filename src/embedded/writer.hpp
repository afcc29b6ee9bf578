// The one thread that writes. What gathers during one commit goes into the next commit together.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "embedded/changes.hpp"
#include "embedded/environment.hpp"
#include "embedded/expiry_index.hpp"
#include "embedded/pending_write.hpp"
#include "embedded/tokens.hpp"
#include "embedded/watermark.hpp"
#include "embedded/write_check.hpp"

namespace loopstate::embedded {

class Writer {
 public:
  Writer(Environment& environment, std::size_t max_waiting);
  /// Finishes what was submitted.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Any thread. Throttled when the queue is full.
  Result<void> submit(std::shared_ptr<PendingWrite> write);
  /// How many are waiting in the queue, without the group being written.
  std::size_t waiting() const;
  enum class State : std::uint8_t { Idle, Writing };
  State state() const { return state_.load(std::memory_order_acquire); }

 private:
  using Group = std::vector<std::shared_ptr<PendingWrite>>;

  void run();
  LockPatience patience_for(const Group& group);
  Group next_group();
  void refuse_all();
  void write_group(Group group);
  void write_each(Group& group);
  /// One transaction for the whole group: 0 if it is durable and answered, or answered with an error for all
  /// of it; otherwise LMDB's code, nothing was written, and the group waits again.
  int try_group(Group& group);
  Result<int> commit_group(Group& group);
  void answer(Group& group);
  void answer(Group& group, const Error& error);
  std::optional<Timestamp> move_watermark(Changes& changes, Timestamp now);
  void sweep_within(Changes& changes, Timestamp now);
  bool contradicts_last_commit(const Changes& changes) const;
  void note_commit(std::uint64_t last, const std::optional<Changes::DigestChange>& change);
  int give_up(Environment::Write& transaction, const Changes& changes, int code);
  void sweep_step();
  void count_sweep(const SweepStep& items, const TokenSweep& tokens);

  Environment& environment_;
  const std::size_t max_waiting_;
  mutable std::mutex mutex_;
  /// Shared, since the thread that hands over a write may still be signalling when that write has been
  /// answered and the store closed.
  std::shared_ptr<std::condition_variable> wake_ = std::make_shared<std::condition_variable>();
  std::deque<std::shared_ptr<PendingWrite>> queue_;
  bool stopping_ = false;
  std::atomic<State> state_{State::Idle};
  WriteCheck check_;  ///< the writer thread's own
  /// What this process left in the file, as its last writer; the writer thread's own.
  struct LastCommit {
    std::uint64_t transaction = 0;
    std::optional<Digest> digest;
  };
  LastCommit last_commit_;
  Watermark watermark_;     ///< the writer thread's own
  bool sweep_due_ = false;  ///< the writer thread's own
  std::thread thread_;
};

}  // namespace loopstate::embedded
