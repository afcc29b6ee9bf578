#include "table/expiry.hpp"

#include "table/number.hpp"

namespace loopstate::table {
namespace {

Item with_ttl(Value ttl) {
  return {{"p", "s"}, {{"ttl", std::move(ttl)}}};
}

TEST(Expiry, AnItemLivesWhileItsTtlIsAboveNow) {
  const Item item = with_ttl(Value::number(std::int64_t{100}));
  EXPECT_TRUE(is_live(item, 99));
  EXPECT_FALSE(is_live(item, 100));
  EXPECT_FALSE(is_live(item, 101));
}

TEST(Expiry, OnlyANumberExpires) {
  EXPECT_TRUE(is_live({{"p", "s"}, {}}, 100));
  EXPECT_TRUE(is_live(with_ttl("1"), 100));
  EXPECT_TRUE(is_live(with_ttl(Null{}), 100));
}

TEST(Expiry, HoldsForNumbersThatAreNoSmallIntegers) {
  EXPECT_TRUE(is_live(with_ttl(Number{"100.5"}), 100));
  EXPECT_FALSE(is_live(with_ttl(Number{"99.5"}), 100));
  EXPECT_TRUE(is_live(with_ttl(*parse_number("1e30")), 100));
  EXPECT_FALSE(is_live(with_ttl(*parse_number("-1e30")), 100));
}

TEST(Expiry, LiveHidesWhatHasExpired) {
  EXPECT_TRUE(live(with_ttl(Value::number(std::int64_t{5})), 4));
  EXPECT_FALSE(live(with_ttl(Value::number(std::int64_t{5})), 5));
  EXPECT_FALSE(live(std::nullopt, 5));
}

}  // namespace
}  // namespace loopstate::table
