#include "embedded/pending_write.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "embedded/writer.hpp"

namespace loopstate::embedded {

namespace asio = boost::asio;

bool PendingWrite::begin() {
  const std::lock_guard lock(mutex_);
  if (!is_wanted_locked()) return false;
  stage_ = Stage::Running;
  return true;
}

bool PendingWrite::is_wanted() const {
  const std::lock_guard lock(mutex_);
  return is_wanted_locked();
}

bool PendingWrite::is_wanted_locked() const {
  if (stage_ != Stage::Waiting && stage_ != Stage::Running) return false;
  // Already too late: the coroutine's own timer is about to say so.
  const Deadline deadline = request.call.deadline;
  return deadline == Deadline::max() || std::chrono::steady_clock::now() < deadline;
}

void PendingWrite::requeue() {
  const std::lock_guard lock(mutex_);
  if (stage_ == Stage::Running) stage_ = Stage::Waiting;
}

void PendingWrite::finish() {
  // The executor's context takes this lock, and orphans us, before it goes away. The write's own lock is not
  // held while posting: the coroutine, which may go on at once, would only wait for it.
  std::unique_lock<PostingLock> posting;
  if (posting_) posting = std::unique_lock(*posting_);
  if (auto resumption = take_finished()) {
    Resumption& waiting = *resumption;
    waiting.post(std::move(resumption));
  }
}

/// Nothing if nobody waits for it, or no longer.
std::unique_ptr<Resumption> PendingWrite::take_finished() {
  const std::lock_guard lock(mutex_);
  if (stage_ != Stage::Running) return nullptr;
  stage_ = Stage::Finished;
  return std::move(resumption_);
}

void PendingWrite::expect(std::unique_ptr<Resumption> resumption, std::shared_ptr<PostingLock> posting) {
  const std::lock_guard lock(mutex_);
  resumption_ = std::move(resumption);
  posting_ = std::move(posting);
}

std::unique_ptr<Resumption> PendingWrite::give_up(GiveUpReason reason) {
  const std::lock_guard lock(mutex_);
  if (stage_ == Stage::Waiting) {
    stage_ = Stage::GivenUp;
  } else if (stage_ == Stage::Running && reason == GiveUpReason::Deadline) {
    stage_ = Stage::Abandoned;
  } else {
    return nullptr;
  }
  reason_ = reason;
  return std::move(resumption_);
}

std::unique_ptr<Resumption> PendingWrite::orphan() {
  const std::lock_guard lock(mutex_);
  if (stage_ == Stage::Waiting) stage_ = Stage::GivenUp;
  return std::move(resumption_);
}

PendingWrite::Stage PendingWrite::stage() const {
  const std::lock_guard lock(mutex_);
  return stage_;
}

PendingWrite::GiveUpReason PendingWrite::give_up_reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

namespace {

/// The writes that coroutines of one execution context are waiting for. If the context is destroyed before
/// they are answered, the writer thread must not post to it any more.
class WaitingWrites final : public asio::execution_context::service {
 public:
  using key_type = WaitingWrites;
  static inline asio::execution_context::id id;

  explicit WaitingWrites(asio::execution_context& context) : asio::execution_context::service(context) {}

  void add(std::shared_ptr<PendingWrite> write) {
    const std::lock_guard lock(mutex_);
    const PendingWrite* const address = write.get();
    writes_.emplace(address, std::move(write));
  }
  void remove(const PendingWrite* write) {
    const std::lock_guard lock(mutex_);
    writes_.erase(write);
  }
  const std::shared_ptr<PostingLock>& posting() const { return posting_; }

 private:
  void shutdown() noexcept override {
    std::vector<std::unique_ptr<Resumption>> dropped;
    {
      const std::scoped_lock lock(*posting_, mutex_);
      for (auto& entry : writes_) dropped.push_back(entry.second->orphan());
    }
    dropped.clear();  // destroys the coroutines, which may destroy the table: without the lock
  }

  const std::shared_ptr<PostingLock> posting_ = std::make_shared<PostingLock>();
  std::mutex mutex_;
  std::unordered_map<const PendingWrite*, std::shared_ptr<PendingWrite>> writes_;
};

template <typename Handler>
class HandlerResumption final : public Resumption {
 public:
  HandlerResumption(Handler handler, WaitingWrites& waiting, std::shared_ptr<PendingWrite> write)
      : handler_(std::move(handler)), waiting_(waiting), write_(std::move(write)) {}

  auto executor() const { return asio::get_associated_executor(handler_); }

  void watch_deadline(Deadline deadline) {
    if (deadline == Deadline::max()) return;
    timer_.emplace(executor(), deadline);
    timer_->async_wait([write = std::weak_ptr(write_)](const boost::system::error_code& error) {
      if (!error) resume_early(write.lock(), PendingWrite::GiveUpReason::Deadline);
    });
  }

  void watch_cancellation() {
    auto slot = asio::get_associated_cancellation_slot(handler_);
    if (!slot.is_connected()) return;
    slot.assign([write = std::weak_ptr(write_), executor = executor()](asio::cancellation_type) {
      // Posted, since this runs inside the coroutine's own cancellation.
      asio::post(executor, [write] { resume_early(write.lock(), PendingWrite::GiveUpReason::Cancelled); });
    });
  }

  void post(std::unique_ptr<Resumption> self) override {
    asio::post(executor(), [self = std::move(self)] { static_cast<HandlerResumption&>(*self).resume(); });
  }

  /// On the coroutine's executor.
  void resume() {
    timer_.reset();
    waiting_.remove(write_.get());
    if (auto slot = asio::get_associated_cancellation_slot(handler_); slot.is_connected()) slot.clear();
    auto handler = std::move(handler_);
    std::move(handler)();
  }

 private:
  static void resume_early(const std::shared_ptr<PendingWrite>& write, PendingWrite::GiveUpReason reason) {
    if (!write) return;
    if (auto resumption = write->give_up(reason)) static_cast<HandlerResumption&>(*resumption).resume();
  }

  Handler handler_;
  WaitingWrites& waiting_;
  std::shared_ptr<PendingWrite> write_;
  std::optional<asio::steady_timer> timer_;
};

/// Starts waiting. A write that the writer refuses is answered immediately.
struct StartWaiting {
  Writer* writer;
  std::shared_ptr<PendingWrite> write;

  template <typename Handler>
  void operator()(Handler handler) {
    auto executor = asio::get_associated_executor(handler);
    auto& waiting = asio::use_service<WaitingWrites>(asio::query(executor, asio::execution::context));
    auto resumption = std::make_unique<HandlerResumption<Handler>>(std::move(handler), waiting, write);
    auto& watched = *resumption;
    waiting.add(write);
    write->expect(std::move(resumption), waiting.posting());
    watched.watch_deadline(write->request.call.deadline);
    watched.watch_cancellation();
    if (auto submitted = writer->submit(write); !submitted) {
      const auto kept = write;  // the coroutine that holds this function object may end before `finish` does
      if (!kept->begin()) return;
      kept->request.error = std::move(submitted.error());
      kept->finish();
    }
  }
};

Result<void> verdict(const PendingWrite& write) {
  switch (write.stage()) {
    case PendingWrite::Stage::Finished:
      if (write.request.error) return std::unexpected(*write.request.error);
      return {};
    case PendingWrite::Stage::Abandoned:
      return fail(ErrorCode::OutcomeUnknown,
                  "the deadline passed while the write was under way: it may or may not have happened");
    default:
      if (write.give_up_reason() == PendingWrite::GiveUpReason::Deadline) {
        const std::string obstacle = write.lock_note ? write.lock_note->text() : "";
        return fail(ErrorCode::DeadlineExceeded,
                    obstacle.empty() ? "the deadline passed before the write was begun"
                                     : "the deadline passed before the write was begun: " + obstacle,
                    true);
      }
      return fail(ErrorCode::Cancelled, "the write was cancelled before it was begun");
  }
}

}  // namespace

Task<Result<void>> write_and_wait(Writer& writer, std::shared_ptr<PendingWrite> write) {
  try {
    StartWaiting start{&writer, write};
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(start),
                                                                         asio::use_awaitable);
  } catch (const boost::system::system_error&) {
    // Cancelled before the wait began.
    co_return fail(ErrorCode::Cancelled, "the write was cancelled before it was begun");
  }
  co_return verdict(*write);
}

}  // namespace loopstate::embedded
