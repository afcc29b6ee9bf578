// Where a coroutine waiting for a write and the writer thread meet.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "embedded/file_locks.hpp"
#include "embedded/write_request.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"

namespace loopstate::embedded {

class Writer;

/// Held while somebody posts to an execution context, and while that context lets go of what waits in it: so
/// it stays until the post is over. Outlives it.
using PostingLock = std::mutex;

/// Resumes the waiting coroutine.
class Resumption {
 public:
  virtual ~Resumption() = default;
  /// Any thread: resumes on the coroutine's executor, soon.
  virtual void post(std::unique_ptr<Resumption> self) = 0;
};

/// Thread-safe. The writer thread may touch `request` between begin() and finish(); the coroutine may before
/// it is submitted and after Outcome::Finished.
class PendingWrite {
 public:
  enum class Stage : std::uint8_t {
    Waiting,   ///< in the queue
    Running,   ///< the writer thread has begun it
    Finished,  ///< answered
    GivenUp,   ///< cancelled or too late while waiting: nothing was written
    Abandoned  ///< the deadline passed while it was running: nobody knows yet
  };
  enum class GiveUpReason : std::uint8_t { None, Deadline, Cancelled };

  explicit PendingWrite(WriteRequest with) : request(std::move(with)) {}

  WriteRequest request;
  /// Who keeps the writer waiting, while somebody does; set on submission.
  std::shared_ptr<const LockNote> lock_note;

  /// For the writer: whether somebody is still waiting for it. Does not begin it.
  bool is_wanted() const;
  /// For the writer: false if nobody is waiting for it any more, and it must not be begun.
  bool begin();
  /// For the writer: it did not happen after all, and waits again.
  void requeue();
  /// For the writer: the outcome is in `request`.
  void finish();

  /// For the coroutine, before it is submitted.
  void expect(std::unique_ptr<Resumption> resumption, std::shared_ptr<PostingLock> posting);
  /// On the deadline or a cancellation: the waiter is resumed, unless the write is already answered (or, when
  /// cancelled, running: it will be answered soon). Takes out the resumption, for the caller to resume.
  std::unique_ptr<Resumption> give_up(GiveUpReason reason);
  /// The executor's context is going away, and its PostingLock is held: nobody can be resumed any more.
  std::unique_ptr<Resumption> orphan();

  Stage stage() const;
  GiveUpReason give_up_reason() const;

 private:
  bool is_wanted_locked() const;
  std::unique_ptr<Resumption> take_finished();

  std::shared_ptr<PostingLock> posting_;  ///< taken before `mutex_`
  mutable std::mutex mutex_;
  Stage stage_ = Stage::Waiting;
  GiveUpReason reason_ = GiveUpReason::None;
  std::unique_ptr<Resumption> resumption_;
};

/// Hands the write to the writer and waits. An error if there is no outcome: DeadlineExceeded, Cancelled,
/// OutcomeUnknown, Throttled (the queue is full), or the writer's own.
Task<Result<void>> write_and_wait(Writer& writer, std::shared_ptr<PendingWrite> write);

}  // namespace loopstate::embedded
