// The ring's decisions, without a table.
#include "store/rows/ring.hpp"

#include <gtest/gtest.h>

#include "times.hpp"

namespace loopstate::store {
namespace {

using Ids = std::vector<std::string>;

Capture row(std::string id) {
  Capture capture;
  capture.id = std::move(id);
  return capture;
}

TEST(Ring, NoRingAgreesWithAnything) {
  EXPECT_TRUE(ring_agrees(std::nullopt, {row("5#a")}, from_unix_seconds(10), 100s, {}));
}

TEST(Ring, MissingRowDisagreesUnlessItsTimeIsOver) {
  EXPECT_FALSE(ring_agrees(Ids{"5#a"}, {}, from_unix_seconds(10), 100s, {}));
  EXPECT_TRUE(ring_agrees(Ids{"5#a"}, {}, from_unix_seconds(105), 100s, {}));
}

TEST(Ring, IdSaysWhenItsRowExpiresWhateverTheReadersSettingsAre) {
  EXPECT_EQ(expires_by("5", 100s), from_unix_seconds(105));
  EXPECT_EQ(expires_by("5#a~50", 100s), from_unix_seconds(50));
  EXPECT_EQ(expires_by("5#a~500", 100s), from_unix_seconds(500));
  EXPECT_FALSE(ring_agrees(Ids{"5#a~50"}, {}, from_unix_seconds(49), 100s, {}));
  EXPECT_TRUE(ring_agrees(Ids{"5#a~50"}, {}, from_unix_seconds(50), 100s, {}));
}

// The Rust crate's ids are times supplied by its caller, so they can be any number.
TEST(Ring, ATimeBeyondAllTimeExpiresAtItsEnd) {
  EXPECT_EQ(expires_by("9223372036854775807", 100s), Timestamp::max());
  EXPECT_EQ(expires_by("-9223372036854775808", -100s), Timestamp::min());
  EXPECT_TRUE(ring_agrees(Ids{}, {}, from_unix_seconds(10), 100s, Timestamp::max()));
}

TEST(Ring, RowWhoseTimeIsOverNeedsNoPlaceInIt) {
  auto over = row("5#a");
  over.kept_until = from_unix_seconds(10);
  EXPECT_TRUE(ring_agrees(Ids{}, {over}, from_unix_seconds(10), 100s, {}));
}

TEST(Ring, TwoReadsThatFindTheSameAreOneMoment) {
  LastRead last;
  Context context;
  context.version = 3;
  EXPECT_FALSE(last.was(context, {row("5#a")}));
  EXPECT_TRUE(last.was(context, {row("5#a")}));
  EXPECT_FALSE(last.was(context, {}));
  context.version = 4;
  EXPECT_FALSE(last.was(context, {}));
}

TEST(Ring, RowThatWasOverByTheClockOfItsMakerNeedNotBeInIt) {
  auto live = row("5#a");
  live.kept_until = from_unix_seconds(105);
  EXPECT_TRUE(ring_agrees(Ids{}, {live}, from_unix_seconds(10), 100s, from_unix_seconds(2'000'000)));
  EXPECT_FALSE(ring_agrees(Ids{}, {live}, from_unix_seconds(10), 100s, from_unix_seconds(10)));
  live.kept_until =
      from_unix_seconds(2'086'401);  // not expired even a day later, for which the ring was trusted
  EXPECT_FALSE(ring_agrees(Ids{}, {live}, from_unix_seconds(10), 100s, from_unix_seconds(2'000'000)));
}

TEST(Ring, RowOfOursThatIsInNoRingDisagrees) {
  EXPECT_FALSE(ring_agrees(Ids{}, {row("5#a")}, from_unix_seconds(10), 100s, {}));
  EXPECT_TRUE(ring_agrees(Ids{}, {row("5")}, from_unix_seconds(10), 100s, {}));
}

TEST(Ring, OrderIsTheRingsWithStrangersByTheirTime) {
  const auto ordered = in_ring_order(Ids{"00000000000000000009#b", "00000000000000000007#a"},
                                     {row("00000000000000000007#a"), row("00000000000000000008"),
                                      row("00000000000000000009#b"), row("00000000000000000010")});
  EXPECT_EQ(ids_of(ordered), (Ids{"00000000000000000008", "00000000000000000009#b", "00000000000000000007#a",
                                  "00000000000000000010"}));
}

TEST(Ring, MakesRoomForOneMore) {
  EXPECT_TRUE(make_room({"a"}, 2).leaving.empty());
  const auto room = make_room({"a", "b", "c"}, 2);
  EXPECT_EQ(room.leaving, (Ids{"a", "b"}));
  EXPECT_EQ(room.staying, Ids{"c"});
}

TEST(Ring, BoundsWhatLeavesAtOnce) {
  const Ids many(200, "x");
  EXPECT_EQ(make_room(many, 10).leaving.size(), kMaxDroppedAtOnce);
}

TEST(Ring, ReadsTheTimeOfAnId) {
  EXPECT_EQ(stored_at("00000000001795575876"), from_unix_seconds(1795575876));
  EXPECT_EQ(stored_at("00000000001795575876#x"), from_unix_seconds(1795575876));
  EXPECT_EQ(stored_at("nonsense"), from_unix_seconds(0));
}

}  // namespace
}  // namespace loopstate::store
