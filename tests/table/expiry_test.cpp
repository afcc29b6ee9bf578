#include "table/expiry.hpp"

#include "table/number.hpp"
#include "times.hpp"

namespace loopstate::table {
namespace {

Item with_ttl(Value ttl) {
  return {{"p", "s"}, {{"ttl", std::move(ttl)}}};
}

TEST(Expiry, AnItemLivesWhileItsTtlIsAboveNow) {
  const Item item = with_ttl(Value::number(std::int64_t{100}));
  EXPECT_TRUE(is_live(item, from_unix_seconds(99)));
  EXPECT_FALSE(is_live(item, from_unix_seconds(100)));
  EXPECT_FALSE(is_live(item, from_unix_seconds(101)));
}

TEST(Expiry, OnlyANumberExpires) {
  EXPECT_TRUE(is_live({{"p", "s"}, {}}, from_unix_seconds(100)));
  EXPECT_TRUE(is_live(with_ttl("1"), from_unix_seconds(100)));
  EXPECT_TRUE(is_live(with_ttl(Null{}), from_unix_seconds(100)));
}

TEST(Expiry, HoldsForNumbersThatAreNoSmallIntegers) {
  EXPECT_TRUE(is_live(with_ttl(Number{"100.5"}), from_unix_seconds(100)));
  EXPECT_FALSE(is_live(with_ttl(Number{"99.5"}), from_unix_seconds(100)));
  EXPECT_TRUE(is_live(with_ttl(*parse_number("1e30")), from_unix_seconds(100)));
  EXPECT_FALSE(is_live(with_ttl(*parse_number("-1e30")), from_unix_seconds(100)));
}

TEST(Expiry, LiveHidesWhatHasExpired) {
  EXPECT_TRUE(live(with_ttl(Value::number(std::int64_t{5})), from_unix_seconds(4)));
  EXPECT_FALSE(live(with_ttl(Value::number(std::int64_t{5})), from_unix_seconds(5)));
  EXPECT_FALSE(live(std::nullopt, from_unix_seconds(5)));
}

}  // namespace
}  // namespace loopstate::table
