// Where a coroutine that waits for a write and the writer thread meet.
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

/// Resumes the coroutine that waits.
class Resumption {
 public:
  virtual ~Resumption() = default;
  /// Any thread: resumes on the coroutine's executor, soon.
  virtual void post(std::unique_ptr<Resumption> self) = 0;
};

/// Thread-safe. The writer thread may touch `request` between begin() and finish(); the coroutine before it
/// is submitted and after Outcome::Finished.
class PendingWrite {
 public:
  enum class Stage : std::uint8_t {
    Waiting,   ///< in the queue
    Running,   ///< the writer thread has begun it
    Finished,  ///< answered
    GivenUp,   ///< cancelled or too late while waiting: nothing was written
    Abandoned  ///< the deadline came while it was running: nobody knows yet
  };
  enum class GiveUpReason : std::uint8_t { None, Deadline, Cancelled };

  explicit PendingWrite(WriteRequest with) : request(std::move(with)) {}

  WriteRequest request;
  /// Who keeps the writer waiting, while somebody does; set when it is submitted.
  std::shared_ptr<const LockNote> lock_note;

  /// The writer: whether somebody still waits for it. Does not begin it.
  bool is_wanted() const;
  /// The writer: false when nobody waits for it any more, and it must not be begun.
  bool begin();
  /// The writer: it did not happen after all, and waits again.
  void requeue();
  /// The writer: the outcome is in `request`.
  void finish();

  /// The coroutine's side.
  void expect(std::unique_ptr<Resumption> resumption);
  /// The deadline or a cancellation: whoever waits is resumed, unless the write is answered already (or, when
  /// cancelled, running: it is answered soon). Takes the resumption out, to be resumed by the caller.
  std::unique_ptr<Resumption> give_up(GiveUpReason reason);
  /// The executor's context is going away: nobody can be resumed any more.
  std::unique_ptr<Resumption> orphan();

  Stage stage() const;
  GiveUpReason give_up_reason() const;

 private:
  bool is_wanted_locked() const;

  mutable std::mutex mutex_;
  Stage stage_ = Stage::Waiting;
  GiveUpReason reason_ = GiveUpReason::None;
  std::unique_ptr<Resumption> resumption_;
};

/// Hands the write to the writer and waits. An error where there is no outcome: DeadlineExceeded, Cancelled,
/// OutcomeUnknown, Throttled (the queue is full), or the writer's own.
Task<Result<void>> write_and_wait(Writer& writer, std::shared_ptr<PendingWrite> write);

}  // namespace loopstate::embedded
