// Ids of writes: never drawn twice, even if a process was copied in between.
#include "store/rows/write_id.hpp"
#include "times.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

namespace loopstate::store {
namespace {

/// What a forked child draws first, the parent having drawn before the fork.
std::string drawn_by_a_child(std::string (*draw)()) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    const auto id = draw();
    const auto written = ::write(ends[1], id.data(), id.size());
    ::_exit(written == static_cast<ssize_t>(id.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  char bytes[64];
  const auto count = ::read(ends[0], bytes, sizeof bytes);
  ::close(ends[0]);
  int status = 1;
  ::waitpid(child, &status, 0);
  return status == 0 && count > 0 ? std::string(bytes, static_cast<std::size_t>(count)) : "";
}

std::string draw_id() {
  return new_write_id(from_unix_seconds(1'700'000'000));
}

TEST(WriteId, IsOfItsSecondAndSortsByIt) {
  const auto earlier = new_write_id(from_unix_seconds(1'700'000'000));
  EXPECT_EQ(earlier.size(), 15u);
  EXPECT_EQ(write_id_second(earlier), from_unix_seconds(1'700'000'000));
  EXPECT_LT(earlier, new_write_id(from_unix_seconds(1'700'000'001)));
}

TEST(WriteId, WhatIsNoneHasNoSecond) {
  EXPECT_EQ(write_id_second("too-short"), std::nullopt);
  EXPECT_EQ(write_id_second("0f0.4JxudN-No01"), std::nullopt);
}

TEST(WriteId, NoTwoOfASecondAreTheSame) {
  std::set<std::string> ids;
  for (int at = 0; at < 2'000; ++at) ids.insert(draw_id());
  EXPECT_EQ(ids.size(), 2'000u);
}

TEST(WriteId, AForkedChildDrawsItsOwn) {
  draw_id();
  const auto childs = drawn_by_a_child(draw_id);
  ASSERT_EQ(childs.size(), 15u);
  EXPECT_NE(childs, draw_id());
}

TEST(WriteId, AForkedChildsTransactionsHaveTheirOwnTokens) {
  new_token();
  const auto childs = drawn_by_a_child(new_token);
  ASSERT_EQ(childs.size(), 24u);
  EXPECT_NE(childs, new_token());
}

}  // namespace
}  // namespace loopstate::store
