#include "histories/worker.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "base/try.hpp"
#include "dax/on_cluster.hpp"
#include "dynamodb/test_server.hpp"
#include "open/dynamodb/fallback_table.hpp"
#include "open/open_table.hpp"
#include "store/spine/store_access.hpp"
#include "store/stale_table.hpp"

namespace loopstate::histories {
namespace {

constexpr std::size_t kRepeatable = 6;
constexpr std::chrono::seconds kClockStep{300};

/// The caller's own, so that the time that a call used is known.
class CallerClock final : public Clock {
 public:
  Timestamp now() const override { return now_; }
  void go_on(std::chrono::seconds by) { now_ += by; }

 private:
  Timestamp now_ = kStart;
};

/// What all callers of the process have recently asked under a request id.
class Repeatable {
 public:
  void add(const Invocation& invocation) {
    const std::lock_guard lock(mutex_);
    invocations_.push_back(invocation);
    if (invocations_.size() > kRepeatable) invocations_.erase(invocations_.begin());
  }
  std::optional<Invocation> any(Random& random) {
    const std::lock_guard lock(mutex_);
    if (invocations_.empty()) return std::nullopt;
    return invocations_[pick(random, invocations_.size())];
  }

 private:
  std::mutex mutex_;
  std::vector<Invocation> invocations_;
};

struct Shared {
  Recorder recorder;
  std::shared_ptr<table::Table> table;
  std::unique_ptr<Calls> calls;
  Repeatable repeatable;
  std::atomic<std::uint64_t> unique;
};

class Caller {
 public:
  Caller(Shared& shared, const Work& work, int number)
      : shared_(shared),
        client_(work.process * 10 + number),
        random_(work.seed * 1000 + static_cast<std::uint64_t>(client_)),
        store_(store::store_over(shared.table, store_settings(), clock_)) {}

  void run(int calls) {
    for (int at = 0; at < calls; ++at) {
      if (chance(random_, shared_.calls->clock_moves())) clock_.go_on(kClockStep);
      const Invocation invocation = choose();
      const Answer answer = make(invocation);
      // As a caller does that does not know the outcome: again, under the same id.
      const bool unknown = !answer && answer.error().code == ErrorCode::OutcomeUnknown;
      if (unknown && invocation.recorded.request_id && chance(random_, 0.7)) make(invocation);
    }
  }

 private:
  Invocation choose() {
    const auto before = shared_.repeatable.any(random_);
    if (before && chance(random_, 0.15)) return *before;
    const std::uint64_t unique = ++shared_.unique;
    Invocation next = shared_.calls->next(random_, client_, unique);
    if (next.reads || !chance(random_, 0.4)) return next;
    // Now and then an id that stands for another write of the same state.
    const bool taken = before && before->recorded.key == next.recorded.key && chance(random_, 0.1);
    next.recorded.request_id = taken ? *before->recorded.request_id : fmt::format("r{}", unique);
    shared_.repeatable.add(next);
    return next;
  }

  Answer make(const Invocation& invocation) {
    CallOptions options;
    options.request_id(invocation.recorded.request_id);
    const std::uint64_t number = shared_.recorder.begins(client_, invocation.recorded, clock_.now());
    Answer answer = invocation.make(store_, std::move(options));
    shared_.recorder.returns(number, answer);
    return answer;
  }

  Shared& shared_;
  int client_;
  Random random_;
  CallerClock clock_;
  BlockingStore store_;
};

constexpr std::chrono::milliseconds kAttemptTimeout{500};

/// A process that gives up after its first attempt ends many calls without knowing; one that retries has its
/// own repetitions.
Manner manner_of(const Work& work) {
  const std::uint64_t number = work.seed + static_cast<std::uint64_t>(work.process);
  return {1 + static_cast<std::uint32_t>(number % 3), number % 2 == 0};
}

std::shared_ptr<table::Table> open_server(const std::string& endpoint, const std::string& name,
                                          std::uint32_t attempts_max) {
  dynamodb::TableSettings settings;
  settings.table = name;
  settings.caller.retry.attempts_max = attempts_max;
  settings.caller.retry.transient_base = settings.caller.retry.throttling_base = std::chrono::milliseconds(1);
  settings.caller.attempt_timeout = kAttemptTimeout;
  return dynamodb::open_on_server(endpoint, settings).table;
}

std::shared_ptr<table::Table> open_cluster(const std::string& endpoint, const std::string& name,
                                           Manner manner) {
  dax::OpenOptions options;
  options.endpoint = endpoint;
  options.table = name;
  options.attempt_timeout = kAttemptTimeout;
  options.random = [] { return 0.0; };  // no wait between attempts
  options.times.probe_pause = options.times.probe_pause_max = std::chrono::milliseconds(1);
  auto cluster = dax::open_on_cluster(
      options, dax::test_environment({{"AWS_MAX_ATTEMPTS", std::to_string(manner.attempts_max)}}));
  if (!manner.falls_back) return cluster;
  return std::make_shared<engines::FallbackTable>(
      std::move(cluster), open_server(dynamodb::server_endpoint(), name, manner.attempts_max), log::Logger());
}

}  // namespace

StoreSettings store_settings() {
  StoreSettings settings;
  settings.max_pending_captures = 3;
  settings.default_timeout = std::chrono::milliseconds(4000);
  return settings;
}

Result<std::shared_ptr<table::Table>> open_place(const std::string& place, Manner manner) {
  const std::size_t space = place.find(' ');
  if (place.starts_with("http://")) {
    return open_server(place.substr(0, space), place.substr(space + 1), manner.attempts_max);
  }
  if (place.starts_with("dax://")) {
    return open_cluster(place.substr(0, space), place.substr(space + 1), manner);
  }
  Settings settings;
  settings.url = place;
  return open_table(settings);
}

namespace {

Result<std::shared_ptr<table::Table>> open_for(const Work& work) {
  if (!work.place.starts_with(kStalePlace)) return open_place(work.place, manner_of(work));
  TRY(auto table, open_place(work.place.substr(kStalePlace.size()), manner_of(work)));
  return std::make_shared<testing::StaleTable>(std::move(table), testing::StaleTable::Shows::Any,
                                               work.seed * 10 + static_cast<std::uint64_t>(work.process));
}

}  // namespace

int run_worker(const Work& work) {
  auto table = open_for(work);
  if (!table) {
    fmt::print(stderr, "cannot open {}: {}\n", work.place, table.error().message);
    return 1;
  }
  // A separate number for whatever a call makes: unique to this process, and small enough for any member.
  Shared shared{{STDOUT_FILENO, work.process},
                std::move(*table),
                make_calls(work.kind, work.scale),
                {},
                static_cast<std::uint64_t>(work.process) * 10'000};
  std::vector<std::thread> threads;
  for (int number = 0; number < work.callers; ++number) {
    threads.emplace_back([&, number] { Caller(shared, work, number).run(work.calls_each); });
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
}

}  // namespace loopstate::histories
