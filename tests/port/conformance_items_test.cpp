// Single reads and writes.
#include "port/conformance.hpp"
#include "table/number.hpp"

namespace loopstate::table {
namespace {

TEST_P(PortConformance, AnItemThatIsNotThereIsNoError) {
  const auto item = get(kKey);
  ASSERT_TRUE(item);
  EXPECT_FALSE(*item);
}

TEST_P(PortConformance, AnItemKeepsEveryTypeOfValue) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const Item item{
      kKey,
      {{"text", "h\xC3\xA9llo \"quoted\" \\ / \n\t\x01 \xF0\x9F\x92\xB3"},
       {"empty", ""},
       {"number", n(-42)},
       {"fraction", Number{"0.05"}},
       {"bytes", Binary{bytes}},
       {"no bytes", Binary{}},
       {"yes", Value::boolean(true)},
       {"no", Value::boolean(false)},
       {"null", Null{}},
       {"strings", StringSet{{"b", "a", ""}}},
       {"numbers", NumberSet{{{"10"}, {"9"}, {"-1.5"}}}},
       {"binaries", BinarySet{{{"b"}, {std::string("\0", 1)}}}},
       {"list", List{"a", n(1), List{}, Map{}, Null{}}},
       {"map", Map{{"k", Map{{"deep", List{Map{{"x", Binary{"y"}}}}}}}, {"dotted.name[0]", n(1)}}}}};
  ASSERT_TRUE(put(item));
  EXPECT_EQ(stored(kKey), item);
}

TEST_P(PortConformance, AnItemMayHaveNothingButItsKey) {
  ASSERT_TRUE(put({kKey, {}}));
  EXPECT_EQ(stored(kKey), (Item{kKey, {}}));
}

TEST_P(PortConformance, NumbersComeBackCanonicalAndExact) {
  Attributes attributes;
  for (const auto* text :
       {"0", "-1", "18446744073709551615", "-9223372036854775808", "0.00001", "1e125", "-1e-130",
        "12345678901234567890123456789012345678", "0.12345678901234567890123456789012345678",
        "-9.9999999999999999999999999999999999999e125"}) {
    attributes.set(std::string("n") + text, *parse_number(text));
  }
  ASSERT_TRUE(put({kKey, attributes}));
  EXPECT_EQ(stored(kKey).attributes, attributes);
}

TEST_P(PortConformance, APutReplacesTheWholeItem) {
  ASSERT_TRUE(put({kKey, {{"a", n(1)}, {"b", n(2)}}}));
  ASSERT_TRUE(put({kKey, {{"b", n(3)}}}));
  EXPECT_EQ(stored(kKey), (Item{kKey, {{"b", n(3)}}}));
}

TEST_P(PortConformance, APutAnswersWhatWasThere) {
  const auto first = put({kKey, {{"v", n(1)}}});
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->applied);
  EXPECT_FALSE(first->item);
  const auto second = put({kKey, {{"v", n(2)}}});
  EXPECT_TRUE(second->applied);
  EXPECT_EQ(second->item, (Item{kKey, {{"v", n(1)}}}));
}

TEST_P(PortConformance, ARefusedPutChangesNothingAndBringsTheItem) {
  const Item there{kKey, {{"v", n(1)}}};
  ASSERT_TRUE(put(there));
  const auto refused = put({kKey, {{"v", n(2)}}}, Condition::item_absent());
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->applied);
  EXPECT_EQ(refused->item, there);
  EXPECT_EQ(stored(kKey), there);
}

TEST_P(PortConformance, ARefusedPutBringsNothingWhereNothingIs) {
  const auto refused = put({kKey, {}}, Condition::item_exists());
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->applied);
  EXPECT_FALSE(refused->item);
  EXPECT_FALSE(*get(kKey));
}

TEST_P(PortConformance, AnUpdateAnswersTheItemAsItIsNow) {
  ASSERT_TRUE(put({kKey, {{"a", n(1)}, {"b", n(2)}}}));
  const auto outcome =
      update(kKey, {Change::set("a", "x"), Change::add("b", n(5)), Change::set("c", Null{})});
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->applied);
  const Item expected{kKey, {{"a", "x"}, {"b", n(7)}, {"c", Null{}}}};
  EXPECT_EQ(outcome->item, expected);
  EXPECT_EQ(stored(kKey), expected);
}

TEST_P(PortConformance, AnUpdateNeedsAnItem) {
  for (const auto& condition : {Condition(), Condition::item_absent(), Condition::absent("a")}) {
    const auto outcome = update(kKey, {Change::set("a", n(1))}, condition);
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->applied);
    EXPECT_FALSE(outcome->item);
  }
  EXPECT_FALSE(*get(kKey));
}

TEST_P(PortConformance, ARefusedUpdateChangesNothingAndBringsTheItem) {
  const Item there{kKey, {{"v", n(1)}}};
  ASSERT_TRUE(put(there));
  const auto refused = update(kKey, {Change::set("v", n(2))}, Condition::equals("v", n(7)));
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->applied);
  EXPECT_EQ(refused->item, there);
  EXPECT_EQ(stored(kKey), there);
}

TEST_P(PortConformance, AnEraseAnswersWhatWasThere) {
  const Item there{kKey, {{"v", n(1)}}};
  ASSERT_TRUE(put(there));
  const auto first = erase(kKey);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->applied);
  EXPECT_EQ(first->item, there);
  EXPECT_FALSE(*get(kKey));
  const auto again = erase(kKey);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->applied);
  EXPECT_FALSE(again->item);
}

TEST_P(PortConformance, ARefusedEraseChangesNothingAndBringsTheItem) {
  const Item there{kKey, {{"v", n(1)}}};
  ASSERT_TRUE(put(there));
  const auto refused = erase(kKey, Condition::equals("v", n(2)));
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->applied);
  EXPECT_EQ(refused->item, there);
  EXPECT_EQ(stored(kKey), there);
}

TEST_P(PortConformance, ItemsOfTwoKeysAreTwo) {
  const std::vector<Key> keys = {{"a", "b"}, {"ab", "c"}, {"a", "bc"}, {"A", "b"}, {"a", "B"}, {"a#", "b"}};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSERT_TRUE(put({keys[i], {{"i", n(static_cast<std::int64_t>(i))}}}));
  }
  for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(stored(keys[i]).int64("i"), i);
}

TEST_P(PortConformance, BatchGetAnswersInTheOrderAsked) {
  std::vector<Key> keys;
  for (int i = 99; i >= 0; --i) keys.push_back({"p" + std::to_string(i % 7), "s" + std::to_string(i)});
  for (std::size_t i = 0; i < keys.size(); i += 2)
    ASSERT_TRUE(put({keys[i], {{"i", n(static_cast<int>(i))}}}));
  const auto answers = run(table_->batch_get(keys, call()));
  ASSERT_TRUE(answers);
  ASSERT_EQ(answers->size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSERT_TRUE((*answers)[i]);
    const auto& item = *(*answers)[i];
    ASSERT_EQ(item.has_value(), i % 2 == 0) << i;
    if (i % 2 != 0) continue;
    EXPECT_EQ(*item, (Item{keys[i], {{"i", n(static_cast<int>(i))}}}));
  }
}

TEST_P(PortConformance, BatchGetReadsMoreThanAReplyHolds) {
  std::vector<Key> keys;
  for (int i = 0; i < 50; ++i) {
    keys.push_back({"p", "s" + std::to_string(i)});
    ASSERT_TRUE(put({keys.back(), {{"v", std::string(390'000, static_cast<char>('a' + i % 26))}}}));
  }
  const auto answers = run(table_->batch_get(keys, call()));
  ASSERT_TRUE(answers);
  for (int i = 0; i < 50; ++i) {
    const auto& item = (*answers)[static_cast<std::size_t>(i)];
    ASSERT_TRUE(item && *item);
    EXPECT_EQ((*item)->string("v")->front(), 'a' + i % 26);
  }
}

TEST_P(PortConformance, BatchPutWritesOverWhateverIsThere) {
  ASSERT_TRUE(put({{"p", "s3"}, {{"old", n(1)}}}));
  std::vector<Item> items;
  for (int i = 0; i < 25; ++i) items.push_back({{"p", "s" + std::to_string(i)}, {{"v", n(i)}}});
  ASSERT_TRUE(run(table_->batch_put(items, call())));
  for (const Item& item : items) EXPECT_EQ(stored(item.key), item);
}

TEST_P(PortConformance, AfterItsDeadlineNoCallIsMade) {
  const Call late{now_, std::chrono::steady_clock::now() - std::chrono::seconds(1)};
  const std::vector<Key> keys{kKey};
  const std::vector<Item> items{{kKey, {}}};
  const std::vector<Operation> operations{Put{{kKey, {}}, {}}};
  const Put one{{kKey, {}}, {}};
  const UpdateItem change{kKey, {Change::set("a", n(1))}, {}};
  const Query all{"p", {}, false, 0, {}};
  const auto late_code = ErrorCode::DeadlineExceeded;
  EXPECT_EQ(code_of(run(table_->put(one, late))), late_code);
  EXPECT_EQ(code_of(run(table_->batch_put(items, late))), late_code);
  EXPECT_EQ(code_of(run(table_->transact(operations, fresh_token(), late))), late_code);
  EXPECT_EQ(code_of(run(table_->update(change, late))), late_code);
  EXPECT_EQ(code_of(run(table_->get(kKey, late))), late_code);
  EXPECT_EQ(code_of(run(table_->batch_get(keys, late))), late_code);
  EXPECT_EQ(code_of(run(table_->query(all, late))), late_code);
  EXPECT_EQ(code_of(run(table_->scan(Scan{}, late))), late_code);
  EXPECT_FALSE(*get(kKey));
}

TEST_P(PortConformance, InitialisingAgainDoesNothing) {
  ASSERT_TRUE(put({kKey, {}}));
  const auto again = run(table_->initialise(call()));
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->created);
  EXPECT_TRUE(*get(kKey));
}

TEST_P(PortConformance, AHealthyTableHasNoBadFinding) {
  for (const auto& finding : run(table_->diagnose(call()))) {
    EXPECT_NE(finding.level, Finding::Level::Bad) << finding.subject << ": " << finding.detail;
    EXPECT_FALSE(finding.subject.empty());
  }
}

}  // namespace
}  // namespace loopstate::table
