// The rules on the embedded engine: what a typed call costs on top of the table.
//
//   build-bench/store_bench --benchmark_filter=Fetch
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <vector>

#include "base/timestamp.hpp"
#include "embedded/embedded_table.hpp"
#include "loopstate/store.hpp"
#include "scratch_folder.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate {
namespace {

UserId user_of(std::size_t index) {
  return *UserId::parse(fmt::format("user-{}", index));
}
Fingerprint card_of(std::size_t index) {
  return *Fingerprint::parse(fmt::format("loop_fp_{:064x}", index));
}

// A store of `users` users, each with a card and a context of about `context_bytes`.
class Fixture {
 public:
  Fixture(std::size_t users, std::size_t context_bytes, embedded::Durability durability)
      : table_(open(durability)), store_(store::store_over(table_)), users_(users) {
    const auto filler = *JsonText::parse('"' + std::string(context_bytes, 'x') + '"');
    for (std::size_t i = 0; i < users; ++i) {
      auto context = new_context(user_of(i), from_unix_seconds(1));
      context.version = 0;
      for (int event = 0; event < 3; ++event) {
        ContextEvent one;
        one.event_type = "capture";
        one.summary = "12.50 EUR at a merchant";
        one.amount = 1250;
        context.recent_events.push_back(one);
      }
      if (context_bytes > 1000) context.agent_memory["filler"] = filler;
      run(store_.push(context)).value();
      run(store_.link(card_of(i), user_of(i), "4242")).value();
    }
  }

  template <typename T>
  T run(boost::asio::awaitable<T> task) {
    std::optional<T> answer;
    io_.restart();
    boost::asio::co_spawn(io_, std::move(task),
                          [&](const std::exception_ptr&, T value) { answer = std::move(value); });
    io_.run();
    return std::move(*answer);
  }

  Store& store() { return store_; }
  std::size_t next() { return at_ = (at_ + 7919) % users_; }

 private:
  std::shared_ptr<table::Table> open(embedded::Durability durability) {
    embedded::EmbeddedOptions options;
    options.path = (folder_.path / "store.db").string();
    options.durability = durability;
    return embedded::open_embedded(options).value();
  }

  bench::ScratchFolder folder_;
  boost::asio::io_context io_{1};
  std::shared_ptr<table::Table> table_;
  Store store_;
  std::size_t users_;
  std::size_t at_ = 0;
};

void Fetch(benchmark::State& state) {
  Fixture fixture(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)),
                  embedded::Durability::ProcessDeath);
  for (auto _ : state) {
    auto context = fixture.run(fixture.store().fetch(user_of(fixture.next())));
    benchmark::DoNotOptimize(context);
  }
}
BENCHMARK(Fetch)
    ->ArgNames({"users", "bytes"})
    ->ArgsProduct({{1000, 10000, 100000}, {1000}})
    ->Args({1000, 10000})
    ->Args({1000, 100000})
    ->Args({300, 300000});

void Lookup(benchmark::State& state) {
  Fixture fixture(static_cast<std::size_t>(state.range(0)), 1000, embedded::Durability::ProcessDeath);
  for (auto _ : state) {
    auto card = fixture.run(fixture.store().lookup(card_of(fixture.next())));
    benchmark::DoNotOptimize(card);
  }
}
BENCHMARK(Lookup)->ArgName("users")->Arg(1000)->Arg(10000)->Arg(100000);

void Snapshot(benchmark::State& state) {
  Fixture fixture(1000, 1000, embedded::Durability::ProcessDeath);
  for (auto _ : state) {
    auto snapshot = fixture.run(fixture.store().snapshot(user_of(fixture.next())));
    benchmark::DoNotOptimize(snapshot);
  }
}
BENCHMARK(Snapshot);

/// Users who each make one purchase after another, with what they hold from the last one.
class Buyers {
 public:
  Buyers(std::size_t users, embedded::Durability durability)
      : fixture_(users, 1000, durability), held_(users) {
    capture_.merchant_id = "M1";
    capture_.amount.minor_units = 1250;
    event_.event_type = "capture";
    event_.summary = "12.50 EUR at a merchant";
  }

  void next_buys() {
    const std::size_t user = fixture_.next();
    const auto id = *TransactionId::parse(fmt::format("square:{}", payments_++));
    const PurchaseRecord purchase{id, card_of(user), capture_, event_, {}};
    auto outcome =
        fixture_.run(fixture_.store().record_capture(purchase, RecordOptions().held(std::move(held_[user]))));
    held_[user] = std::move(*outcome).held();
  }

 private:
  Fixture fixture_;
  std::vector<HeldState> held_;
  Capture capture_;
  ContextEvent event_;
  std::size_t payments_ = 0;
};

/// One user, whose ring of pending captures is soon full: each drops the oldest.
void RecordCaptureWarm(benchmark::State& state) {
  Buyers one(1, static_cast<embedded::Durability>(state.range(0)));
  for (auto _ : state) one.next_buys();
}
BENCHMARK(RecordCaptureWarm)->ArgName("durability")->Arg(0)->Arg(1)->UseRealTime();

/// One capture for each user in turn, until each has a full ring of pending ones: none is dropped for
/// another.
void RecordCapture(benchmark::State& state) {
  constexpr std::size_t kUsers = 2000;
  static std::map<std::int64_t, std::unique_ptr<Buyers>> all;  // filling a store takes longer than a run
  auto& some = all[state.range(0)];
  if (!some) some = std::make_unique<Buyers>(kUsers, static_cast<embedded::Durability>(state.range(0)));
  for (auto _ : state) some->next_buys();
}
BENCHMARK(RecordCapture)->ArgName("durability")->Arg(0)->Arg(1)->UseRealTime();

}  // namespace
}  // namespace loopstate

BENCHMARK_MAIN();
