// What the rules ask of a cluster, and what of that reaches the table behind it.
#include "dax/on_cluster.hpp"
#include "dax/test_cluster.hpp"
#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

/// Each test on a cluster of its own.
std::unique_ptr<dax::TestCluster>& cluster() {
  static std::unique_ptr<dax::TestCluster> own;
  return own;
}

std::string& table_name() {
  static std::string own;
  return own;
}

StoreEngine on_its_own_cluster() {
  return {"DaxCluster", [](const auto& executor) {
            cluster() = std::make_unique<dax::TestCluster>();
            dax::OpenOptions options;
            options.endpoint = cluster()->endpoint();
            options.table = table_name() = dax::make_table(executor);
            return dax::open_on_cluster(std::move(options));
          }};
}

class RequestsToACluster : public PurchaseTest {
 protected:
  struct Requests {
    std::uint64_t to_the_cluster = 0, to_the_table = 0;
    bool operator==(const Requests&) const = default;
    friend void PrintTo(const Requests& requests, std::ostream* out) {
      *out << requests.to_the_cluster << " to the cluster, " << requests.to_the_table << " to the table";
    }
  };

  /// After this the connection, the keys and the lists of names are known, on both sides.
  void SetUp() override {
    must(run(store_.link(card(), user(), "4242")));
    must(run(store_.store_session(user(), session())));
    must(run(store_.record_capture(purchase("square:P0"))));
    must(run(store_.remember(user(), "key", *JsonText::parse("1"))));
    must(run(store_.snapshot(user())));
    must(run(store_.authorize(user(), "read")));
  }
  void TearDown() override {
    EXPECT_EQ(cluster()->complaints(), "");
    cluster().reset();
  }

  template <typename T>
  Requests requests_of(Task<Result<T>> task) {
    cluster()->reset_counts();
    must(run(std::move(task)));
    return {cluster()->count("calls"),
            cluster()->count("dynamodb") - cluster()->count("dynamodb", "refresh")};
  }
  void forget_items() { cluster()->tell("expire"); }
  Store other_process() { return store::store_over(table_, {}, clock_); }

  static const ReadOptions& stale() { return named(ReadOptions().may_be_stale()); }
  static const std::vector<ContextChange>& change() {
    return named(std::vector<ContextChange>{{"vault.cred_balance", *JsonText::parse("5")}});
  }
};
INSTANTIATE_TEST_SUITE_P(Engine, RequestsToACluster, ::testing::Values(on_its_own_cluster()), engine_name);

TEST_P(RequestsToACluster, APurchaseIsOneWhenWarmTwoWhenStaleAndThreeWhenCold) {
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P1"))), (Requests{3, 3}));
  const auto held = must(run(store_.record_capture(purchase("square:P2")))).held();
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P3"), RecordOptions().held(held))),
            (Requests{1, 1}));
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P4"), RecordOptions().held(held))),
            (Requests{2, 2}));
}

TEST_P(RequestsToACluster, ADuplicateIsOneAndAnUnknownCardToo) {
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P0"))), (Requests{1, 1}));
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P1", "loop_fp_9"))), (Requests{1, 1}));
}

TEST_P(RequestsToACluster, ALookUpAndAFetchAreOneAndReachTheTableOnlyIfTheClusterDoesNotHaveThem) {
  forget_items();
  EXPECT_EQ(requests_of(store_.lookup(card(), stale())), (Requests{1, 1}));
  EXPECT_EQ(requests_of(store_.lookup(card(), stale())), (Requests{1, 0}));
  EXPECT_EQ(requests_of(store_.fetch(user(), stale())), (Requests{1, 1}));
  EXPECT_EQ(requests_of(store_.fetch(user(), stale())), (Requests{1, 0}));
  EXPECT_EQ(requests_of(store_.recall(user(), "key", stale())), (Requests{1, 0}));
}

TEST_P(RequestsToACluster, WithoutSayingThatTheyMayBeStaleTheyAreReadFromTheTable) {
  EXPECT_EQ(requests_of(store_.lookup(card())), (Requests{1, 1}));
  EXPECT_EQ(requests_of(store_.fetch(user())), (Requests{1, 1}));
  EXPECT_EQ(requests_of(store_.snapshot(user())), (Requests{1, 1}));
}

TEST_P(RequestsToACluster, WhatAWriteThroughTheClusterLeftIsInItsMemory) {
  const auto written = must(run(store_.record_capture(purchase("square:P1"))));
  EXPECT_EQ(requests_of(store_.fetch(user(), stale())), (Requests{1, 0}));
  EXPECT_EQ(must(run(store_.fetch(user(), stale()))).version, written.recorded()->version);
  EXPECT_EQ(requests_of(store_.lookup(card(), stale())), (Requests{1, 0}));
  EXPECT_EQ(requests_of(store_.is_processed(transaction(), stale())), (Requests{1, 0}));
  EXPECT_EQ(requests_of(store_.get_session(user(), stale())), (Requests{1, 0}));
}

TEST_P(RequestsToACluster, ListsAreOneAndStayInItsMemoryToo) {
  for (const auto& expected : {Requests{1, 1}, Requests{1, 0}}) {
    EXPECT_EQ(requests_of(store_.cards_of(user(), stale())), expected);
    EXPECT_EQ(requests_of(store_.list_captures(user(), stale())), expected);
    EXPECT_EQ(requests_of(store_.snapshot(user(), stale())), expected);
  }
}

TEST_P(RequestsToACluster, AHundredUsersAreOneBatchThatReachesTheTableOnlyForThoseItDoesNotHave) {
  std::vector<UserId> users;
  for (int i = 0; i < 100; ++i) users.push_back(user("U" + std::to_string(i)));
  for (const std::uint64_t reached : {1u, 0u}) {
    cluster()->reset_counts();
    EXPECT_EQ(run(store_.fetch_many(users, stale())).size(), 100u);
    EXPECT_EQ(cluster()->count("calls"), 1u);
    EXPECT_EQ(cluster()->count("dynamodb"), reached);
  }
}

TEST_P(RequestsToACluster, AWriteThatReadsFirstReadsFromItsMemory) {
  EXPECT_EQ(requests_of(store_.patch(user(), change())), (Requests{2, 1}));
  EXPECT_EQ(requests_of(store_.push_event(user(), event())), (Requests{2, 1}));
  EXPECT_EQ(requests_of(other_process().authorize(user(), "read")), (Requests{2, 1}));
  EXPECT_EQ(requests_of(store_.unlink(card())), (Requests{2, 1}));
}

TEST_P(RequestsToACluster, AReadThatWasStaleCostsAWriteAndTheReadOfWhatRefusedIt) {
  cluster()->tell("settings", R"("settings":{"replication":"none"})");
  must(run(store_.fetch(user(), stale())));
  must(run(store_.push_event(user(), event())));
  EXPECT_EQ(requests_of(store_.patch(user(), change())), (Requests{4, 3}))
      << "get from memory, refused update, get of what refused it, update";
  must(run(store_.lookup(card(), stale())));
  must(run(store_.link(card(), user("U2"), "4242", LinkOptions().transfer())));
  EXPECT_EQ(requests_of(store_.unlink(card())), (Requests{3, 2})) << "a refused transaction shows its items";
}

TEST_P(RequestsToACluster, WhatItTookForMissingIsReadFromTheTableBeforeItIsSaidToBeMissing) {
  const auto late = user("late");
  EXPECT_ERROR(run(store_.fetch(late, stale())), NotFound);
  EXPECT_ERROR(run(store_.lookup(card("late"), stale())), NotFound);
  EXPECT_ERROR(run(store_.get_session(late, stale())), NotFound);
  auto past_the_cluster = store::store_over(dax::open_service(table_name()), {}, clock_);
  must(run(past_the_cluster.get_or_init(late)));
  must(run(past_the_cluster.link(card("late"), late, "")));
  must(run(past_the_cluster.store_session(late, session())));

  EXPECT_ERROR(run(store_.fetch(late, stale())), NotFound) << "as the caller wanted it";
  EXPECT_TRUE(run(store_.patch(late, change())));
  EXPECT_EQ(must(run(store_.authorize(late, "read"))).actions_left, 4u);
  EXPECT_EQ(must(run(other_process().authorize(late, "read", request("r")))).actions_left, 3u);
  EXPECT_EQ(must(run(store_.unlink(card("late")))).user, late);
}

TEST_P(RequestsToACluster, WhatIsGoneFromTheTableIsNotBelievedToBeThere) {
  cluster()->tell("settings", R"("settings":{"replication":"none"})");
  must(run(store_.fetch(user(), stale())));
  must(run(store_.get_session(user(), stale())));
  must(run(store_.lookup(card(), stale())));
  auto past_the_cluster = store::store_over(dax::open_service(table_name()), {}, clock_);
  must(run(past_the_cluster.erase_user(user())));

  EXPECT_TRUE(run(store_.fetch(user(), stale()))) << "as the caller wanted it";
  EXPECT_ERROR(run(store_.patch(user(), change())), Erased);
  EXPECT_ERROR(run(store_.push_event(user(), event())), Erased);
  EXPECT_ERROR(run(other_process().authorize(user(), "read")), NotFound);
  EXPECT_ERROR(run(other_process().authorize(user(), "read", request("r"))), NotFound);
  EXPECT_ERROR(run(store_.unlink(card())), NotFound);
  EXPECT_ERROR(run(store_.link(card(), user(), "4242")), Erased);
}

TEST_P(RequestsToACluster, WhatHasExpiredIsNotShownFromItsMemoryEither) {
  must(run(store_.store_session(user(), session(now() + std::chrono::seconds(60)))));
  must(run(store_.set_location(user(), merchant())));
  must(run(store_.get_session(user(), stale())));
  must(run(store_.get_location(user(), stale())));
  advance(std::chrono::hours(2));
  EXPECT_FALSE(run(store_.get_session(user(), stale())));
  EXPECT_ERROR(run(store_.get_location(user(), stale())), NotFound);
}

TEST_P(RequestsToACluster, APurchaseOnWhatWasReadFromItsMemoryIsOneRequestToTheTable) {
  const auto card_read = must(run(store_.lookup(card(), stale())));
  const auto context_read = must(run(store_.fetch(user(), stale())));
  const auto held = HeldState().card(card_read).context(context_read);
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P1"), RecordOptions().held(held))),
            (Requests{1, 1}));
}

}  // namespace
}  // namespace loopstate::testing
