// Purchases before their link, through the agent.
#include <gmock/gmock.h>

#include "agent/http_endpoint.hpp"
#include "agent_fixture.hpp"

namespace loopstate::agent {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

class WaitingPurchases : public AgentTest {
 protected:
  void SetUp() override { keep_for(900s); }
  void keep_for(std::chrono::seconds wait) {
    agent->use(settings_with(test_settings(), wait), PepperState::Settled);
  }
  Answer pay(std::string id) { return handle(square(square_payment({.id = std::move(id)}), clock.now())); }
};

TEST_F(WaitingPurchases, AreAcknowledgedOnceTheyAreKeptAndRecordedByTheLink) {
  const auto answer = pay("pay1");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.outcome, Outcome::WaitingForLink);
  EXPECT_EQ(answer.body, R"({"outcome":"waiting_for_link"})");
  clock.advance(30s);
  link("sq0-card", "U1");
  EXPECT_THAT(snapshot("U1").captures, SizeIs(1));
  EXPECT_EQ(pay("pay1").outcome, Outcome::Duplicate);
  EXPECT_EQ(pay("pay2").outcome, Outcome::Recorded);
}

TEST_F(WaitingPurchases, AreNotAcknowledgedWhenTheStoreDoesNotTakeThem) {
  model->fail_writes(1'000);
  EXPECT_EQ(pay("pay1").status, 503);
}

TEST_F(WaitingPurchases, ThatCannotBeKeptAreAskedForAgain) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(pay("pay" + std::to_string(i)).status, 200);
  const auto answer = pay("pay10");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.outcome, Outcome::TooManyWaiting);
  EXPECT_EQ(answer.retry_after, 300s);
  clock.advance(900s);
  EXPECT_EQ(pay("pay10").outcome, Outcome::WaitingForLink);
}

TEST_F(WaitingPurchases, AreNoneIfTheSettingIsZero) {
  keep_for(0s);
  EXPECT_EQ(pay("pay1").outcome, Outcome::UnknownCard);
}

TEST_F(WaitingPurchases, AreCountedWhenTheAgentLinksTheirCard) {
  EXPECT_EQ(
      handle(fidel(webhook::FidelKind::Clearing, fidel_transaction("t1", "fidel-card", "12.5"))).outcome,
      Outcome::WaitingForLink);
  EXPECT_EQ(handle(fidel(webhook::FidelKind::CardLinked, fidel_card_linked("fidel-card", "U1"))).outcome,
            Outcome::CardLinked);
  EXPECT_THAT(snapshot("U1").captures, SizeIs(1));
  const auto metrics = agent->metrics();
  EXPECT_THAT(metrics, HasSubstr("loopstate_waiting_recorded_total 1"));
  EXPECT_THAT(metrics, HasSubstr(R"(outcome="waiting_for_link"} 1)"));
  EXPECT_THAT(log_lines(), Contains(HasSubstr(R"("recorded":1)")));
}

TEST_F(WaitingPurchases, WhoseCardNobodyLinksInTimeAreCounted) {
  HttpEndpoint endpoint(agent, [] { return unix_seconds(kNow) * 1000; });
  const auto scraped = [&] {
    http::ServerRequest request;
    request.method = "GET";
    request.target = "/metrics";
    return runner.run(endpoint.respond_admin(std::move(request))).body;
  };
  EXPECT_THAT(scraped(), HasSubstr("\nloopstate_waiting_unlinked_total 0\n"));
  (void)pay("pay1");
  (void)pay("pay1");
  (void)handle(square(square_payment({.id = "linked", .card = "other-card"})));
  clock.advance(899s);
  link("other-card", "U1");
  EXPECT_THAT(scraped(), HasSubstr("\nloopstate_waiting_unlinked_total 0\n")) << "it waits";
  clock.advance(1s);
  model->fail_reads(2);
  EXPECT_THAT(scraped(), HasSubstr("\nloopstate_waiting_unlinked_total 0\n")) << "nobody can tell";
  EXPECT_THAT(scraped(), HasSubstr("\nloopstate_waiting_unlinked_total 1\n"));
  EXPECT_THAT(scraped(), HasSubstr("\nloopstate_waiting_unlinked_total 1\n")) << "counted once";
}

TEST_F(WaitingPurchases, AreWatchedUpToABound) {
  WaitingWatch watch;
  for (std::size_t i = 0; i <= WaitingWatch::kMax; ++i) {
    watch.add({kNow + std::chrono::seconds(i), *TransactionId::parse("square:" + std::to_string(i))});
  }
  EXPECT_TRUE(watch.take_ended(kNow, 10).empty()) << "the one whose time ends first is forgotten";
  EXPECT_EQ(watch.take_ended(kNow + 1s, 10).size(), 1u);
  EXPECT_EQ(watch.take_ended(kNow + 1h, 10).size(), 10u);
}

TEST_F(WaitingPurchases, TakeTheRefundThatCameBeforeTheLink) {
  (void)pay("pay1");
  EXPECT_EQ(handle(square(square_refund("r1", "pay1", 250))).outcome, Outcome::UnknownPayment);
  link("sq0-card", "U1");
  ASSERT_THAT(snapshot("U1").captures, SizeIs(1));
  EXPECT_EQ(snapshot("U1").captures[0].refunded.minor_units, 250u);
}

}  // namespace
}  // namespace loopstate::agent
