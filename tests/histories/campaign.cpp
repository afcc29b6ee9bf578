#include "histories/campaign.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <mutex>
#include <vector>

#include "dax/named_faults.hpp"
#include "dynamodb/test_server.hpp"
#include "fault_proxy/fault_proxy.hpp"
#include "histories/worker.hpp"
#include "port/runner.hpp"
#include "store/spine/store_access.hpp"

extern char** environ;

namespace loopstate::histories {
namespace {

using dynamodb::Fault;

constexpr int kProcesses = 2;
constexpr int kNodes = 2;
constexpr double kShare = 0.2;  ///< of the requests meets a fault

/// What happens to each request, from one seed; the threads of the processes meet it in their own
/// order.
class Faults {
 public:
  Faults(std::uint64_t seed, bool any) : random_(seed), any_(any) {}

  Fault operator()(const dynamodb::SeenRequest& /*seen*/) {
    static constexpr Fault kFaults[] = {Fault::DropReply,   Fault::DropReply,  Fault::DropReply,
                                        Fault::HalfReply,   Fault::CutBefore,  Fault::ErrorAfter,
                                        Fault::ErrorBefore, Fault::Throttle,   Fault::Throttle,
                                        Fault::Conflict,    Fault::InProgress, Fault::CloseAfter,
                                        Fault::CloseAfter,  Fault::Garble,     Fault::ThrottledTransaction};
    const std::lock_guard lock(mutex_);
    if (!any_ || !chance(random_, kShare)) return Fault::None;
    if (chance(random_, 0.01)) return Fault::Hang;
    return kFaults[pick(random_, std::size(kFaults))];
  }

 private:
  std::mutex mutex_;
  Random random_;
  bool any_;
};

/// A worker and the pipe that its lines arrive through.
struct Process {
  int number = 0;
  pid_t pid = -1;
  int pipe = -1;
  std::string pending;  ///< what has arrived but is not a whole line yet
  int returns = 0;
  bool killed = false;
};

class Campaign {
 public:
  Campaign(const History& history, std::string place, std::FILE* out)
      : history_(history), place_(std::move(place)), out_(out), random_(history.seed) {}

  std::string run() {
    // Every other history loses a process, and another one takes its place.
    const bool kills = pick(random_, 2) == 0;
    kill_after_ = kills ? 2 + static_cast<int>(pick(random_, 20)) : -1;
    for (int number = 0; number < kProcesses; ++number) start();
    while (failure_.empty() && still_open()) read_some();
    for (Process& process : processes_) finish(process);
    return failure_;
  }

 private:
  void start() {
    Process process;
    process.number = static_cast<int>(processes_.size());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      failure_ = "no pipe";
      return;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    std::vector<std::string> words = {"/proc/self/exe",
                                      "work",
                                      history_.kind,
                                      place_,
                                      std::to_string(history_.seed),
                                      std::to_string(process.number)};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (::posix_spawn(&process.pid, words[0].c_str(), &actions, nullptr, arguments.data(), environ) != 0)
      failure_ = "a process could not be started";
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    process.pipe = ends[0];
    processes_.push_back(std::move(process));
  }

  bool still_open() const {
    return std::ranges::any_of(processes_, [](const Process& process) { return process.pipe >= 0; });
  }

  void read_some() {
    std::vector<pollfd> waiting;
    for (const Process& process : processes_) waiting.push_back({process.pipe, POLLIN, 0});
    if (::poll(waiting.data(), waiting.size(), kPatienceMilliseconds) <= 0) {
      failure_ = "no process said anything for a minute";
      return;
    }
    for (std::size_t at = 0; at < waiting.size(); ++at) {
      if (waiting[at].revents != 0) read_from(at);
    }
  }

  void read_from(std::size_t at) {
    char chunk[65536];
    const ssize_t count = ::read(processes_[at].pipe, chunk, sizeof chunk);
    if (count <= 0) {
      ::close(processes_[at].pipe);
      processes_[at].pipe = -1;
      return;
    }
    Process& process = processes_[at];
    process.pending.append(chunk, static_cast<std::size_t>(count));
    for (std::size_t end = 0; (end = process.pending.find('\n')) != std::string::npos;) {
      const std::string line = process.pending.substr(0, end + 1);
      process.pending.erase(0, end + 1);
      std::fputs(line.c_str(), out_);
      if (line.starts_with(R"({"type":"return")")) ++process.returns;
    }
    if (process.number == 0 && !process.killed && kill_after_ >= 0 && process.returns >= kill_after_) {
      process.killed = true;
      ::kill(process.pid, SIGKILL);
      start();  // `process` is gone
    }
  }

  void finish(Process& process) {
    if (process.pipe >= 0) ::close(process.pipe);
    if (process.pid <= 0) return;
    if (!failure_.empty()) ::kill(process.pid, SIGKILL);
    int status = 0;
    ::waitpid(process.pid, &status, 0);
    const bool ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!ended_well && !process.killed && failure_.empty())
      failure_ = fmt::format("process {} ended with status {:#x}", process.number, status);
  }

  static constexpr int kPatienceMilliseconds = 60'000;

  const History& history_;
  std::string place_;
  std::FILE* out_;
  Random random_;
  int kill_after_ = -1;
  std::vector<Process> processes_;
  std::string failure_;
};

/// Before the callers' clocks advance.
class StartClock final : public Clock {
 public:
  Timestamp now() const override { return kStart; }
};

/// Prepares the place; returns a sentence if that fails.
std::string prepare(const History& history, const std::string& place) {
  auto table = open_place(place);
  if (!table) return table.error().message;
  if (history.engine != "embedded") {
    table::Runner runner;
    const table::Call call{kStart, std::chrono::steady_clock::now() + std::chrono::seconds(30)};
    if (const auto made = runner.run((*table)->initialise(call)); !made) return made.error().message;
  }
  const StartClock clock;
  BlockingStore store{store::store_over(*table, store_settings(), clock)};
  const auto ready = prepare_state(history.kind, store, Scale());
  return ready ? "" : ready.error().message;
}

}  // namespace

std::string make_history(const History& history, std::FILE* out) {
  fmt::print(out,
             R"({{"type":"history","engine":"{}","kind":"{}","seed":{},"ring":{}}})"
             "\n",
             history.engine, history.kind, history.seed, store_settings().max_pending_captures);
  if (history.engine == "embedded") {
    std::string folder = (std::filesystem::temp_directory_path() / "loopstate-history-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) return "no temporary folder";
    const std::string place = "embedded:" + folder + "/store.db";
    std::string failure = prepare(history, place);
    if (failure.empty())
      failure = Campaign(history, history.stale ? std::string(kStalePlace) + place : place, out).run();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    return failure;
  }
  const std::string table = dynamodb::fresh_table_name();
  if (std::string failure = prepare(history, history.endpoint + " " + table); !failure.empty())
    return failure;
  if (history.engine == "dax") {
    // Every other cluster keeps what it once read until the history ends, whatever is written.
    dax::TestCluster cluster(kNodes, history.seed % 2 == 0 ? "" : R"("settings":{"replication":"none"})");
    if (history.faults) dax::let_things_go_wrong(cluster, history.seed, kShare);
    return Campaign(history, cluster.endpoint() + " " + table, out).run();
  }
  Faults faults(history.seed, history.faults);
  dynamodb::FaultProxy proxy(history.endpoint,
                             [&](const dynamodb::SeenRequest& seen) { return faults(seen); });
  return Campaign(history, proxy.endpoint() + " " + table, out).run();
}

}  // namespace loopstate::histories
