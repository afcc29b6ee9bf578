// The two exclusive locks of a store's file: to write, and to touch LMDB's reader table. Whoever takes LMDB's
// own locks holds one of these, so nobody ever waits for LMDB's locks, which know no deadline.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "embedded/ofd_lock.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"

namespace loopstate::embedded {

/// Who is being waited for, in a sentence; empty while nobody is. Thread-safe.
class LockNote {
 public:
  void set(std::string text) {
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// How long to wait for a lock: until then, and while somebody still wants it.
struct LockPatience {
  Deadline until = Deadline::max();
  std::function<bool()> wanted;  ///< asked now and then; null: always
};

class FileLocks {
 public:
  /// The file stays open while this lives. `may_write`: whether `data` was also opened for writing; otherwise
  /// only the reader table's lock is available, shared with others who only read.
  FileLocks(int data, bool may_write, std::string path);

  /// A lock, until destroyed.
  class Held {
   public:
    Held(std::unique_lock<std::mutex> process, int data, ofd::Range range)
        : process_(std::move(process)), data_(data), range_(range) {}
    Held(Held&& other) noexcept
        : process_(std::move(other.process_)), data_(std::exchange(other.data_, -1)), range_(other.range_) {}
    Held& operator=(Held&&) = delete;
    ~Held() {
      if (data_ >= 0) ofd::unlock(data_, range_);
    }

   private:
    std::unique_lock<std::mutex> process_;
    int data_;
    ofd::Range range_;
  };

  /// Unavailable, naming the holder, if patience ends first; StorageFailure if the file system has no
  /// locks. Any thread; a thread that holds the reader table's lock must not ask for the writer's.
  Result<Held> writer(const LockPatience& patience);
  Result<Held> reader_table(const LockPatience& patience);

  /// The thread of this process that writes holds it.
  std::mutex& writer_mutex() { return writer_mutex_; }
  const std::shared_ptr<LockNote>& note() const { return note_; }

 private:
  struct Place;
  Result<Held> take(const Place& place, const LockPatience& patience);
  std::string holder(const Place& place) const;
  void let_others_go_first();

  int data_;
  bool may_write_;
  std::string path_;
  std::int64_t process_;  ///< a child after a fork has no handle to lock with
  std::mutex writer_mutex_;
  std::mutex reader_mutex_;
  std::shared_ptr<LockNote> note_ = std::make_shared<LockNote>();
  std::chrono::steady_clock::time_point last_written_{}, last_look_{};  ///< under writer_mutex_
};

}  // namespace loopstate::embedded
