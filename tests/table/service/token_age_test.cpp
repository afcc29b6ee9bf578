#include "table/service/token_age.hpp"

#include <gtest/gtest.h>

namespace loopstate::table::service {

using std::chrono::minutes;
using std::chrono::seconds;

class TokenAgeTest : public testing::Test {
 protected:
  /// Time that both clocks saw pass, and time that only one of them did.
  void pass(std::chrono::nanoseconds time) {
    sleep(time);
    now.wall += time;
  }
  void sleep(std::chrono::nanoseconds time) { now.since_boot += time; }

  Instant now{std::chrono::hours(1), std::chrono::system_clock::time_point(std::chrono::hours(1000))};
  TokenSettings settings{.now = [this] { return now; }};
  TokenAge age{Operation::TransactWriteItems, settings, std::nullopt};
};

TEST_F(TokenAgeTest, ATransactionIsSentAgainUntilTheServiceMayHaveForgottenItsToken) {
  EXPECT_TRUE(age.sending()());
  age.maybe_done();
  pass(kTokenTrusted);
  EXPECT_TRUE(age.sending()());
  pass(seconds(1));
  EXPECT_FALSE(age.sending()());
}

TEST_F(TokenAgeTest, TheFirstSendingThatMayHaveBeenDoneCounts) {
  age.sending();
  age.maybe_done();
  pass(minutes(6));
  age.sending();
  age.maybe_done();
  pass(minutes(6));
  EXPECT_FALSE(age.sending()());
}

TEST_F(TokenAgeTest, ItCountsFromWhenThatSendingBeganNotFromWhenItEnded) {
  age.sending();
  pass(minutes(15));
  age.maybe_done();
  EXPECT_FALSE(age.sending()());
}

TEST_F(TokenAgeTest, ATransactionThatWasCertainlyNotDoneMayBeSentForAnyTime) {
  for (int at = 0; at < 10; ++at) {
    EXPECT_TRUE(age.sending()());
    pass(minutes(6));
  }
}

TEST_F(TokenAgeTest, ASecondSendingWithinAnAttemptIsJudgedToo) {
  const MaySend may_send = age.sending();
  EXPECT_TRUE(may_send());
  pass(minutes(15));
  EXPECT_FALSE(may_send());
}

TEST_F(TokenAgeTest, TimeThatTheMachineSleptOrWasFrozenCounts) {
  age.sending();
  age.maybe_done();
  sleep(minutes(15));
  EXPECT_FALSE(age.sending()());
  now.since_boot -= minutes(15);
  EXPECT_TRUE(age.sending()());
  now.wall += minutes(15);
  EXPECT_FALSE(age.sending()());
}

TEST_F(TokenAgeTest, AWallClockThatIsSetBackMakesNothingYounger) {
  age.sending();
  age.maybe_done();
  pass(minutes(15));
  now.wall -= std::chrono::hours(24);
  EXPECT_FALSE(age.sending()());
}

TEST_F(TokenAgeTest, ASendingThatWasMadeElsewhereCounts) {
  const Instant since = now;
  TokenAge later(Operation::TransactWriteItems, settings, since);
  EXPECT_TRUE(later.sending()());
  pass(minutes(6));
  later.sending();
  later.maybe_done();
  pass(minutes(6));
  EXPECT_FALSE(later.sending()());
}

TEST_F(TokenAgeTest, OtherWritesRestOnNoToken) {
  for (const Operation operation :
       {Operation::PutItem, Operation::UpdateItem, Operation::DeleteItem, Operation::BatchWriteItem}) {
    TokenAge other(operation, settings, std::nullopt);
    other.maybe_done();
    EXPECT_EQ(other.sending(), nullptr) << to_string(operation);
  }
}

}  // namespace loopstate::table::service
