#include "http/client/watch.hpp"

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
      const auto known = of_.find(watched);
      if (known != of_.end()) {
        if (known->second->first <= when) return;  // it will be called earlier, and asks again
        due_.erase(known->second);
        of_.erase(known);
      }
      first = due_.empty() || when < due_.begin()->first;
      of_.emplace(watched, due_.emplace(when, watched));
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
      of_.erase(node.mapped());
      lock.unlock();
      if (const auto watched = node.mapped().lock()) watched->tick();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  using Due = std::multimap<Deadline, std::weak_ptr<Watched>>;
  Due due_;
  std::map<std::weak_ptr<Watched>, Due::iterator, std::owner_less<>> of_;  // at most one for each
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

void call_at(Deadline when, std::weak_ptr<Watched> watched) {
  static Watch watch;
  watch.add(when, std::move(watched));
}

}  // namespace loopstate::http
