// What is specific to the embedded engine; the port's conformance suite covers the rest.
#include <gmock/gmock.h>

#include "embedded/fixture.hpp"

namespace loopstate::embedded {
namespace {

using table::Condition;
using table::Item;
using table::Value;

TEST(EmbeddedTable, KeepsAnItemAcrossOpenings) {
  const Folder folder;
  const Item item =
      item_of("USER#a", "CONTEXT", {{"version", Value::number(std::int64_t{1})}, {"text", "hello"}});
  {
    Opened store(folder.file());
    EXPECT_TRUE(value_or_fail(store.put(item)).applied);
  }
  Opened store(folder.file());
  EXPECT_EQ(value_or_fail(store.get("USER#a", "CONTEXT")), item);
}

TEST(EmbeddedTable, RefusesAConditionAndShowsTheItem) {
  const Folder folder;
  Opened store(folder.file());
  const Item first = item_of("p", "s", {{"n", Value::number(std::int64_t{1})}});
  value_or_fail(store.put(first));
  const auto outcome = value_or_fail(store.put(item_of("p", "s"), Condition::item_absent()));
  EXPECT_FALSE(outcome.applied);
  EXPECT_EQ(outcome.item, first);
  EXPECT_EQ(value_or_fail(store.get("p", "s")), first);
}

TEST(EmbeddedTable, ARefusalCostsNoSync) {
  const Folder folder;
  Opened store(folder.file());
  value_or_fail(store.put(item_of("p", "s")));
  const auto before = store.counters().commits;
  value_or_fail(store.put(item_of("p", "s"), Condition::item_absent()));
  EXPECT_EQ(store.counters().commits, before);
}

TEST(EmbeddedTable, AQueryFollowsItsCursorBothWays) {
  const Folder folder;
  Opened store(folder.file());
  for (const char* sk : {"a", "b", "c", "d", "e"}) value_or_fail(store.put(item_of("p", sk)));
  value_or_fail(store.put(item_of("q", "a")));
  for (const bool descending : {false, true}) {
    std::string seen;
    table::Query query{.pk = "p", .range = {}, .descending = descending, .limit = 2, .cursor = {}};
    do {
      const auto page = value_or_fail(store.query(query));
      for (const auto& item : page.items) seen += item.key.sk;
      query.cursor = page.next;
    } while (query.cursor);
    EXPECT_EQ(seen, descending ? "edcba" : "abcde");
  }
}

TEST(EmbeddedTable, ACursorOfAnotherPartitionIsRefused) {
  const Folder folder;
  Opened store(folder.file());
  for (const char* sk : {"a", "b"}) value_or_fail(store.put(item_of("p", sk)));
  table::Query query{.pk = "p", .range = {}, .descending = false, .limit = 1, .cursor = {}};
  query.cursor = value_or_fail(store.query(query)).next;
  ASSERT_TRUE(query.cursor);
  query.pk = "q";
  const auto page = store.query(query);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::InvalidArgument);
}

TEST(EmbeddedTable, AKeyOver510BytesIsRefused) {
  const Folder folder;
  Opened store(folder.file());
  EXPECT_TRUE(store.put(item_of(std::string(300, 'p'), std::string(210, 's'))));
  const auto refused = store.put(item_of(std::string(300, 'p'), std::string(211, 's')));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace loopstate::embedded
