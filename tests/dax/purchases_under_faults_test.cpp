// What the rules promise about money, with each fault between the store and a cluster.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "dax/cluster_fixture.hpp"
#include "dax/named_faults.hpp"
#include "loopstate/blocking.hpp"
#include "open/dynamodb/fallback_table.hpp"
#include "store/spine/store_access.hpp"
#include "times.hpp"

namespace loopstate::dax {

class PurchasesUnderFaults : public ClusterFixture, public testing::WithParamInterface<NamedFault> {
 protected:
  class FixedClock final : public Clock {
   public:
    Timestamp now() const override { return from_unix_seconds(1'795'575'900); }
  };
  /// A call meets the fault once it has made this many requests: before and after each that it makes.
  static constexpr int kPlaces = 4;

  void SetUp() override {
    start(2, more);
    if (GetParam().silent) options.attempt_timeout = std::chrono::milliseconds(250);
    good.emplace(store_on(open_service(options.table)));
    ASSERT_TRUE(good->link(card, user, "4242").has_value());
    ASSERT_TRUE(good->get_or_init(user).has_value());
  }

  BlockingStore store_on(std::shared_ptr<table::Table> engine) {
    return BlockingStore(store::store_over(std::move(engine), StoreSettings(), clock));
  }
  BlockingStore on_cluster() { return store_on(open_on_cluster(options)); }
  BlockingStore behind_cluster() {
    return store_on(std::make_shared<engines::FallbackTable>(open_on_cluster(options),
                                                             open_service(options.table), log::Logger()));
  }
  void meet(int place) {
    std::string rest(GetParam().more);
    cluster->tell("clear");
    cluster->fault(GetParam().kind, rest + (rest.empty() ? "" : ",") + fmt::format(R"("skip":{})", place));
  }

  /// As a caller does: again, under the same id, until it is known. `open` anew each time, as another
  /// process.
  template <typename Outcome>
  Outcome until_known(const std::function<BlockingStore()>& open,
                      const std::function<Result<Outcome>(BlockingStore&)>& make) {
    for (int round = 0; round < 20; ++round) {
      BlockingStore store = open();
      Result<Outcome> outcome = make(store);
      if (outcome) return std::move(*outcome);
      EXPECT_TRUE(outcome.error().retryable)
          << to_string(outcome.error().code) << ": " << outcome.error().message;
    }
    throw std::runtime_error("no answer");
  }

  static PurchaseRecord purchase(int number) {
    PurchaseRecord record;
    record.transaction = TransactionId::parse(fmt::format("square:p{}", number)).value();
    record.fingerprint = card;
    record.capture.merchant_id = "M1";
    record.capture.amount = {static_cast<std::uint64_t>(1'000 + number), "EUR"};
    record.event.event_type = "capture";
    record.event.summary = fmt::format("bought {}", number);
    return record;
  }
  void expect_each_once(int purchases) {
    const auto captures = good->list_captures(user).value();
    const auto context = good->fetch(user).value();
    for (int number = 0; number < purchases; ++number) {
      const PurchaseRecord record = purchase(number);
      EXPECT_EQ(std::ranges::count(captures, record.capture.amount, &Capture::amount), 1) << number;
      EXPECT_EQ(std::ranges::count(context.recent_events, record.event.summary, &ContextEvent::summary), 1)
          << number;
      EXPECT_TRUE(good->is_processed(record.transaction).value()) << number;
    }
    EXPECT_EQ(captures.size(), static_cast<std::size_t>(purchases));
  }
  void record_purchases(const std::function<BlockingStore()>& open, bool with_id);

  std::string_view more;  ///< of the cluster
  FixedClock clock;
  std::optional<BlockingStore> good;  ///< nothing is between it and the table
  inline static const UserId user = UserId::parse("U1").value();
  inline static const Fingerprint card = Fingerprint::parse("loop_fp_1").value();
};

void PurchasesUnderFaults::record_purchases(const std::function<BlockingStore()>& open, bool with_id) {
  for (int place = 0; place < kPlaces; ++place) {
    meet(place);
    const auto outcome = until_known<RecordOutcome>(open, [&](BlockingStore& store) {
      RecordOptions asked;
      if (with_id) asked.request_id(fmt::format("{}-{}", options.table, place));
      return store.record_capture(purchase(place), asked);
    });
    // Without an id of the call's own, what the first sending recorded is a transaction that was seen before.
    EXPECT_TRUE(outcome.recorded() || (!with_id && outcome.duplicate())) << place;
    ASSERT_TRUE(outcome.user());
    EXPECT_EQ(*outcome.user(), user);
  }
  expect_each_once(kPlaces);
}

TEST_P(PurchasesUnderFaults, AreRecordedOnceOnTheClusterAlone) {
  record_purchases([&] { return on_cluster(); }, true);
}

TEST_P(PurchasesUnderFaults, AreRecordedOnceByAStoreThatFallsBack) {
  record_purchases([&] { return behind_cluster(); }, true);
}

TEST_P(PurchasesUnderFaults, AreRecordedOnceWithoutARequestId) {
  record_purchases([&] { return behind_cluster(); }, false);
}

TEST_P(PurchasesUnderFaults, EventsOfOneCallAreWrittenOnce) {
  for (int place = 0; place < kPlaces; ++place) {
    meet(place);
    ContextEvent event;
    event.event_type = "note";
    event.summary = fmt::format("note {}", place);
    const CallOptions asked = CallOptions().request_id(fmt::format("{}-e{}", options.table, place));
    until_known<Context>([&] { return behind_cluster(); },
                         [&](BlockingStore& store) { return store.push_event(user, event, asked); });
    const auto context = good->fetch(user).value();
    EXPECT_EQ(std::ranges::count(context.recent_events, event.summary, &ContextEvent::summary), 1) << place;
  }
}

class PurchasesWithoutTokens : public PurchasesUnderFaults {
 protected:
  PurchasesWithoutTokens() { more = R"("settings":{"tokens":"own"})"; }
};

TEST_P(PurchasesWithoutTokens, AreRecordedOnceThoughTheClusterForgetsTheTokenOfATransaction) {
  record_purchases([&] { return behind_cluster(); }, true);
}

TEST_P(PurchasesWithoutTokens, AreRecordedOnceEvenWithoutARequestId) {
  record_purchases([&] { return on_cluster(); }, false);
}

INSTANTIATE_TEST_SUITE_P(Faults, PurchasesWithoutTokens, testing::ValuesIn(kFaults),
                         [](const auto& fault) { return std::string(fault.param.name); });
INSTANTIATE_TEST_SUITE_P(Faults, PurchasesUnderFaults, testing::ValuesIn(kFaults),
                         [](const auto& fault) { return std::string(fault.param.name); });

}  // namespace loopstate::dax
