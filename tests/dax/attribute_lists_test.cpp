#include "dax/attribute_lists.hpp"

#include <gtest/gtest.h>

namespace loopstate::dax {

using table::Attributes;
using table::Value;

namespace {

Attributes with(const std::vector<std::string>& names) {
  Attributes attributes;
  for (const std::string& name : names) attributes.set(name, Value());
  return attributes;
}

}  // namespace

TEST(DaxAttributeListsTest, ALearntListIsKnownByItsNumberAndByItsNames) {
  AttributeLists lists;
  EXPECT_EQ(lists.id_of(with({"a", "b"})), std::nullopt);
  EXPECT_EQ(lists.names_of(ListId{7}), nullptr);
  lists.learn(ListId{7}, {"a", "b"});
  EXPECT_EQ(lists.id_of(with({"a", "b"})), ListId{7});
  EXPECT_EQ(*lists.names_of(ListId{7}), (AttributeNames{"a", "b"}));
  EXPECT_EQ(lists.id_of(with({"a"})), std::nullopt);
  EXPECT_EQ(lists.id_of(with({"a", "b", "c"})), std::nullopt);
}

TEST(DaxAttributeListsTest, TheListOfNoNamesIsKnownToEverybodyAndNeverAnother) {
  AttributeLists lists;
  EXPECT_EQ(lists.id_of({}), kEmptyList);
  lists.learn(kEmptyList, {"a"});
  EXPECT_TRUE(lists.names_of(kEmptyList)->empty());
}

TEST(DaxAttributeListsTest, NamesAreRegisteredInTheOrderOfTheirBytes) {
  EXPECT_EQ(names_of(with({"b", "\xf0\x9f\x98\x80", "\xef\xbf\xbd", "Z", "a"})),
            (AttributeNames{"Z", "a", "b", "\xef\xbf\xbd", "\xf0\x9f\x98\x80"}));
}

TEST(DaxAttributeListsTest, AListThatSomebodyRegisteredInAnotherOrderIsReadByAndNeverWrittenWith) {
  AttributeLists lists;
  lists.learn(ListId{7}, {"b", "a"});
  EXPECT_EQ(*lists.names_of(ListId{7}), (AttributeNames{"b", "a"}));
  EXPECT_EQ(lists.id_of(with({"a", "b"})), std::nullopt);
}

TEST(DaxAttributeListsTest, NothingIsKnownOfANodeThatWasForgotten) {
  AttributeLists lists;
  lists.learn(ListId{7}, {"a"});
  lists.forget();
  EXPECT_EQ(lists.id_of(with({"a"})), std::nullopt);
  EXPECT_EQ(lists.names_of(ListId{7}), nullptr);
}

TEST(DaxAttributeListsTest, WhatIsUsedIsKeptAndTheRestIsBounded) {
  constexpr std::uint64_t kKept = 10;
  AttributeLists lists(kKept);
  lists.learn(ListId{2}, {"used"});
  lists.learn(ListId{3}, {"unused"});
  for (std::uint64_t id = 100; id < 200; ++id) {
    lists.learn(ListId{id}, {"name" + std::to_string(id)});
    EXPECT_EQ(lists.id_of(with({"used"})), ListId{2});
  }
  EXPECT_EQ(lists.names_of(ListId{3}), nullptr);
  std::uint64_t known = 0;
  for (std::uint64_t id = 100; id < 200; ++id) known += lists.names_of(ListId{id}) != nullptr ? 1 : 0;
  EXPECT_GE(known, kKept);
  EXPECT_LE(known, 3 * kKept);
}

TEST(DaxAttributeListsTest, ANodeThatGivesOneNumberAgainAndAgainFillsNoMemory) {
  AttributeLists lists(10);
  for (int count = 0; count < 1000; ++count) lists.learn(ListId{2}, {"name" + std::to_string(count)});
  int known = 0;
  for (int count = 0; count < 1000; ++count)
    known += lists.id_of(with({"name" + std::to_string(count)})) ? 1 : 0;
  EXPECT_LE(known, 20);
  EXPECT_EQ(*lists.names_of(ListId{2}), AttributeNames{"name999"});
}

TEST(DaxAttributeListsTest, AReplyNotesWhatHasToBeAskedForOnce) {
  AttributeLists lists;
  lists.learn(ListId{2}, {"a"});
  ReplyNames names(lists);
  EXPECT_NE(names.find(ListId{2}), nullptr);
  EXPECT_NE(names.find(ListId{2}), nullptr);
  EXPECT_EQ(names.find(ListId{3}), nullptr);
  EXPECT_EQ(names.find(ListId{3}), nullptr);
  EXPECT_EQ(names.missing(), std::vector{ListId{3}});
}

}  // namespace loopstate::dax
