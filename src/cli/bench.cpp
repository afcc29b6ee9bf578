#include "cli/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <ctime>
#include <memory>
#include <numeric>

#include "async/parallel.hpp"
#include "base/json_text_access.hpp"
#include "base/try.hpp"
#include "cli/json_output.hpp"
#include "store/rows/write_id.hpp"
#include "store/spine/core.hpp"
#include "store/spine/store_access.hpp"
#include "table/table.hpp"

namespace loopstate::cli {
namespace {

// Arguments of an awaited call are named locals: GCC 12 destroys aggregates that live in a co_await
// expression twice, including default arguments.

// What it creates, and the row with which the store's health is checked.
constexpr std::string_view kOwnPartitions[] = {"USER#bench-user-", "CARD#bench-card-",
                                               "TXN#bench:", "HEALTH#"};

using SteadyClock = std::chrono::steady_clock;

// What a caller holds about one user.
struct User {
  UserId id;
  Fingerprint card;
  HeldState held;
};

struct Bench {
  Store store;
  BenchOptions options;
  std::string run_id;  // so that a transaction from an earlier run is not a duplicate
  std::vector<User> users;
  std::vector<float> took_us;
  std::optional<Error> error;
};

using BenchPtr = std::shared_ptr<Bench>;

double cpu_seconds() {
  std::timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

Result<std::vector<User>> name_users(std::uint64_t count) {
  std::vector<User> users;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto id = UserId::parse(fmt::format("bench-user-{}", i));
    auto card = Fingerprint::parse(fmt::format("bench-card-{}", i));
    if (!id) return std::unexpected(std::move(id.error()));
    if (!card) return std::unexpected(std::move(card.error()));
    users.push_back({std::move(*id), std::move(*card), {}});
  }
  return users;
}

// A context of about the wanted size, made up by one memory.
Task<Result<Context>> make_context(BenchPtr bench, UserId id) {
  auto context = co_await bench->store.get_or_init(id);
  if (!context) co_return context;
  const auto filler = context->agent_memory.find("filler");
  const auto size = to_json(*context).size();
  const auto have = filler == context->agent_memory.end() ? 0 : filler->second.text().size();
  const auto wanted = bench->options.context_bytes;
  const auto other = size - have;
  const auto length = wanted > other + 2 ? wanted - other - 2 : 0;
  if (have == length + 2 || (have == 0 && length == 0)) co_return context;
  auto value = trusted_json("\"" + std::string(length, 'x') + "\"");
  std::string key = "filler";
  std::optional<Context> held = std::move(*context);
  co_return co_await bench->store.remember(std::move(id), std::move(key), std::move(value),
                                           WriteOptions().held(std::move(held)));
}

Task<void> prepare(BenchPtr bench, std::size_t index) {
  if (bench->error) co_return;
  auto& user = bench->users[index];
  auto context = co_await make_context(bench, user.id);
  if (!context) {
    bench->error = std::move(context.error());
    co_return;
  }
  user.held.context(std::move(*context));
  if (bench->options.op != "lookup" && bench->options.op != "capture") co_return;
  std::string last4 = "4242";
  auto card = co_await bench->store.link(user.card, user.id, std::move(last4), LinkOptions().transfer());
  if (!card) {
    bench->error = std::move(card.error());
    co_return;
  }
  user.held.card(std::move(*card));
}

ContextEvent some_event() {
  ContextEvent event;
  event.event_type = "bench";
  event.timestamp = system_clock().now();
  event.summary = "one of many";
  event.amount = 1;
  return event;
}

Task<std::optional<Error>> fetch_once(Store store, UserId user) {
  const auto context = co_await store.fetch(std::move(user));
  if (!context) co_return context.error();
  co_return std::nullopt;
}

Task<std::optional<Error>> lookup_once(Store store, Fingerprint card) {
  const auto found = co_await store.lookup(std::move(card));
  if (!found) co_return found.error();
  co_return std::nullopt;
}

Task<std::optional<Error>> push_once(Store store, User* user) {
  auto changed = *user->held.context();
  ++changed.vault.cred_balance;
  auto stored = co_await store.push(std::move(changed));
  if (!stored) co_return stored.error();
  user->held.context(std::move(*stored));
  co_return std::nullopt;
}

Task<std::optional<Error>> event_once(Store store, User* user) {
  const auto event = some_event();
  auto stored = co_await store.push_event(user->id, event, WriteOptions().held(user->held.context()));
  if (!stored) co_return stored.error();
  user->held.context(std::move(*stored));
  co_return std::nullopt;
}

Task<std::optional<Error>> capture_once(Store store, User* user, std::string transaction) {
  auto id = TransactionId::parse(transaction);
  if (!id) co_return id.error();
  Capture capture;
  capture.merchant_id = "bench-merchant";
  capture.amount = {1250, "EUR"};
  PurchaseRecord purchase{std::move(*id), user->card, std::move(capture), some_event(), std::nullopt};
  auto outcome = co_await store.record_capture(purchase, RecordOptions().held(user->held));
  if (!outcome) co_return outcome.error();
  user->held = std::move(*outcome).held();
  co_return std::nullopt;
}

Task<std::optional<Error>> once(BenchPtr bench, User* user, std::uint64_t index) {
  const auto& op = bench->options.op;
  if (op == "fetch") return fetch_once(bench->store, user->id);
  if (op == "lookup") return lookup_once(bench->store, user->card);
  if (op == "push") return push_once(bench->store, user);
  if (op == "event") return event_once(bench->store, user);
  return capture_once(bench->store, user, fmt::format("bench:{}:{}", bench->run_id, index));
}

// Each caller has its own users, so that callers do not lose races to each other.
Task<void> caller(BenchPtr bench, std::size_t number) {
  const auto step = bench->options.concurrency;
  auto next_user = number;
  for (auto i = number; i < bench->options.n && !bench->error; i += step) {
    auto* user = &bench->users[next_user];
    next_user += step;
    if (next_user >= bench->users.size()) next_user = number;
    const auto start = SteadyClock::now();
    auto error = co_await once(bench, user, i);
    bench->took_us[i] = std::chrono::duration<float, std::micro>(SteadyClock::now() - start).count();
    if (error) bench->error = std::move(error);
  }
}

BenchResult summarise(std::vector<float> took_us, double wall_s, double cpu_s, std::uint64_t requests) {
  const auto n = static_cast<double>(took_us.size());
  std::ranges::sort(took_us);
  const auto at = [&](double part) {
    return static_cast<double>(took_us[std::min(took_us.size() - 1, static_cast<std::size_t>(part * n))]);
  };
  BenchResult result;
  result.mean_us = std::accumulate(took_us.begin(), took_us.end(), 0.0) / n;
  result.p50_us = at(0.50);
  result.p99_us = at(0.99);
  result.cpu_us = cpu_s * 1e6 / n;
  result.ops_per_second = n / wall_s;
  result.requests = static_cast<double>(requests) / n;
  return result;
}

}  // namespace

Task<Result<void>> check_is_for_bench(Store store, std::chrono::milliseconds request_timeout) {
  table::Scan scan;
  do {
    auto asked = scan;
    const table::Call call{system_clock().now(), SteadyClock::now() + request_timeout};
    CO_TRY(auto page, co_await store::table_of(store)->scan(std::move(asked), call));
    for (const auto& item : page.items) {
      if (std::ranges::any_of(kOwnPartitions, [&](auto prefix) { return item.key.pk.starts_with(prefix); }))
        continue;
      co_return fail(
          ErrorCode::InvalidArgument,
          fmt::format(
              "the store holds what no benchmark made ({}), so nothing is measured on it: name another "
              "with --store, or leave --store out",
              shown(item.key.pk)));
    }
    scan.cursor = std::move(page.next);
  } while (scan.cursor);
  co_return Result<void>();
}

Task<Result<BenchResult>> run_bench(Store target, BenchOptions options) {
  constexpr std::size_t kParallelSetup = 64;
  options.users = std::max(options.users, options.concurrency);
  CO_TRY(auto users, name_users(options.users));
  auto bench = std::make_shared<Bench>(std::move(target), options, store::new_token(), std::move(users),
                                       std::vector<float>(options.n), std::nullopt);
  std::function<Task<void>(std::size_t)> setup = [bench](std::size_t index) { return prepare(bench, index); };
  co_await async::in_parallel(bench->users.size(), kParallelSetup, std::move(setup));
  if (bench->error) co_return std::unexpected(std::move(*bench->error));
  const auto requests = bench->store.requests_sent();
  const auto cpu = cpu_seconds();
  const auto start = SteadyClock::now();
  std::function<Task<void>(std::size_t)> call = [bench](std::size_t number) { return caller(bench, number); };
  co_await async::in_parallel(options.concurrency, options.concurrency, std::move(call));
  if (bench->error) co_return std::unexpected(std::move(*bench->error));
  const std::chrono::duration<double> wall = SteadyClock::now() - start;
  co_return summarise(std::move(bench->took_us), wall.count(), cpu_seconds() - cpu,
                      bench->store.requests_sent() - requests);
}

}  // namespace loopstate::cli
