#include "http/client_watch.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace loopstate::http {

namespace {

class Watch {
 public:
  Watch() : thread_([this] { run(); }) {}

  ~Watch() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }

  void add(Deadline when, std::weak_ptr<Watched> watched) {
    bool first = false;
    {
      const std::lock_guard lock(mutex_);
      first = due_.empty() || when < due_.begin()->first;
      due_.emplace(when, std::move(watched));
    }
    if (first) changed_.notify_one();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (due_.empty()) {
        changed_.wait(lock);
        continue;
      }
      const Deadline first = due_.begin()->first;
      if (std::chrono::steady_clock::now() < first) {
        changed_.wait_until(lock, first);
        continue;
      }
      auto node = due_.extract(due_.begin());
      lock.unlock();
      if (const auto watched = node.mapped().lock()) watched->tick();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Deadline, std::weak_ptr<Watched>> due_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

void call_at(Deadline when, std::weak_ptr<Watched> watched) {
  static Watch watch;
  watch.add(when, std::move(watched));
}

}  // namespace loopstate::http
