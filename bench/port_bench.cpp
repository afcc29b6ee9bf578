// The table port on the embedded engine compared to plain LMDB doing the same reads and writes, so that our
// own cost shows. Each pair has the same arguments: users, bytes per context.
//
//   build-bench/port_bench --benchmark_filter=Get
//   build-bench/port_bench --benchmark_filter='Durable|Writers' --benchmark_repetitions=5
#include <benchmark/benchmark.h>

#include "port_fixture.hpp"

namespace loopstate::bench {
namespace {

using embedded::Durability;
using table::Call;
using table::Change;
using table::Condition;
using table::Item;
using table::Key;
using table::Value;

constexpr std::size_t kMaxFixtureBytes = std::size_t{1200} << 20;
constexpr Timestamp kNow{std::chrono::seconds{1'700'000'000}};
constexpr int kRing = 10;

/// Filling one takes a while, so the last one is kept until another is asked for.
PortFixture& fixture(const benchmark::State& state, Durability durability, ContextLists lists = {}) {
  static std::unique_ptr<PortFixture> last;
  static Durability last_durability;
  const auto users = static_cast<std::size_t>(state.range(0));
  const auto bytes = static_cast<std::size_t>(state.range(1));
  const bool same = last && last->users() == users && last->context_bytes() == bytes &&
                    last_durability == durability && last->lists() == lists;
  if (!same) {
    last.reset();
    last = std::make_unique<PortFixture>(users, bytes, durability, lists);
    last_durability = durability;
  }
  return *last;
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t bytes : {1'000, 10'000, 100'000, 300'000}) {
    for (const std::int64_t users : {1'000, 10'000, 100'000}) {
      if (static_cast<std::size_t>(users * bytes) <= kMaxFixtureBytes) benchmark->Args({users, bytes});
    }
  }
  benchmark->ArgNames({"users", "bytes"});
}

void sizes_of_writes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t bytes : {1'000, 10'000, 100'000, 300'000}) benchmark->Args({1'000, bytes});
  benchmark->Args({100'000, 1'000});
  benchmark->ArgNames({"users", "bytes"})->UseRealTime()->MeasureProcessCPUTime();
}

// ---- Reads

Task<bool> get_all(benchmark::State* state, PortFixture* fixture) {
  for (auto _ : *state) {
    Key key = context_key(fixture->next());
    auto item = co_await fixture->table().get(std::move(key), Call{kNow});
    if (!item || !*item) co_return false;
    benchmark::DoNotOptimize(item);
  }
  co_return true;
}

void port_get(benchmark::State& state, ContextLists lists) {
  auto& one = fixture(state, Durability::PowerLoss, lists);
  if (!one.run(get_all(&state, &one))) state.SkipWithError("an item is not there");
}
void raw_get(benchmark::State& state, ContextLists lists) {
  auto& one = fixture(state, Durability::PowerLoss, lists);
  for (auto _ : state) {
    const Key key = context_key(one.next());
    auto bytes = one.raw().get(raw_key(key));
    benchmark::DoNotOptimize(bytes);
  }
}
constexpr ContextLists kFirst{1, 0};
constexpr ContextLists kFull{16, 10};
void RawGetFirst(benchmark::State& state) {
  raw_get(state, kFirst);
}
void PortGetFirst(benchmark::State& state) {
  port_get(state, kFirst);
}
void RawGetFull(benchmark::State& state) {
  raw_get(state, kFull);
}
void PortGetFull(benchmark::State& state) {
  port_get(state, kFull);
}
BENCHMARK(RawGetFirst)->Apply(sizes);
BENCHMARK(PortGetFirst)->Apply(sizes);
BENCHMARK(RawGetFull)->Apply(sizes);
BENCHMARK(PortGetFull)->Apply(sizes);

// ---- One conditional write of a context

table::UpdateItem next_version(const Item& item, std::size_t bytes) {
  const std::int64_t version = *item.int64("version");
  return {
      item.key,
      {Change::set("context_data", std::string(bytes, 'y')),
       Change::set("version", Value::number(version + 1)), Change::set("write_ids", *item.find("write_ids"))},
      Condition::equals("version", Value::number(version))};
}

Task<bool> update_all(benchmark::State* state, PortFixture* fixture) {
  std::vector<Item> items;
  for (std::size_t user = 0; user < fixture->users(); ++user) {
    auto item = co_await fixture->table().get(context_key(user), Call{kNow});
    items.push_back(std::move(**item));
    items.back().attributes.set("context_data", "");
  }
  for (auto _ : *state) {
    Item& item = items[fixture->next()];
    auto update = next_version(item, fixture->context_bytes());
    auto outcome = co_await fixture->table().update(std::move(update), Call{kNow});
    if (!outcome || !outcome->applied) co_return false;
    item.attributes.set("version", *outcome->item->find("version"));
  }
  co_return true;
}

void port_update(benchmark::State& state, Durability durability) {
  auto& one = fixture(state, durability);
  if (!one.run(update_all(&state, &one))) state.SkipWithError("an update was refused");
}
void raw_update(benchmark::State& state, Durability durability) {
  auto& one = fixture(state, durability);
  for (auto _ : state) {
    const Item item = context_item(one.next(), one.context_bytes(), 2);
    const std::string key = raw_key(item.key);
    MDB_txn* txn = one.raw().begin_write();
    benchmark::DoNotOptimize(one.raw().find(txn, key));
    one.raw().put(txn, key, raw_bytes(item));
    check(mdb_txn_commit(txn));
  }
}
void RawUpdate(benchmark::State& state) {
  raw_update(state, Durability::ProcessDeath);
}
void PortUpdate(benchmark::State& state) {
  port_update(state, Durability::ProcessDeath);
}
void RawDurableUpdate(benchmark::State& state) {
  raw_update(state, Durability::PowerLoss);
}
void PortDurableUpdate(benchmark::State& state) {
  port_update(state, Durability::PowerLoss);
}
BENCHMARK(RawUpdate)->Apply(sizes_of_writes);
BENCHMARK(PortUpdate)->Apply(sizes_of_writes);
BENCHMARK(RawDurableUpdate)->Apply(sizes_of_writes);
BENCHMARK(PortDurableUpdate)->Apply(sizes_of_writes);

// ---- A recorded capture: a mark, the context, one capture in and one out, and a check of the card's owner

Key marker_key(std::size_t user, int at) {
  return {fmt::format("TXN#square:{}-{}", user, at), "PROCESSED"};
}
Key pending_key(std::size_t user, int at) {
  return {context_key(user).pk, fmt::format("PENDING#{:020}#abcdefgh", at)};
}

Item marker(std::size_t user, int at) {
  return {marker_key(user, at),
          {{"cred_amount", Value::number(std::int64_t{1250})},
           {"processed_at", Value::time(kNow)},
           {"ttl", Value::time(kNow + std::chrono::days(30))},
           {"user_pubkey", fmt::format("user-{:06}", user)}}};
}
Item pending(std::size_t user, int at) {
  return {pending_key(user, at),
          {{"amount_cents", Value::number(std::int64_t{1250})},
           {"capture_data", std::string(220, 'c')},
           {"created_at", Value::time(kNow)},
           {"merchant_id", "merchant-1"},
           {"ttl", Value::time(kNow + std::chrono::days(21))}}};
}

Task<bool> capture_all(benchmark::State* state, PortFixture* fixture) {
  int at = 0;
  std::vector<std::int64_t> versions(fixture->users(), 1);
  for (std::size_t user = 0; user < fixture->users(); ++user) {
    auto item = co_await fixture->table().get(context_key(user), Call{kNow});
    versions[user] = *(*item)->int64("version");
  }
  for (auto _ : *state) {
    const std::size_t user = fixture->next();
    Item before = context_item(user, 0, versions[user]++);
    std::vector<table::Operation> operations;
    operations.emplace_back(next_version(before, fixture->context_bytes()));
    operations.emplace_back(table::Put{marker(user, at), Condition::item_absent()});
    operations.emplace_back(table::Put{pending(user, at), Condition::item_absent()});
    operations.emplace_back(
        table::Erase{pending_key(user, at - kRing * static_cast<int>(fixture->users())), {}});
    operations.emplace_back(
        table::Check{context_key((user + 1) % fixture->users()), Condition::item_exists()});
    auto token = fmt::format("{:016x}-{:08x}", reinterpret_cast<std::uintptr_t>(state), at++);
    auto outcome = co_await fixture->table().transact(std::move(operations), std::move(token), Call{kNow});
    if (!outcome || !outcome->applied) co_return false;
  }
  co_return true;
}

void port_capture(benchmark::State& state, Durability durability) {
  PortFixture one(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
                  durability);
  const auto before = one.counters().commits;
  if (!one.run(capture_all(&state, &one))) state.SkipWithError("a capture was refused");
  state.counters["commits_each"] = benchmark::Counter(static_cast<double>(one.counters().commits - before),
                                                      benchmark::Counter::kAvgIterations);
}
void raw_capture(benchmark::State& state, Durability durability) {
  PortFixture one(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
                  durability);
  int at = 0;
  for (auto _ : state) {
    const std::size_t user = one.next();
    const Item context = context_item(user, one.context_bytes(), at);
    const std::string key = raw_key(context.key);
    RawLmdb& raw = one.raw();
    MDB_txn* txn = raw.begin_write();
    benchmark::DoNotOptimize(raw.find(txn, key));
    benchmark::DoNotOptimize(raw.find(txn, raw_key(context_key((user + 1) % one.users()))));
    raw.put(txn, key, raw_bytes(context));
    for (const Item& item : {marker(user, at), pending(user, at)}) {
      benchmark::DoNotOptimize(raw.find(txn, raw_key(item.key)));
      raw.put(txn, raw_key(item.key), raw_bytes(item));
    }
    raw.erase(txn, raw_key(pending_key(user, at - kRing * static_cast<int>(one.users()))));
    check(mdb_txn_commit(txn));
    ++at;
  }
}
void RawCapture(benchmark::State& state) {
  raw_capture(state, Durability::ProcessDeath);
}
void PortCapture(benchmark::State& state) {
  port_capture(state, Durability::ProcessDeath);
}
void RawDurableCapture(benchmark::State& state) {
  raw_capture(state, Durability::PowerLoss);
}
void PortDurableCapture(benchmark::State& state) {
  port_capture(state, Durability::PowerLoss);
}
BENCHMARK(RawCapture)->Apply(sizes_of_writes);
BENCHMARK(PortCapture)->Apply(sizes_of_writes);
BENCHMARK(RawDurableCapture)->Apply(sizes_of_writes);
BENCHMARK(PortDurableCapture)->Apply(sizes_of_writes);

// ---- Concurrent writers: those that arrive together share a commit

constexpr int kWritesEach = 16;

Task<bool> write_some(PortFixture* fixture, std::size_t user) {
  for (int i = 0; i < kWritesEach; ++i) {
    table::UpdateItem update{context_key(user), {Change::add("writes", Value::number(std::int64_t{1}))}, {}};
    auto outcome = co_await fixture->table().update(std::move(update), Call{kNow});
    if (!outcome || !outcome->applied) co_return false;
  }
  co_return true;
}

void DurableWriters(benchmark::State& state) {
  PortFixture one(1'000, static_cast<std::size_t>(state.range(1)), Durability::PowerLoss);
  const auto writers = static_cast<std::size_t>(state.range(0));
  const auto before = one.counters();
  std::atomic<bool> failed = false;
  for (auto _ : state) {
    one.io().restart();
    for (std::size_t i = 0; i < writers; ++i) {
      boost::asio::co_spawn(one.io(), write_some(&one, i),
                            [&](const std::exception_ptr&, bool done) { failed = failed || !done; });
    }
    one.io().run();
  }
  if (failed) state.SkipWithError("a write failed");
  const auto after = one.counters();
  const double writes = static_cast<double>(after.writes - before.writes);
  state.SetItemsProcessed(static_cast<std::int64_t>(writes));
  state.counters["syncs_per_write"] = 2 * static_cast<double>(after.commits - before.commits) / writes;
  state.counters["largest_group"] = static_cast<double>(after.largest_group);
}
BENCHMARK(DurableWriters)
    ->ArgsProduct({{1, 8, 32}, {1'000}})
    ->ArgNames({"writers", "bytes"})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace loopstate::bench

BENCHMARK_MAIN();
