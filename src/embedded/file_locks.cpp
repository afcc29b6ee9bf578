#include "embedded/file_locks.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <thread>

#include "embedded/lock_layout.hpp"

namespace loopstate::embedded {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr microseconds kFirstPause{50};
constexpr microseconds kLongestPause{1000};
/// More than the longest pause, so that a waiter finds the lock free.
constexpr microseconds kTurn{1500};
constexpr milliseconds kJustWritten{5};
/// A wait longer than a commit takes is worth reporting.
constexpr milliseconds kWorthNoting{50};

/// Whether a process of that number is visible from here, and stopped.
bool is_stopped(std::int64_t process) {
  std::ifstream in(fmt::format("/proc/{}/stat", process));
  std::string text;
  if (!std::getline(in, text)) return false;
  const std::size_t name_end = text.rfind(") ");
  return name_end != std::string::npos && text.size() > name_end + 2 &&
         (text[name_end + 2] == 'T' || text[name_end + 2] == 't');
}

std::string describe(std::int64_t process, std::string_view what, const std::string& path) {
  if (process != getpid() && is_stopped(process)) {
    return fmt::format(
        "process {0} {1} {2} and is stopped: `kill -CONT {0}` resumes it; ending it frees the file, and "
        "loses nothing that was acknowledged",
        process, what, path);
  }
  return fmt::format(
      "process {0} (as numbered in its own container) {1} {2}: if it is stopped or frozen, resume it or end "
      "it",
      process, what, path);
}

}  // namespace

struct FileLocks::Place {
  std::mutex& mutex;
  std::int64_t start;
  ofd::Kind kind;
  std::string_view what;  ///< "process 7 ... PATH"
  bool queues;
};

FileLocks::FileLocks(int data, bool may_write, std::string path)
    : data_(data), may_write_(may_write), path_(std::move(path)), process_(getpid()) {}

Result<FileLocks::Held> FileLocks::writer(const LockPatience& patience) {
  auto held = take({writer_mutex_, lock_layout::kWriter, ofd::Kind::Exclusive, "is writing", true}, patience);
  if (held) last_written_ = Clock::now();
  return held;
}

Result<FileLocks::Held> FileLocks::reader_table(const LockPatience& patience) {
  const auto kind = may_write_ ? ofd::Kind::Exclusive : ofd::Kind::Shared;
  return take({reader_mutex_, lock_layout::kReaderTable, kind, "is opening", false}, patience);
}

/// A process that writes without a pause would find the lock free before any waiter does.
void FileLocks::let_others_go_first() {
  {
    const std::unique_lock lock(writer_mutex_, std::try_to_lock);
    const auto now = Clock::now();
    if (!lock.owns_lock() || now - last_written_ > kJustWritten || now - last_look_ < kLongestPause) return;
    last_look_ = now;
  }
  if (ofd::other_lock(data_, lock_layout::kWaiting)) std::this_thread::sleep_for(kTurn);
}

Result<FileLocks::Held> FileLocks::take(const Place& place, const LockPatience& patience) {
  const ofd::Range range{place.start, 1 + process_};
  if (place.queues) let_others_go_first();
  const auto begun = Clock::now();
  microseconds pause = kFirstPause;
  bool waiting = false, noted = false;
  const auto stop_waiting = [&] {
    if (waiting) ofd::unlock(data_, lock_layout::kWaiting);
  };
  for (;;) {
    std::unique_lock process(place.mutex, std::try_to_lock);
    if (process.owns_lock()) {
      const int code = ofd::try_lock(data_, place.kind, range);
      if (code == 0) {
        stop_waiting();
        // Not if the wait ends without the lock: those whose deadline has passed are about to read it.
        if (place.queues || noted) note_->set("");
        return Held(std::move(process), data_, range);
      }
      process.unlock();
      if (code != EAGAIN) {
        stop_waiting();
        return fail(ErrorCode::StorageFailure,
                    fmt::format("{} cannot be locked ({}): a store needs a local file system with locks",
                                path_, std::strerror(code)));
      }
      if (place.queues && !waiting)
        waiting = ofd::try_lock(data_, ofd::Kind::Shared, lock_layout::kWaiting) == 0;
    }
    const auto now = Clock::now();
    if (!noted && now - begun >= kWorthNoting) {
      noted = true;
      note_->set(holder(place));
    }
    if (now >= patience.until || (patience.wanted && !patience.wanted())) {
      std::string who = holder(place);
      stop_waiting();
      return fail(ErrorCode::Unavailable, who.empty() ? fmt::format("{} is busy", path_) : std::move(who),
                  true);
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

/// Empty when nobody else holds it (any more).
std::string FileLocks::holder(const Place& place) const {
  const auto found = ofd::other_lock(data_, {place.start, 1});
  if (!found) return "";
  return describe(found->length - 1, place.what, path_);
}

}  // namespace loopstate::embedded
