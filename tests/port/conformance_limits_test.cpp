// Bounds of items and keys, for every way in.
#include "port/conformance.hpp"
#include "table/limits.hpp"

namespace loopstate::table {
namespace {

Item item_with(Value value) {
  return {kKey, {{"v", std::move(value)}}};
}

/// An item of exactly this many bytes, as the service counts them.
Item item_of(std::size_t bytes) {
  Item item = item_with("");
  item.attributes.set("v", std::string(bytes - item_size(item), 'x'));
  return item;
}

Value nested(int levels) {
  Value value = "x";
  for (int i = 0; i < levels; ++i)
    value = i % 2 == 0 ? Value(List{std::move(value)}) : Value(Map{{"m", std::move(value)}});
  return value;
}

TEST_P(PortConformance, AnItemMayHaveExactly400Kilobytes) {
  const Item item = item_of(409'600);
  ASSERT_TRUE(put(item));
  EXPECT_EQ(stored(kKey), item);
}

TEST_P(PortConformance, AnItemOneByteOver400KilobytesIsRefusedEverywhere) {
  const Item item = item_of(409'601);
  EXPECT_EQ(code_of(put(item)), ErrorCode::ItemTooLarge);
  EXPECT_EQ(code_of(transact({Put{item, {}}})), ErrorCode::ItemTooLarge);
  EXPECT_EQ(code_of(run(table_->batch_put(std::vector<Item>{item}, call()))), ErrorCode::ItemTooLarge);
  EXPECT_FALSE(*get(kKey));
}

TEST_P(PortConformance, EveryTypeOfValueCountsAsTheServiceCounts) {
  const std::vector<Value> values = {"text",
                                     n(0),
                                     n(-12345),
                                     Number{"1.2"},
                                     Number{"123.456"},
                                     Value::boolean(true),
                                     Null{},
                                     Binary{"abc"},
                                     StringSet{{"a", "bb"}},
                                     NumberSet{{{"1"}, {"22"}}},
                                     List{},
                                     Map{},
                                     List{"a", List{n(1)}},
                                     Map{{"a", "x"}, {"bb", Map{{"c", Null{}}}}}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    Item item{kKey, {{"fill", ""}, {"v", values[i]}}};
    const std::size_t room = 409'600 - item_size(item);
    item.attributes.set("fill", std::string(room, 'x'));
    EXPECT_TRUE(put(item)) << i;
    item.attributes.set("fill", std::string(room + 1, 'x'));
    EXPECT_EQ(code_of(put(item)), ErrorCode::ItemTooLarge) << i;
  }
}

TEST_P(PortConformance, AnUpdateCannotGrowAnItemOver400Kilobytes) {
  const Item item = item_of(409'600);
  ASSERT_TRUE(put(item));
  EXPECT_EQ(code_of(update(kKey, {Change::set("w", "x")})), ErrorCode::ItemTooLarge);
  EXPECT_EQ(code_of(transact({UpdateItem{kKey, {Change::set("w", "x")}, {}}})), ErrorCode::ItemTooLarge);
  EXPECT_EQ(stored(kKey), item);
  EXPECT_TRUE(update(kKey, {Change::remove("v"), Change::set("w", std::string(400'000, 'y'))}));
}

TEST_P(PortConformance, KeysMayBeAsLongAsTheEngineTakes) {
  const std::size_t room = GetParam().traits.max_key_bytes;
  const std::size_t sk_bytes = std::min<std::size_t>(room / 2, 1024);
  const Key key{std::string(std::min<std::size_t>(room - sk_bytes, 2048), 'p'), std::string(sk_bytes, 's')};
  ASSERT_TRUE(put({key, {{"v", n(1)}}}));
  EXPECT_EQ(stored(key), (Item{key, {{"v", n(1)}}}));
  EXPECT_EQ(query_all({key.pk, {{}, {}, key.sk}, false, 0, {}}).size(), 1u);
}

TEST_P(PortConformance, KeysOutOfBoundsAreRefusedEverywhere) {
  for (const auto& key :
       {Key{"", "s"}, Key{"p", ""}, Key{std::string(2049, 'p'), "s"}, Key{"p", std::string(1025, 's')},
        Key{"\xC3(", "s"}, Key{"p", std::string("a\0b", 3)}}) {
    const std::vector<Key> keys{key};
    const std::vector<Item> items{{key, {}}};
    EXPECT_EQ(code_of(get(key)), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of(put({key, {}})), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of(update(key, {Change::set("a", n(1))})), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of(erase(key)), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of(transact({Check{key, Condition::item_absent()}})), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of(run(table_->batch_get(keys, call()))), ErrorCode::InvalidArgument);
    EXPECT_EQ(code_of(run(table_->batch_put(items, call()))), ErrorCode::InvalidArgument);
  }
}

TEST_P(PortConformance, ValuesOutOfBoundsAreRefusedEverywhere) {
  const std::vector<Value> values = {Number{std::string(39, '1')},
                                     Number{"1.0"},
                                     StringSet{},
                                     NumberSet{},
                                     nested(32),
                                     "\xFF",
                                     Map{{"", n(1)}},
                                     List{BinarySet{}}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::vector<Item> items{item_with(values[i])};
    EXPECT_EQ(code_of(put(items[0])), ErrorCode::InvalidArgument) << i;
    EXPECT_EQ(code_of(transact({Put{items[0], {}}})), ErrorCode::InvalidArgument) << i;
    EXPECT_EQ(code_of(run(table_->batch_put(items, call()))), ErrorCode::InvalidArgument) << i;
    EXPECT_EQ(code_of(update(kKey, {Change::set("v", values[i])})), ErrorCode::InvalidArgument) << i;
  }
  EXPECT_FALSE(*get(kKey));
}

TEST_P(PortConformance, AttributesAreNamedAndNeverTheKey) {
  EXPECT_EQ(code_of(put({kKey, {{"", n(1)}}})), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(put({kKey, {{"pk", "p"}}})), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(put({kKey, {{"sk", "s"}}})), ErrorCode::InvalidArgument);
}

TEST_P(PortConformance, ValuesMayNest31LevelsBelowTheirItem) {
  const Item item = item_with(nested(31));
  ASSERT_TRUE(put(item));
  EXPECT_EQ(stored(kKey), item);
}

TEST_P(PortConformance, AnUpdateCannotNestDeeperThanAnItemMay) {
  const Item item = item_with(List{nested(30)});
  ASSERT_TRUE(put(item));
  EXPECT_TRUE(update(kKey, {Change::set(Path("v").at(1), nested(30))}));
  EXPECT_EQ(code_of(update(kKey, {Change::set(Path("v").at(2), nested(31))})), ErrorCode::InvalidArgument);
}

TEST_P(PortConformance, ABatchHasBounds) {
  std::vector<Key> keys;
  std::vector<Item> items;
  EXPECT_EQ(code_of(run(table_->batch_get(keys, call()))), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(run(table_->batch_put(items, call()))), ErrorCode::InvalidArgument);
  for (int i = 0; i < 101; ++i) keys.push_back({"p", std::to_string(i)});
  for (int i = 0; i < 26; ++i) items.push_back({{"p", std::to_string(i)}, {}});
  EXPECT_EQ(code_of(run(table_->batch_get(keys, call()))), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(run(table_->batch_put(items, call()))), ErrorCode::InvalidArgument);
  keys.resize(1, {"p", "0"});
  keys.push_back(keys[0]);
  items.resize(1, Item{{"p", "0"}, {}});
  items.push_back(items[0]);
  EXPECT_EQ(code_of(run(table_->batch_get(keys, call()))), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(run(table_->batch_put(items, call()))), ErrorCode::InvalidArgument);
  EXPECT_TRUE(scan_all({}).empty());
}

}  // namespace
}  // namespace loopstate::table
