// What the tests run as separate processes: to kill them, to have several at once, to take rights from
// them.
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "embedded/damage_store.hpp"
#include "embedded/documents_workload.hpp"
#include "embedded/embedded_table.hpp"
#include "embedded/environment.hpp"
#include "embedded/workload.hpp"
#include "port/runner.hpp"

namespace {

namespace asio = boost::asio;
using namespace loopstate;
using namespace loopstate::embedded;

int run(const std::vector<std::string>& all);

constexpr int kAcknowledgements = 1;  // standard output
const table::Call kCall{workload::kNow, Deadline::max()};

void say(const std::string& line) {
  const std::string text = line + "\n";
  if (write(kAcknowledgements, text.data(), text.size()) < 0) _exit(3);
}

[[noreturn]] void die(const Error& error) {
  fmt::print(stderr, "{}: {}\n", to_string(error.code), error.message);
  _exit(2);
}

EmbeddedOptions options_for(const std::string& path) {
  EmbeddedOptions out;
  out.path = path;
  return out;
}

std::shared_ptr<table::Table> open_or_die(EmbeddedOptions options) {
  auto table = open_embedded(std::move(options));
  if (!table) die(table.error());
  return *table;
}

/// Transactions one after the other, each acknowledged once it is answered. `steps` 0: forever.
Task<void> work(std::shared_ptr<table::Table> table, int worker, std::int64_t steps) {
  auto begun = co_await table->get(workload::number_key(worker), kCall);
  if (!begun) die(begun.error());
  const std::int64_t first = workload::number_of(*begun) + 1;
  for (std::int64_t number = first; steps == 0 || number < first + steps; ++number) {
    auto operations = workload::transaction(worker, number);
    auto done = co_await table->transact(std::move(operations), workload::token(worker, number), kCall);
    if (!done) die(done.error());
    if (!done->applied)
      die(Error{ErrorCode::Internal, fmt::format("transaction {} was refused", number), false, {}});
    say(fmt::format("{} {}", worker, number));
  }
}

/// write PATH FIRST_WORKER WORKERS STEPS MAP_BYTES DURABILITY
int write_workload(const std::vector<std::string>& arguments) {
  EmbeddedOptions options;
  options.path = arguments.at(0);
  options.map_bytes = std::stoull(arguments.at(4));
  options.durability = arguments.at(5) == "synced" ? Durability::PowerLoss : Durability::ProcessDeath;
  auto table = open_or_die(options);
  table::Runner runner(1);
  if (auto ok = runner.run(table->put(workload::shared_counter(), kCall)); !ok) die(ok.error());
  const int first = std::stoi(arguments.at(1));
  asio::io_context context(1);
  for (int worker = first; worker < first + std::stoi(arguments.at(2)); ++worker) {
    asio::co_spawn(context, work(table, worker, std::stoll(arguments.at(3))), [](std::exception_ptr failure) {
      if (failure) _exit(4);
    });
  }
  context.run();
  return 0;
}

/// fill PATH LIMIT_BYTES: writes until the file may not grow, and prints how that was answered.
int fill(const std::vector<std::string>& arguments) {
  EmbeddedOptions options;
  options.path = arguments.at(0);
  auto table = open_or_die(options);
  const rlimit limit{std::stoull(arguments.at(1)), RLIM_INFINITY};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 5;
  table::Runner runner(1);
  for (int i = 0; i < 100'000; ++i) {
    table::Put put{{{"FILL", fmt::format("{:06}", i)}, {{"data", std::string(20'000, 'x')}}}, {}};
    auto done = runner.run(table->put(std::move(put), kCall));
    if (done) continue;
    say(fmt::format("{} {}", i, to_string(done.error().code)));
    // What fits can still be written, on the same handle.
    const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &none);
    auto after = runner.run(table->put({{{"FILL", "after"}, {}}, {}}, kCall));
    say(after ? "Written" : std::string(to_string(after.error().code)));
    return 0;
  }
  return 6;
}

/// restricted PATH UID: as that user, reads and writes one item, and prints how each was answered.
int restricted(const std::vector<std::string>& arguments) {
  const auto user = static_cast<uid_t>(std::stoul(arguments.at(1)));
  if (setgid(user) != 0 || setuid(user) != 0) return 5;
  EmbeddedOptions options;
  options.path = arguments.at(0);
  auto table = open_embedded(options);
  if (!table) {
    say(std::string(to_string(table.error().code)));
    return 0;
  }
  table::Runner runner(1);
  const auto found = runner.run((*table)->get({"p", "s"}, kCall));
  say(!found ? std::string(to_string(found.error().code)) : *found ? "Read" : "Missing");
  const auto done = runner.run((*table)->put({{{"p", "t"}, {}}, {}}, kCall));
  say(done ? "Written" : std::string(to_string(done.error().code)));
  return 0;
}

/// unknown-reader PATH UID: as that user, reads one moment again and again, and prints what ended that.
int unknown_reader(const std::vector<std::string>& arguments) {
  const auto user = static_cast<uid_t>(std::stoul(arguments.at(1)));
  if (setgid(user) != 0 || setuid(user) != 0) return 5;
  EmbeddedOptions options;
  options.path = arguments.at(0);
  auto table = open_embedded(options);
  if (!table) return 6;
  const auto snapshot = (*table)->snapshot();
  if (!snapshot) return 7;
  table::Runner runner(1);
  say("Reading");
  for (int i = 0; i < 30'000; ++i) {
    const auto page = runner.run((*snapshot)->scan({}, kCall));
    if (!page) {
      say(page.error().message);
      return 0;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return 8;
}

/// Prints how opening was answered, and the sentence.
std::shared_ptr<table::Table> open_and_say(const std::string& path) {
  EmbeddedOptions options;
  options.path = path;
  auto table = open_embedded(options);
  say(table ? "Opened" : fmt::format("{} {}", to_string(table.error().code), table.error().message));
  return table ? *table : nullptr;
}

/// create PATH LIMIT_BYTES: with that limit on a file's size.
int create(const std::vector<std::string>& arguments) {
  const rlimit limit{std::stoull(arguments.at(1)), RLIM_INFINITY};
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return 5;
  open_and_say(arguments.at(0));
  return 0;
}

/// open PATH: opens, prints how that was answered, writes an item, and prints that too.
int open_once(const std::vector<std::string>& arguments) {
  const auto table = open_and_say(arguments.at(0));
  if (!table) return 0;
  table::Runner runner(1);
  const auto done = runner.run(table->put({{{"p", "opened"}, {}}, {}}, kCall));
  say(done ? "Written" : fmt::format("{} {}", to_string(done.error().code), done.error().message));
  return 0;
}

/// keep PATH: has the file open, and writes, until it is killed.
int keep(const std::vector<std::string>& arguments) {
  auto table = open_or_die(options_for(arguments.at(0)));
  table::Runner runner(1);
  if (auto done = runner.run(table->put({{{"p", "kept"}, {}}, {}}, kCall)); !done) die(done.error());
  say("Written");
  for (;;) pause();
}

/// hold PATH: stays within a write until it is killed, or told to continue (SIGUSR1).
int hold(const std::vector<std::string>& arguments) {
  sigset_t told;
  sigemptyset(&told);
  sigaddset(&told, SIGUSR1);
  sigprocmask(SIG_BLOCK, &told, nullptr);
  auto environment = Environment::open(options_for(arguments.at(0)));
  if (!environment) die(environment.error());
  const auto write = (*environment)->write();
  if (!write) die(write.error());
  say("Holding");
  int signal = 0;
  sigwait(&told, &signal);
  return 0;
}

/// hold-opening PATH: stays about to open the file until it is killed.
int hold_opening(const std::vector<std::string>& arguments) {
  auto files = StoreFiles::open(arguments.at(0));
  if (!files) die(files.error());
  FileLocks locks((*files)->data(), (*files)->may_write(), arguments.at(0));
  const auto held = locks.reader_table({});
  if (!held) die(held.error());
  say("Holding");
  for (;;) pause();
}

/// probe PATH: what damage_store::probe found. If it does not end, a signal ends it.
int probe(const std::vector<std::string>& arguments) {
  constexpr unsigned kLongestSeconds = 120;
  alarm(kLongestSeconds);
  const auto found = damage_store::probe(arguments.at(0));
  say(fmt::format("{} {} {} {} {:d} {}", found.wrong, found.missing, found.errors, found.written,
                  found.trouble, found.first));
  return 0;
}

/// documents PATH FIRST ROUNDS KILL_BEFORE|none DURABILITY
int write_documents(const std::vector<std::string>& arguments) {
  auto options = options_for(arguments.at(0));
  options.durability = arguments.at(4) == "synced" ? Durability::PowerLoss : Durability::ProcessDeath;
  documents_workload::Run run;
  run.first = std::stoll(arguments.at(1));
  run.rounds = std::stoll(arguments.at(2));
  if (arguments.at(3) != "none") run.kill_before = std::stoull(arguments.at(3));
  run.acknowledge = say;
  const auto trouble = documents_workload::work(open_or_die(std::move(options)), run);
  if (trouble.empty()) return 0;
  say(trouble);
  return 2;
}

/// contained COMMAND ...: as process 1 of a separate namespace.
int contained(const std::vector<std::string>& arguments) {
  if (unshare(CLONE_NEWPID) != 0) return 5;
  const pid_t first = fork();
  if (first < 0) return 6;
  if (first == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return run(arguments);
  }
  int status = 0;
  waitpid(first, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 7;
}

int run(const std::vector<std::string>& all) {
  if (all.empty()) return 64;
  const std::vector<std::string> arguments(all.begin() + 1, all.end());
  if (all[0] == "write") return write_workload(arguments);
  if (all[0] == "fill") return fill(arguments);
  if (all[0] == "create") return create(arguments);
  if (all[0] == "open") return open_once(arguments);
  if (all[0] == "keep") return keep(arguments);
  if (all[0] == "hold") return hold(arguments);
  if (all[0] == "hold-opening") return hold_opening(arguments);
  if (all[0] == "probe") return probe(arguments);
  if (all[0] == "documents") return write_documents(arguments);
  if (all[0] == "contained") return contained(arguments);
  if (all[0] == "restricted") return restricted(arguments);
  if (all[0] == "unknown-reader") return unknown_reader(arguments);
  return 64;
}

}  // namespace

int main(int count, char** values) {
  return run({values + 1, values + count});
}
