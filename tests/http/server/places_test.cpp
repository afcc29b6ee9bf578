// Whom the server asks for a place when all are taken.
#include "http/server/places.hpp"

#include <gmock/gmock.h>

namespace loopstate::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr PeerKey kProvider{1};
constexpr PeerKey kGateway{2};
constexpr PeerKey kFlood{9};

TEST(Places, WhoIsKnownIsAskedAfterEveryStranger) {
  Places places;
  places.take(1, kProvider);
  places.know(1);
  places.take(2, kGateway);
  const auto groups = places.of_all(kGateway);
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_THAT(groups[0].ids, ElementsAre(2));
  EXPECT_THAT(groups[1].ids, ElementsAre(1));
}

TEST(Places, ThePeerWithMostStrangersIsAskedFirstAndHasNoTimeToSendItsRequests) {
  Places places;
  places.take(1, kProvider);
  for (std::uint64_t id = 2; id < 20; ++id) places.take(id, kFlood);
  const auto groups = places.of_all(kGateway);
  EXPECT_EQ(groups[0].ids.front(), 2u);
  EXPECT_EQ(groups[0].patience.count(), 0);
  EXPECT_THAT(groups[1].ids, ElementsAre(1));
  EXPECT_EQ(groups[1].patience, kSlowRequest);
  EXPECT_EQ(places.of_all(kFlood)[0].patience, kSlowRequest) << "it does not push itself aside";
}

TEST(Places, OfPeersWithAsManyStrangersTheOneIsAskedThatCameFirst) {
  Places places;
  places.take(1, kProvider);
  places.take(2, kFlood);
  EXPECT_THAT(places.of_all(kGateway)[0].ids, ElementsAre(1));
}

TEST(Places, APeerThatHasAllItMayHaveIsAskedForItsOwn) {
  Places places;
  places.take(1, kProvider);
  places.take(2, kFlood);
  places.take(3, kProvider);
  places.know(1);
  EXPECT_EQ(places.taken_by(kProvider), 2u);
  const auto groups = places.of_peer(kProvider);
  EXPECT_THAT(groups[0].ids, ElementsAre(3));
  EXPECT_THAT(groups[1].ids, ElementsAre(1));
}

TEST(Places, WhatWasGivenBackIsNobodys) {
  Places places;
  places.take(1, kProvider);
  places.know(1);
  places.take(2, kProvider);
  places.give_back(1);
  places.give_back(2);
  places.give_back(2);
  places.know(2);
  EXPECT_EQ(places.taken(), 0u);
  EXPECT_EQ(places.taken_by(kProvider), 0u);
  for (const auto& group : places.of_all(kProvider)) EXPECT_THAT(group.ids, IsEmpty());
}

TEST(Places, OfManyAPartIsLookedAtAndAllInTurn) {
  Places places;
  for (std::uint64_t id = 0; id < 1'000; ++id) {
    places.take(id, kGateway);
    places.know(id);
  }
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 16; ++i) {
    const auto ids = places.of_all(kProvider).back().ids;
    EXPECT_THAT(ids, SizeIs(Places::kLookedAtMax));
    seen.insert(ids.begin(), ids.end());
  }
  EXPECT_THAT(seen, SizeIs(1'000));
}

}  // namespace
}  // namespace loopstate::http
