// An expired item does not exist, whether or not it is still stored.
#include "port/conformance.hpp"

namespace loopstate::table {
namespace {

Item ending_at(Timestamp ttl) {
  return {kKey, {{"ttl", n(ttl)}, {"v", n(1)}}};
}

TEST_P(PortConformance, AnItemIsThereUntilItsSecond) {
  ASSERT_TRUE(put(ending_at(now_ + 1s)));
  EXPECT_TRUE(*get(kKey));
  now_ += 1s;
  EXPECT_FALSE(*get(kKey));
  now_ += 1s;
  EXPECT_FALSE(*get(kKey));
}

TEST_P(PortConformance, OnlyANumberExpires) {
  for (const Value& ttl : {Value("1"), Value(Null{}), Value(List{n(1)}), Value(NumberSet{{{"1"}}})}) {
    ASSERT_TRUE(put({kKey, {{"ttl", ttl}}}));
    EXPECT_TRUE(*get(kKey));
    EXPECT_EQ(query_all({"p", {}, false, 0, {}}).size(), 1u);
    const auto updated = update(kKey, {Change::set("v", n(1))});
    ASSERT_TRUE(updated);
    EXPECT_TRUE(updated->applied);
    EXPECT_FALSE(put({kKey, {}}, Condition::item_absent())->applied);
    EXPECT_TRUE(erase(kKey)->item);
  }
}

TEST_P(PortConformance, ATtlMayBeAFractionNegativeOrHuge) {
  ASSERT_TRUE(put({kKey, {{"ttl", Number{std::to_string(unix_seconds(now_)) + ".5"}}}}));
  EXPECT_TRUE(*get(kKey));
  ASSERT_TRUE(put({kKey, {{"ttl", n(-5)}}}));
  EXPECT_FALSE(*get(kKey));
  ASSERT_TRUE(put({kKey, {{"ttl", Number{"1" + std::string(30, '0')}}}}));
  EXPECT_TRUE(*get(kKey));
}

TEST_P(PortConformance, AnExpiredItemIsNoObstacleToItsSuccessor) {
  put_expired("s", {{"old", n(1)}});
  const auto created = put({kKey, {{"new", n(1)}}}, Condition::item_absent());
  ASSERT_TRUE(created);
  EXPECT_TRUE(created->applied);
  EXPECT_FALSE(created->item);
  EXPECT_EQ(stored(kKey), (Item{kKey, {{"new", n(1)}}}));
}

TEST_P(PortConformance, AnExpiredItemIsNeverHandedBack) {
  put_expired("s", {{"v", n(1)}});
  EXPECT_FALSE(put({kKey, {}}, Condition::item_exists())->item);
  const auto updated = update(kKey, {Change::set("v", n(2))}, Condition::equals("v", n(5)));
  ASSERT_TRUE(updated);
  EXPECT_FALSE(updated->applied);
  EXPECT_FALSE(updated->item);
  EXPECT_FALSE(erase(kKey, Condition::equals("v", n(5)))->item);
  const auto refused = transact({Check{kKey, Condition::item_exists()}});
  ASSERT_TRUE(refused);
  EXPECT_TRUE(refused->refusals.at(0).refused);
  EXPECT_FALSE(refused->refusals.at(0).item);
  const auto overwritten = put({kKey, {}});
  EXPECT_FALSE(overwritten->item);
}

TEST_P(PortConformance, AnExpiredItemCannotBeUpdated) {
  for (const auto& condition : {Condition(), Condition::item_exists(), Condition::equals("v", n(1)),
                                Condition::item_absent(), Condition::absent("q")}) {
    put_expired("s", {{"v", n(1)}});
    const auto updated = update(kKey, {Change::set("v", n(2)), Change::remove("ttl")}, condition);
    ASSERT_TRUE(updated);
    EXPECT_FALSE(updated->applied);
    const auto together = transact({UpdateItem{kKey, {Change::remove("ttl")}, condition}});
    ASSERT_TRUE(together);
    EXPECT_FALSE(together->applied);
    EXPECT_FALSE(*get(kKey));
  }
}

TEST_P(PortConformance, ConditionsSeeNothingWhereAnItemHasExpired) {
  const std::vector<std::pair<Condition, bool>> cases = {
      {Condition::item_exists(), false},
      {Condition::item_absent(), true},
      {Condition::exists("v"), false},
      {Condition::absent("v"), true},
      {Condition::equals("v", n(1)), false},
      {Condition::compare("v", Comparison::NotEqual, n(1)), true},
      {Condition::negate(Condition::equals("v", n(1))), true},
      {Condition::negate(Condition::item_exists()), true},
      {Condition::equals("pk", "p"), false},
      {Condition::any_of({Condition::item_absent(), Condition::equals("v", n(7))}), true},
      {Condition::all_of({Condition::item_absent(), Condition::absent("q")}), true},
      {Condition::contains("w", "x"), false},
      {Condition::begins_with("w", "x"), false},
  };
  const Key other{"p", "other"};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto& [condition, holds] = cases[i];
    put_expired("s", {{"v", n(1)}, {"w", "x"}});
    const auto checked = transact({Check{kKey, condition}, Put{{other, {}}, {}}});
    ASSERT_TRUE(checked) << i;
    EXPECT_EQ(checked->applied, holds) << i;
    const auto erased = erase(kKey, condition);
    ASSERT_TRUE(erased) << i;
    EXPECT_EQ(erased->applied, holds) << i;
    EXPECT_FALSE(erased->item) << i;
    put_expired("s", {{"v", n(1)}, {"w", "x"}});
    const auto written = put({kKey, {{"new", n(1)}}}, condition);
    ASSERT_TRUE(written) << i;
    EXPECT_EQ(written->applied, holds) << i;
    EXPECT_EQ(get(kKey)->has_value(), holds) << i;
  }
}

TEST_P(PortConformance, ErasingAnExpiredItemIsErasingNothing) {
  put_expired("s");
  const auto erased = erase(kKey);
  ASSERT_TRUE(erased);
  EXPECT_TRUE(erased->applied);
  EXPECT_FALSE(erased->item);
  EXPECT_TRUE(transact({Erase{kKey, Condition::item_absent()}})->applied);
}

TEST_P(PortConformance, TransactionsCreateOverExpiredItems) {
  put_expired("s", {{"old", n(1)}});
  const auto outcome = transact({Put{{kKey, {{"new", n(1)}}}, Condition::item_absent()}});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->applied);
  EXPECT_EQ(stored(kKey), (Item{kKey, {{"new", n(1)}}}));
}

TEST_P(PortConformance, BatchGetHidesExpiredItems) {
  put_expired("a");
  put_keys({"b"});
  const std::vector<Key> keys{{"p", "a"}, {"p", "b"}};
  const auto answers = run(table_->batch_get(keys, call()));
  ASSERT_TRUE(answers);
  EXPECT_FALSE(*answers->at(0));
  EXPECT_TRUE(*answers->at(1));
}

TEST_P(PortConformance, QueriesAndScansHideExpiredItems) {
  put_keys({"a", "c", "e"});
  put_expired("b");
  put_expired("d");
  put_expired("f");
  EXPECT_EQ(sort_keys({"p", {}, false, 0, {}}), (std::vector<std::string>{"a", "c", "e"}));
  EXPECT_EQ(sort_keys({"p", {}, true, 0, {}}), (std::vector<std::string>{"e", "c", "a"}));
  EXPECT_EQ(scan_all({}).size(), 3u);
  EXPECT_EQ(scan_all({1, {}, 0, 1}).size(), 3u);
}

TEST_P(PortConformance, ALimitCountsWhatIsLeft) {
  for (int i = 0; i < 20; ++i) put_expired("a" + std::to_string(100 + i));
  put_keys({"b1", "b2", "b3"});
  for (int i = 0; i < 20; ++i) put_expired("c" + std::to_string(100 + i));
  Query query{"p", {}, false, 2, {}};
  std::vector<std::string> seen;
  for (int pages = 0; pages < 60; ++pages) {
    const auto page = this->query(query);
    ASSERT_TRUE(page);
    ASSERT_LE(page->items.size(), 2u);
    for (const Item& item : page->items) seen.push_back(item.key.sk);
    if (!page->next) break;
    query.cursor = page->next;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"b1", "b2", "b3"}));
}

TEST_P(PortConformance, AnUpdateMayEndAnItem) {
  ASSERT_TRUE(put(ending_at(now_ + 100s)));
  ASSERT_TRUE(update(kKey, {Change::set("ttl", n(now_))})->applied);
  EXPECT_FALSE(*get(kKey));
  EXPECT_TRUE(put({kKey, {}}, Condition::item_absent())->applied);
}

TEST_P(PortConformance, AnUpdateMayProlongAnItem) {
  ASSERT_TRUE(put(ending_at(now_ + 1s)));
  ASSERT_TRUE(update(kKey, {Change::set("ttl", n(now_ + 1000s))})->applied);
  now_ += 500s;
  EXPECT_TRUE(*get(kKey));
}

}  // namespace
}  // namespace loopstate::table
