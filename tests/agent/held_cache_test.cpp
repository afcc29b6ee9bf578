#include "agent/held_cache.hpp"

#include <fmt/format.h>

#include <thread>

#include "base/json_text_access.hpp"
#include "times.hpp"

namespace loopstate::agent {
namespace {

Fingerprint card_of(std::string_view text) {
  return *Fingerprint::parse(text);
}

HeldState held_of(std::string_view card, std::string_view user, std::uint64_t version = 1,
                  std::int64_t written_at = 100) {
  auto context = new_context(*UserId::parse(user), from_unix_seconds(written_at));
  context.version = version;
  return HeldState()
      .card(Card{*Fingerprint::parse(card), *UserId::parse(user), "4242", from_unix_seconds(1)})
      .context(std::move(context))
      .captures(std::vector<Capture>());
}

// Like a large context: most of the bytes that a cache counts are in the agent's memory.
HeldState large_held_of(std::string_view card, std::string_view user) {
  auto held = held_of(card, user);
  auto context = *held.context();
  context.agent_memory["m"] = trusted_json('"' + std::string(20'000, 'x') + '"');
  held.context(std::move(context));
  return held;
}

TEST(HeldCache, GivesBackCardContextAndCaptures) {
  HeldCache cache;
  EXPECT_FALSE(cache.find(card_of("a")).card());
  cache.keep(card_of("a"), held_of("a", "U1", 7));
  const auto held = cache.find(card_of("a"));
  EXPECT_EQ(held.card()->user.text(), "U1");
  EXPECT_EQ(held.context()->version, 7u);
  EXPECT_TRUE(held.captures());
}

TEST(HeldCache, TwoCardsOfOneUserShareOneContext) {
  HeldCache cache;
  cache.keep(card_of("a"), held_of("a", "U1", 7));
  cache.keep(card_of("b"), held_of("b", "U1", 8));
  EXPECT_EQ(cache.users(), 1u);
  EXPECT_EQ(cache.find(card_of("a")).context()->version, 8u);
}

TEST(HeldCache, AnOlderContextDoesNotReplaceANewerOne) {
  HeldCache cache;
  cache.keep(card_of("a"), held_of("a", "U1", 8, 100));
  cache.keep(card_of("a"), held_of("a", "U1", 7, 100));
  EXPECT_EQ(cache.find(card_of("a")).context()->version, 8u);
}

TEST(HeldCache, ALowerVersionThatWasWrittenLaterStands) {
  HeldCache cache;
  cache.keep(card_of("a"), held_of("a", "U1", 8, 100));
  cache.keep(card_of("a"), held_of("a", "U1", 1, 200));
  EXPECT_EQ(cache.find(card_of("a")).context()->version, 1u);
}

TEST(HeldCache, ACardThatChangedHandsIsItsNewOwners) {
  HeldCache cache;
  cache.keep(card_of("a"), held_of("a", "U1"));
  cache.keep(card_of("b"), held_of("b", "U1"));
  cache.keep(card_of("a"), held_of("a", "U2"));
  EXPECT_EQ(cache.find(card_of("a")).context()->pubkey.text(), "U2");
  EXPECT_EQ(cache.find(card_of("b")).context()->pubkey.text(), "U1");
}

TEST(HeldCache, DropsTheLeastRecentlyUsedUserFirst) {
  HeldCacheLimits limits;
  limits.users_max = 2;
  HeldCache cache(limits);
  cache.keep(card_of("a"), held_of("a", "U1"));
  cache.keep(card_of("b"), held_of("b", "U2"));
  EXPECT_TRUE(cache.find(card_of("a")).card());
  cache.keep(card_of("c"), held_of("c", "U3"));
  EXPECT_TRUE(cache.find(card_of("a")).card());
  EXPECT_FALSE(cache.find(card_of("b")).card());
  EXPECT_EQ(cache.users(), 2u);
}

TEST(HeldCache, IsBoundedInBytes) {
  HeldCacheLimits limits;
  limits.bytes_max = 200'000;
  HeldCache cache(limits);
  for (int i = 0; i < 50; ++i) {
    const auto name = fmt::format("c{}", i);
    cache.keep(card_of(name), large_held_of(name, fmt::format("U{}", i)));
    EXPECT_LE(cache.bytes(), limits.bytes_max);
  }
  EXPECT_GE(cache.users(), 5u);
  EXPECT_LE(cache.users(), 10u);
}

TEST(HeldCache, OneThatIsTooLargeByItselfIsNotKept) {
  HeldCacheLimits limits;
  limits.bytes_max = 1000;
  HeldCache cache(limits);
  cache.keep(card_of("a"), large_held_of("a", "U1"));
  EXPECT_EQ(cache.users(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(HeldCache, CountsTheBytesOfWhatItDrops) {
  HeldCache cache;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) {
      const auto name = fmt::format("c{}", i);
      cache.keep(card_of(name), held_of(name, fmt::format("U{}", i % 2), 1 + round));
    }
  }
  EXPECT_EQ(cache.users(), 2u);
  for (int i = 0; i < 40; ++i) cache.forget_card(card_of(fmt::format("c{}", i)));
  EXPECT_EQ(cache.users(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(HeldCache, ForgetsAUserWithAllCards) {
  HeldCache cache;
  cache.keep(card_of("a"), held_of("a", "U1"));
  cache.keep(card_of("b"), held_of("b", "U1"));
  cache.forget_user("U1");
  EXPECT_FALSE(cache.find(card_of("a")).card());
  EXPECT_FALSE(cache.find(card_of("b")).card());
}

TEST(HeldCache, SeveralThreadsMayUseIt) {
  HeldCacheLimits limits;
  limits.users_max = 8;
  HeldCache cache(limits);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 500; ++i) {
        const auto name = fmt::format("c{}", (i * 7 + t) % 16);
        cache.keep(card_of(name), held_of(name, "U" + name));
        cache.find(card_of(name));
        if (i % 10 == 0) cache.forget_card(card_of(name));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(cache.users(), 8u);
}

}  // namespace
}  // namespace loopstate::agent
