#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

class Locations : public StoreTest {
 protected:
  bool set(std::string_view at, std::optional<Timestamp> time = {}, CallOptions options = {}) {
    return must(
        run(store_.set_location(user(), merchant(at), LocationOptions(std::move(options)).event_time(time))));
  }
  bool clear(std::optional<MerchantId> at = {}, std::optional<Timestamp> time = {},
             CallOptions options = {}) {
    return must(run(store_.clear_location(
        user(), ClearLocationOptions(std::move(options)).merchant(std::move(at)).event_time(time))));
  }
  // The merchant, or "" for nowhere.
  std::string where() {
    const auto location = run(store_.get_location(user()));
    if (location) return location->merchant.text();
    EXPECT_ERROR(location, NotFound);
    return "";
  }
};
LOOPSTATE_STORE_SUITE(Locations);

TEST_P(Locations, AreSetAndReadInOneRequestEach) {
  EXPECT_TRUE(set("M1"));
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_EQ(must(run(store_.get_location(user()))), (Location{MerchantId{"M1"}, kStart}));
  EXPECT_EQ(table_->take_calls(), 1u);
}

TEST_P(Locations, KeepTheRustCratesAttributes) {
  set("M1");
  const auto stored = row(store::location_key("U1"));
  ASSERT_TRUE(stored);
  EXPECT_EQ(*stored->string("merchant_id"), "M1");
  EXPECT_EQ(stored->time("entered_at"), kStart);
  EXPECT_EQ(stored->time("ttl"), kStart + 3600s);
}

TEST_P(Locations, AreUnknownAtFirstAndAfterAnHour) {
  EXPECT_EQ(where(), "");
  set("M1");
  advance(3599s);
  EXPECT_EQ(where(), "M1");
  advance(1s);
  EXPECT_EQ(where(), "");
}

TEST_P(Locations, ThatExpiredAreNoObstacle) {
  set("M1", kStart + 50s);
  advance(3600s);
  EXPECT_TRUE(set("M2", kStart + 20s));
  EXPECT_EQ(where(), "M2");
}

TEST_P(Locations, FollowTheLastCallWithinOneSecond) {
  set("M1");
  set("M2");
  EXPECT_EQ(where(), "M2");
  clear();
  EXPECT_EQ(where(), "");
  set("M3");
  EXPECT_EQ(where(), "M3");
}

TEST_P(Locations, AreNotUndoneByAnOlderEvent) {
  EXPECT_TRUE(set("M2", kStart - 10s));
  EXPECT_FALSE(set("M1", kStart - 20s));
  EXPECT_EQ(must(run(store_.get_location(user()))), (Location{MerchantId{"M2"}, kStart - 10s}));
  EXPECT_TRUE(set("M3", kStart - 5s));
  EXPECT_EQ(where(), "M3");
}

TEST_P(Locations, ClearedStayClearedWhenAnOlderEntryComesLate) {
  set("M1", kStart - 20s);
  EXPECT_TRUE(clear({}, kStart - 10s));
  EXPECT_EQ(where(), "");
  EXPECT_FALSE(set("M1", kStart - 15s));
  EXPECT_EQ(where(), "");
  EXPECT_TRUE(set("M1", kStart - 5s));
  EXPECT_EQ(where(), "M1");
}

TEST_P(Locations, ClearedKeepTheirRowWithoutAMerchantForAnHour) {
  set("M1");
  advance(10s);
  table_->take_calls();
  clear();
  EXPECT_EQ(table_->take_calls(), 1u);
  const auto kept = row(store::location_key("U1"));
  ASSERT_TRUE(kept);
  EXPECT_FALSE(kept->find("merchant_id"));
  EXPECT_EQ(kept->time("entered_at"), kStart + 10s);
  EXPECT_EQ(kept->time("ttl"), kStart + 10s + 3600s);
}

TEST_P(Locations, ClearedBeforeTheEntryArrivesStayCleared) {
  EXPECT_FALSE(clear({}, kStart - 10s));
  EXPECT_FALSE(set("M1", kStart - 20s));
  EXPECT_EQ(where(), "");
}

TEST_P(Locations, AreNotClearedByAnOlderExit) {
  set("M1", kStart - 10s);
  EXPECT_FALSE(clear({}, kStart - 20s));
  EXPECT_EQ(where(), "M1");
}

TEST_P(Locations, AreClearedOnlyAtTheNamedMerchant) {
  set("M2");
  EXPECT_FALSE(clear(merchant("M1")));
  EXPECT_EQ(where(), "M2");
  EXPECT_TRUE(clear(merchant("M2")));
  EXPECT_EQ(where(), "");
}

TEST_P(Locations, ClearedTwiceChangeNothingTheSecondTime) {
  set("M1");
  EXPECT_TRUE(clear());
  EXPECT_FALSE(clear());
}

TEST_P(Locations, ClearedAgainRememberTheLaterTime) {
  clear({}, kStart - 20s);
  clear({}, kStart - 10s);
  clear({}, kStart - 30s);
  EXPECT_EQ(row(store::location_key("U1"))->time("entered_at"), kStart - 10s);
}

TEST_P(Locations, OfTheRustCrateAreUnderstood) {
  place_rust_items();
  EXPECT_EQ(must(run(store_.get_location(user()))),
            (Location{MerchantId{"M1"}, from_unix_seconds(1795575876)}));
  EXPECT_FALSE(set("M2", from_unix_seconds(1795575875)));
  EXPECT_TRUE(clear(merchant("M1")));
  place_rust_items();
  EXPECT_TRUE(set("M2"));
  EXPECT_EQ(where(), "M2");
}

TEST_P(Locations, AreNotSetForAnErasedUser) {
  place_tombstone("U1");
  EXPECT_ERROR(run(store_.set_location(user(), merchant())), Erased);
  EXPECT_ERROR(run(store_.clear_location(user())), Erased);
  EXPECT_FALSE(row(store::location_key("U1")));
}

TEST_P(Locations, EnteredWhileTheyAreClearedFollowTheNewerEvent) {
  table_->before_next_call([&] { set("M1", kStart - 20s); }, 1);
  EXPECT_TRUE(clear({}, kStart - 10s));
  EXPECT_EQ(where(), "");
  table_->before_next_call([&] { set("M2", kStart - 5s); });
  EXPECT_FALSE(set("M3", kStart - 6s));
  EXPECT_EQ(where(), "M2");
}

TEST_P(Locations, SurviveRepliesThatAreLost) {
  table_->repeat_writes(true);
  EXPECT_TRUE(set("M1"));
  EXPECT_TRUE(clear());
  EXPECT_FALSE(clear());
  EXPECT_EQ(where(), "");
}

TEST_P(Locations, RepeatedUnderTheirRequestIdAnswerTheSame) {
  table_->lose_replies(1);
  EXPECT_ERROR(
      run(store_.set_location(user(), merchant(), LocationOptions(request("r-1")).event_time(kStart))),
      OutcomeUnknown);
  EXPECT_TRUE(set("M1", kStart, request("r-1")));
  table_->lose_replies(1);
  EXPECT_ERROR(run(store_.clear_location(user(), ClearLocationOptions(request("r-2")).event_time(kStart))),
               OutcomeUnknown);
  EXPECT_TRUE(clear({}, kStart, request("r-2")));
  EXPECT_FALSE(clear({}, kStart, request("r-3")));
  EXPECT_FALSE(clear({}, kStart, request("r-3")));
}

TEST_P(Locations, TakeNoNegativeTimes) {
  EXPECT_ERROR(
      run(store_.set_location(user(), merchant(), LocationOptions().event_time(from_unix_seconds(-1)))),
      InvalidArgument);
  EXPECT_ERROR(run(store_.clear_location(user(), ClearLocationOptions().event_time(from_unix_seconds(-1)))),
               InvalidArgument);
  EXPECT_EQ(table_->take_calls(), 0u);
}

TEST_P(Locations, WhoseRowIsCorruptAreNamed) {
  place({store::location_key("U1"), {{"merchant_id", "M1"}, {"entered_at", "noon"}}});
  const auto answer = run(store_.get_location(user()));
  EXPECT_ERROR(answer, CorruptItem);
  EXPECT_NE(answer.error().message.find("USER#U1|LOCATION"), std::string::npos);
  EXPECT_NE(answer.error().message.find("entered_at"), std::string::npos);
}

}  // namespace
}  // namespace loopstate::testing
