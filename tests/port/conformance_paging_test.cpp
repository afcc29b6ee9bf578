// Queries and scans: order, ranges, limits, cursors, segments.
#include <set>

#include "port/conformance.hpp"

namespace loopstate::table {
namespace {

using Keys = std::vector<std::string>;

Query of(std::string pk, SortRange range = {}, bool descending = false, std::size_t limit = 0) {
  return {std::move(pk), std::move(range), descending, limit, {}};
}

TEST_P(PortConformance, AQueryGivesOnePartitionInByteOrder) {
  put_keys({"b", "a", "B", "ab", "\xC3\xA9", "~", "0"});
  ASSERT_TRUE(put({{"q", "c"}, {}}));
  ASSERT_TRUE(put({{"pp", "c"}, {}}));
  EXPECT_EQ(sort_keys(of("p")), (Keys{"0", "B", "a", "ab", "b", "~", "\xC3\xA9"}));
  EXPECT_EQ(sort_keys(of("p", {}, true)), (Keys{"\xC3\xA9", "~", "b", "ab", "a", "B", "0"}));
  EXPECT_EQ(sort_keys(of("q")), Keys{"c"});
}

TEST_P(PortConformance, AQueryOfNothingIsEmpty) {
  put_keys({"a"});
  const auto page = query(of("absent"));
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->items.empty());
  EXPECT_FALSE(page->next);
}

TEST_P(PortConformance, AQueryBringsWholeItems) {
  const Item item{{"p", "a"}, {{"v", List{n(1), "x"}}, {"w", StringSet{{"y"}}}}};
  ASSERT_TRUE(put(item));
  EXPECT_EQ(query_all(of("p")), std::vector<Item>{item});
}

TEST_P(PortConformance, ARangeIncludesBothItsEnds) {
  put_keys({"a", "b", "c", "d", "e"});
  EXPECT_EQ(sort_keys(of("p", {"b", "d", {}})), (Keys{"b", "c", "d"}));
  EXPECT_EQ(sort_keys(of("p", {"b", "d", {}}, true)), (Keys{"d", "c", "b"}));
  EXPECT_EQ(sort_keys(of("p", {"c", {}, {}})), (Keys{"c", "d", "e"}));
  EXPECT_EQ(sort_keys(of("p", {{}, "c", {}})), (Keys{"a", "b", "c"}));
  EXPECT_EQ(sort_keys(of("p", {"c", "c", {}})), Keys{"c"});
  EXPECT_EQ(sort_keys(of("p", {"bb", "cc", {}})), Keys{"c"});
  EXPECT_EQ(sort_keys(of("p", {"f", {}, {}})), Keys{});
}

TEST_P(PortConformance, APrefixSelectsWhatBeginsWithIt) {
  put_keys({"PENDING", "PENDING#", "PENDING#1", "PENDING#2#x", "PENDING$", "PENDINh", "Q", "PENDIN"});
  EXPECT_EQ(sort_keys(of("p", {{}, {}, "PENDING#"})), (Keys{"PENDING#", "PENDING#1", "PENDING#2#x"}));
  EXPECT_EQ(sort_keys(of("p", {{}, {}, "PENDING#"}, true)), (Keys{"PENDING#2#x", "PENDING#1", "PENDING#"}));
  EXPECT_EQ(sort_keys(of("p", {{}, {}, "X"})), Keys{});
}

TEST_P(PortConformance, APrefixMayEndInTheHighestCharacter) {
  put_keys({"a\xF4\x8F\xBF\xBF",
            "a\xF4\x8F\xBF\xBF"
            "z",
            "b"});
  EXPECT_EQ(sort_keys(of("p", {{}, {}, "a\xF4\x8F\xBF\xBF"})).size(), 2u);
  EXPECT_EQ(sort_keys(of("p", {{}, {}, "a\xF4\x8F\xBF\xBF"}, true)).size(), 2u);
}

TEST_P(PortConformance, PagesOfAQueryHoldNoMoreThanTheLimitAndMissNothing) {
  Keys keys;
  for (char c = 'a'; c <= 'k'; ++c) keys.emplace_back(1, c);
  put_keys(keys);
  for (const std::size_t limit : {1u, 2u, 3u, 10u, 11u, 12u}) {
    for (const bool descending : {false, true}) {
      Query query = of("p", {}, descending, limit);
      const auto page = this->query(query);
      ASSERT_TRUE(page);
      EXPECT_LE(page->items.size(), limit);
      Keys expected = keys;
      if (descending) std::reverse(expected.begin(), expected.end());
      EXPECT_EQ(sort_keys(query), expected) << "limit " << limit << " descending " << descending;
    }
  }
}

TEST_P(PortConformance, ACursorGoesOnWithinItsRange) {
  put_keys({"a", "b1", "b2", "b3", "b4", "c"});
  EXPECT_EQ(sort_keys(of("p", {{}, {}, "b"}, false, 1)), (Keys{"b1", "b2", "b3", "b4"}));
  EXPECT_EQ(sort_keys(of("p", {{}, {}, "b"}, true, 1)), (Keys{"b4", "b3", "b2", "b1"}));
  EXPECT_EQ(sort_keys(of("p", {"b2", "b4", {}}, false, 2)), (Keys{"b2", "b3", "b4"}));
  EXPECT_EQ(sort_keys(of("p", {"b2", "b4", {}}, true, 2)), (Keys{"b4", "b3", "b2"}));
}

TEST_P(PortConformance, ACursorGoesOnWhenTheItemsAroundItAreGone) {
  put_keys({"a", "b", "c", "d"});
  Query query = of("p", {}, false, 2);
  const auto first = this->query(query);
  ASSERT_TRUE(first && first->next);
  ASSERT_TRUE(erase({"p", "b"}));
  ASSERT_TRUE(erase({"p", "c"}));
  query.cursor = first->next;
  EXPECT_EQ(sort_keys(query), Keys{"d"});
}

TEST_P(PortConformance, ACursorThatIsNoneIsRefused) {
  put_keys({"a"});
  Query query = of("p");
  query.cursor = "no cursor of this table's";
  EXPECT_EQ(code_of(this->query(query)), ErrorCode::InvalidArgument);
  Scan scan;
  scan.cursor = "no cursor of this table's";
  EXPECT_EQ(code_of(this->scan(scan)), ErrorCode::InvalidArgument);
}

TEST_P(PortConformance, AQueryPastOneMegabyteGoesOnWithoutALoss) {
  Keys expected;
  for (int i = 0; i < 12; ++i) {
    expected.push_back("s" + std::to_string(100 + i));
    ASSERT_TRUE(put({{"p", expected.back()}, {{"v", std::string(300'000, 'x')}}}));
  }
  const auto page = query(of("p"));
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->next) << "3.6 MB in one page";
  EXPECT_EQ(sort_keys(of("p")), expected);
  std::reverse(expected.begin(), expected.end());
  EXPECT_EQ(sort_keys(of("p", {}, true)), expected);
}

TEST_P(PortConformance, AnIllFormedQueryIsRefused) {
  EXPECT_EQ(code_of(query(of(""))), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(query(of("p", {"b", "a", {}}))), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(query(of("p", {"a", {}, "a"}))), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(query(of("p", {{}, {}, ""}))), ErrorCode::InvalidArgument);
}

TEST_P(PortConformance, AScanOfNothingIsEmpty) {
  EXPECT_TRUE(scan_all({}).empty());
}

TEST_P(PortConformance, AScanFindsEveryItemOnce) {
  std::set<Key> expected;
  for (int i = 0; i < 60; ++i) {
    const Key key{"p" + std::to_string(i % 20), "s" + std::to_string(i)};
    ASSERT_TRUE(put({key, {{"i", n(i)}}}));
    expected.insert(key);
  }
  for (const std::size_t limit : {0u, 1u, 7u, 60u, 100u}) {
    const auto items = scan_all({limit, {}, 0, 1});
    std::set<Key> found;
    for (const Item& item : items) found.insert(item.key);
    EXPECT_EQ(items.size(), expected.size()) << "limit " << limit;
    EXPECT_EQ(found, expected) << "limit " << limit;
  }
}

TEST_P(PortConformance, SegmentsOfAScanShareTheItems) {
  std::set<Key> expected;
  for (int i = 0; i < 60; ++i) {
    const Key key{"p" + std::to_string(i), "s"};
    ASSERT_TRUE(put({key, {}}));
    expected.insert(key);
  }
  for (const std::uint32_t segments : {2u, 5u, 100u}) {
    std::set<Key> found;
    std::size_t count = 0;
    for (std::uint32_t segment = 0; segment < segments; ++segment) {
      for (const Item& item : scan_all({3, {}, segment, segments})) {
        found.insert(item.key);
        ++count;
      }
    }
    EXPECT_EQ(count, expected.size()) << segments << " segments";
    EXPECT_EQ(found, expected) << segments << " segments";
  }
}

TEST_P(PortConformance, ASegmentThatIsNoneIsRefused) {
  EXPECT_EQ(code_of(scan({0, {}, 2, 2})), ErrorCode::InvalidArgument);
  EXPECT_EQ(code_of(scan({0, {}, 0, 0})), ErrorCode::InvalidArgument);
}

TEST_P(PortConformance, AScanPastOneMegabyteGoesOnWithoutALoss) {
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(put({{"p" + std::to_string(i), "s"}, {{"v", std::string(300'000, 'x')}}}));
  }
  const auto page = scan({});
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->next) << "3.6 MB in one page";
  EXPECT_EQ(scan_all({}).size(), 12u);
}

TEST_P(PortConformance, AScanWithPrefixesFindsTheItemsThatBeginWithThemAndNoOthers) {
  for (const auto* pk : {"TXN#1", "USER#a", "USER#b", "USER$", "USERS"}) {
    for (const auto* sk : {"CARD#1", "PENDING#1", "PENDING#2", "PENDING$"}) ASSERT_TRUE(put({{pk, sk}, {}}));
  }
  const auto found = [&](std::string pk, std::string sk, std::size_t limit) {
    Scan scan;
    scan.limit = limit;
    scan.pk_prefix = std::move(pk);
    scan.sk_prefix = std::move(sk);
    std::set<Key> keys;
    for (const Item& item : scan_all(scan)) EXPECT_TRUE(keys.insert(item.key).second) << item.key.pk;
    return keys;
  };
  for (const std::size_t limit : {0u, 1u, 3u, 100u}) {
    EXPECT_EQ(found("USER#", "PENDING#", limit), (std::set<Key>{{"USER#a", "PENDING#1"},
                                                                {"USER#a", "PENDING#2"},
                                                                {"USER#b", "PENDING#1"},
                                                                {"USER#b", "PENDING#2"}}));
    EXPECT_EQ(found("USER#", "", limit).size(), 8u);
    EXPECT_EQ(found("", "PENDING#1", limit).size(), 5u);
    EXPECT_EQ(found("X", "", limit).size(), 0u);
  }
}

TEST_P(PortConformance, APageOfAScanWithAPrefixHoldsNoMoreThanItsLimit) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(put({{"USER#" + std::to_string(i), "CONTEXT"}, {}}));
  Scan scan;
  scan.pk_prefix = "USER#";
  scan.limit = 4;
  const auto page = this->scan(scan);
  ASSERT_TRUE(page);
  EXPECT_LE(page->items.size(), 4u);
  EXPECT_TRUE(page->next);
}

TEST_P(PortConformance, WhatHasExpiredIsInNoScanWithAPrefix) {
  put_keys({"a"});
  put_expired("ab");
  Scan scan;
  scan.sk_prefix = "a";
  EXPECT_EQ(scan_all(scan).size(), 1u);
}

TEST_P(PortConformance, AScanGoesOnAfterAnyItemOfItsPages) {
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(put({{"USER#" + std::to_string(i), "CONTEXT"}, {}}));
  Scan scan;
  scan.pk_prefix = "USER#";
  const auto all = scan_all(scan);
  ASSERT_EQ(all.size(), 6u);
  for (std::size_t last = 0; last < all.size(); ++last) {
    scan.cursor = table_->cursor_after(all[last].key);
    const auto rest = scan_all(scan);
    EXPECT_EQ(rest, std::vector<Item>(all.begin() + static_cast<std::ptrdiff_t>(last) + 1, all.end()));
  }
}

TEST_P(PortConformance, WhereNothingIsDamagedGoingPastDamageChangesNothing) {
  put_keys({"a", "b", "c"});
  put_expired("d");
  for (const std::size_t limit : {0u, 2u}) {
    Scan all{limit, {}, 0, 1};
    const auto plain = scan(all);
    all.past_damage = true;
    const auto past = scan(all);
    ASSERT_TRUE(plain && past);
    EXPECT_EQ(past->items, plain->items);
    EXPECT_EQ(past->next, plain->next);
    EXPECT_TRUE(past->damaged.empty());
    EXPECT_EQ(scan_all(all).size(), 3u);
    Query partition = of("p", {}, false, limit);
    partition.past_damage = true;
    const auto queried = query(partition);
    ASSERT_TRUE(queried);
    EXPECT_TRUE(queried->damaged.empty());
    EXPECT_EQ(sort_keys(partition), (Keys{"a", "b", "c"}));
  }
}

}  // namespace
}  // namespace loopstate::table
