#include "table/service/live_condition.hpp"

#include <gtest/gtest.h>

namespace loopstate::table::service {

namespace {

constexpr Timestamp kNow{std::chrono::seconds(1000)};

/// An item with this time to live, or without one.
Item item(std::optional<std::int64_t> ttl) {
  Item out{{"p", "s"}, {{"a", Value::number(std::int64_t{1})}}};
  if (ttl) out.attributes.set(std::string(kTimeToLive), Value::number(*ttl));
  return out;
}

/// The service's evaluation, which does not know that an item has expired.
bool asked(const std::optional<Condition>& condition, const Item* found) {
  return !condition || holds(*condition, found);
}

std::vector<Condition> conditions() {
  const Condition is_one = Condition::equals("a", Value::number(std::int64_t{1}));
  return {Condition(),
          Condition::never(),
          Condition::item_exists(),
          Condition::item_absent(),
          is_one,
          Condition::negate(is_one),
          Condition::compare("a", Comparison::NotEqual, Value::number(std::int64_t{1})),
          Condition::any_of({is_one, Condition::item_absent()}),
          Condition::all_of({Condition::item_exists(), Condition::negate(is_one)})};
}

}  // namespace

TEST(LiveConditionTest, AWriteMeetsAnExpiredItemAsNone) {
  const Item expired = item(1000);
  const Item living = item(1001);
  const Item lasting = item({});
  for (const Condition& condition : conditions()) {
    const auto live = live_condition(condition, kNow);
    EXPECT_EQ(asked(live, &expired), holds(condition, nullptr));
    EXPECT_EQ(asked(live, nullptr), holds(condition, nullptr));
    EXPECT_EQ(asked(live, &living), holds(condition, &living));
    EXPECT_EQ(asked(live, &lasting), holds(condition, &lasting));
    EXPECT_EQ(holds(live_check(condition, kNow), &expired), holds(condition, nullptr));
    EXPECT_EQ(holds(live_check(condition, kNow), &living), holds(condition, &living));
  }
}

TEST(LiveConditionTest, AnUpdateNeedsALiveItemWhateverItsConditionSays) {
  const Item expired = item(1000);
  const Item living = item(1001);
  for (const Condition& condition : conditions()) {
    const Condition live = live_update(condition, kNow);
    EXPECT_FALSE(holds(live, nullptr));
    EXPECT_FALSE(holds(live, &expired));
    EXPECT_EQ(holds(live, &living), holds(condition, &living));
  }
}

TEST(LiveConditionTest, WhatAlwaysHoldsIsLeftOutUnlessARequestMustHaveACondition) {
  EXPECT_EQ(live_condition({}, kNow), std::nullopt);
  EXPECT_NE(live_check({}, kNow).kind(), Condition::Kind::Always);
}

TEST(LiveConditionTest, TheServicesBoundsAreKept) {
  const std::vector<Condition> most(150, Condition::exists("a"));
  EXPECT_TRUE(check_expression(Condition::all_of(most)));
  const std::vector<Condition> too_many(151, Condition::exists("a"));
  EXPECT_EQ(check_expression(Condition::all_of(too_many)).error().code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(check_path(Path(std::string(255, 'n'))));
  EXPECT_FALSE(check_path(Path(std::string(256, 'n'))));
  EXPECT_FALSE(check_path(Path("m").member("")));
  EXPECT_FALSE(
      check_expression(Condition::negate(Condition::exists(Path("m").member(std::string(256, 'n'))))));
}

}  // namespace loopstate::table::service
