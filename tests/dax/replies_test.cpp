#include "dax/replies.hpp"

#include <gtest/gtest.h>

#include "dax/bytes.hpp"
#include "dax/example_item.hpp"

namespace loopstate::dax {

using table::Item;
using table::Key;
using table::Value;

namespace {

class DaxRepliesTest : public testing::Test {
 protected:
  DaxRepliesTest() { lists.learn(ListId{2}, {"n", "name"}); }

  /// What `read` makes of the values in a reply that reports success.
  template <typename Read>
  auto read(std::string_view values, Read read_values) {
    ReplyNames names(lists, 100);
    const std::string bytes = from_hex(values);
    auto out = read_values(std::string_view(bytes), names);
    missing = names.missing();
    return out;
  }
  Result<std::optional<Item>> get(std::string_view values) {
    return read(values, [](auto bytes, auto& names) { return read_get_item(bytes, kKey, names); });
  }
  Result<std::optional<Item>> write(std::string_view values) {
    return read(values, [](auto bytes, auto& names) { return read_write(bytes, kKey, names); });
  }
  Result<BatchGetReply> batch(std::string_view values) {
    return read(values, [](auto bytes, auto& names) { return read_batch_get(bytes, "TSS", names); });
  }
  Result<PageReply> page(std::string_view values) {
    return read(values, [](auto bytes, auto& names) { return read_page(bytes, names); });
  }

  AttributeLists lists;
  std::vector<ListId> missing;
};

}  // namespace

TEST_F(DaxRepliesTest, AnItemIsItsValuesWithTheKeyThatWasAskedFor) {
  EXPECT_EQ(get("a1 00" + std::string(kAnnHex)).value(), ann());
  EXPECT_EQ(get("bf 00" + std::string(kAnnHex) + "ff").value(), ann());
  EXPECT_EQ(get("a1 00 41 01").value(), (Item{kKey, {}}));
}

TEST_F(DaxRepliesTest, NoItemIsNoneInAnyForm) {
  for (const auto* const hex : {"a0", "f6", "bf ff", "a1 00 f6"})
    EXPECT_EQ(get(hex).value(), std::nullopt) << hex;
}

TEST_F(DaxRepliesTest, WhatElseAReplyTellsIsSkipped) {
  EXPECT_EQ(
      get("a3 01 4f 625431 fb3fe0000000000000 f6 f6 f6 00" + std::string(kAnnHex) + "1863 82 01 02").value(),
      ann());
}

TEST_F(DaxRepliesTest, AWriteReturnsTheItemUnderAttributes) {
  EXPECT_EQ(write("a2 02" + std::string(kAnnHex) + "03 f6").value(), ann());
  EXPECT_EQ(write("a0").value(), std::nullopt);
}

TEST_F(DaxRepliesTest, AnUnknownListIsToldAndReadOnceItIsKnown) {
  (void)get("a1 00 45 03 182a 6178");
  EXPECT_EQ(missing, std::vector{ListId{3}});
  lists.learn(ListId{3}, {"z", "a"});
  EXPECT_EQ(get("a1 00 45 03 182a 6178").value(),
            (Item{kKey, {{"a", "x"}, {"z", Value::number(std::int64_t{42})}}}));
  EXPECT_TRUE(missing.empty());
}

TEST_F(DaxRepliesTest, AllUnknownListsAreToldAtOnceAndEachOnce) {
  const std::string key(kKeyHex);
  (void)batch("82 a1 63 545353 86" + key + "41 03" + key + "41 04" + key + "41 03 a0 80");
  EXPECT_EQ(missing, (std::vector{ListId{3}, ListId{4}}));
}

TEST_F(DaxRepliesTest, ABatchIsKeysAndItemsInTurnAndTheCapacityStandsOutside) {
  const auto reply = batch("82 a1 63 545353 84" + std::string(kKeyHex) + std::string(kAnnHex) +
                           "43 61 55 56 41 01 a1 63 545353 81 43 61 55 57"
                           "81 4f 625431 fb3fe0000000000000 f6 f6 f6");
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->items, (std::vector<Item>{ann(), {{"U", "V"}, {}}}));
  EXPECT_EQ(reply->unprocessed, (std::vector<Key>{{"U", "W"}}));
  EXPECT_TRUE(batch("82 a0 a0 80"));
}

TEST_F(DaxRepliesTest, ABatchOfAnotherTableIsNoAnswer) {
  EXPECT_FALSE(batch("82 a1 63 545354 80 a0 80"));
  EXPECT_FALSE(batch("82 a1 63 545353 81" + std::string(kKeyHex) + "a0 80")) << "a key without an item";
}

TEST_F(DaxRepliesTest, PutsThatWereNotDoneAreToldByTheirKeys) {
  const auto read = [](std::string_view hex) { return read_unprocessed_puts(from_hex(hex), "TSS"); };
  EXPECT_EQ(read("a0 80 a0").value(), std::vector<Key>{});
  EXPECT_EQ(read("f6 80 f6").value(), std::vector<Key>{});
  EXPECT_EQ(read("a1 63 545353 84" + std::string(kKeyHex) + "41 09 43 61 55 56 f6 80 a0").value(),
            (std::vector<Key>{kKey, {"U", "V"}}));
}

TEST_F(DaxRepliesTest, ATransactionThatWasDoneSaysNoMore) {
  EXPECT_TRUE(read_transaction(from_hex("83 80 80 a0")));
  EXPECT_TRUE(
      read_transaction(from_hex("83 f6 81 a4 04 63 545353 01 f94400 02 f94400 05 a2 01 00 02 00 f6")));
  EXPECT_FALSE(read_transaction(from_hex("82 80 80")));
}

TEST_F(DaxRepliesTest, APageHasItemsWithTheirKeysAndWhereTheNextBegins) {
  const auto reply = page("a4 07 82 82" + std::string(kKeyHex) + std::string(kAnnHex) +
                          "82 43 61 55 56 41 01 08 02 0a 02 09 43 61 55 56");
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->items, (std::vector<Item>{ann(), {{"U", "V"}, {}}}));
  EXPECT_EQ(reply->last, (Key{"U", "V"}));
}

TEST_F(DaxRepliesTest, AnEmptyPageIsOneInAnyForm) {
  for (const auto* const hex : {"a3 07 80 08 00 0a 00", "f6", "a0", "a2 07 f6 09 f6"}) {
    const auto reply = page(hex);
    ASSERT_TRUE(reply) << hex;
    EXPECT_TRUE(reply->items.empty() && !reply->last) << hex;
  }
}

TEST_F(DaxRepliesTest, AReplyMakesNoMoreItemsThanWereAskedFor) {
  const auto times = [](std::size_t count, std::string_view hex) {
    std::string out;
    for (std::size_t at = 0; at < count; ++at) out += hex;
    return out;
  };
  const std::string pair = std::string(kKeyHex) + "41 01";
  EXPECT_TRUE(batch("82 a1 63 545353 9f" + times(100, pair) + "ff a0 80"));
  EXPECT_FALSE(batch("82 a1 63 545353 9f" + times(101, pair) + "ff a0 80"));
  EXPECT_TRUE(batch("82 a0 a1 63 545353 9f" + times(100, kKeyHex) + "ff 80"));
  EXPECT_FALSE(batch("82 a0 a1 63 545353 9f" + times(101, kKeyHex) + "ff 80"));
  EXPECT_TRUE(read_unprocessed_puts(from_hex("a1 63 545353 9f" + times(25, pair) + "ff 80 a0"), "TSS"));
  EXPECT_FALSE(read_unprocessed_puts(from_hex("a1 63 545353 9f" + times(26, pair) + "ff 80 a0"), "TSS"));
}

TEST_F(DaxRepliesTest, AReplyMakesNoMoreValuesThanItsMethodsItemsMayHave) {
  const auto nulls = [](std::size_t count) {
    std::string content = from_hex("02") + '\x9f' + std::string(count, '\xf6') + from_hex("ff 61 61");
    cbor::wrap_bytes(content, 0);
    return from_hex("80 a1 00") + content;
  };
  const auto get = [&](const std::string& reply) {
    ReplyNames names(lists);
    const auto values = understand(Method::GetItem, reply, {}, names);
    return read_get_item(values.value(), kKey, names);
  };
  EXPECT_TRUE(get(nulls(400'000)));
  EXPECT_FALSE(get(nulls(500'000)));
}

TEST_F(DaxRepliesTest, WhatIsNotWhatItShouldBeIsAProtocolError) {
  for (const auto* const hex :
       {"00", "80", "a1 00 00", "a1 00 40", "a1 00 41 02", "a1 00 48 02 182a 63 416e6e 00",
        "a1 00 47 02 182a 63 416e", "a1 00 47 22 182a 63 416e6e", "a1 6130 f6", "a0 00", ""}) {
    const auto reply = get(hex);
    ASSERT_FALSE(reply) << hex;
    EXPECT_EQ(reply.error().code, ErrorCode::ProtocolError) << hex;
    EXPECT_TRUE(reply.error().message.starts_with("the reply cannot be read: ")) << reply.error().message;
  }
}

TEST_F(DaxRepliesTest, AListWithTheKeyOrANameTwiceOrNoneIsNoItems) {
  for (const AttributeNames& names : {AttributeNames{"pk"}, {"sk"}, {""}, {"a", "a"}}) {
    lists.forget();
    lists.learn(ListId{2}, names);
    EXPECT_FALSE(get(names.size() == 1 ? "a1 00 42 02 01" : "a1 00 43 02 01 01"));
  }
}

TEST_F(DaxRepliesTest, AKeyThatIsNoneOfOursIsAProtocolError) {
  for (const auto* const key : {"42 61 55", "43 60 5556", "43 01 5556", "40", "44 61 55 c328"}) {
    EXPECT_FALSE(page("a1 07 81 82" + std::string(key) + "41 01")) << key;
  }
}

}  // namespace loopstate::dax
