// From each provider's signed delivery to the user's state.
#include <algorithm>
#include <atomic>

#include "agent_fixture.hpp"
#include "store/rows/keys.hpp"

#include "webhook/age.hpp"

namespace loopstate::agent {
namespace {

using table::ModelTable;
using testing::HasSubstr;
using testing::Not;

TEST_F(AgentTest, ASquarePaymentBecomesAPendingCaptureAndAnEvent) {
  link("sq0-card", "U1");
  const auto answer = handle(square(square_payment({})));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.outcome, Outcome::Recorded);
  const auto state = snapshot("U1");
  ASSERT_EQ(state.captures.size(), 1u);
  EXPECT_EQ(state.captures[0].merchant_id, "M1");
  EXPECT_EQ(state.captures[0].amount.minor_units, 1250u);
  EXPECT_EQ(state.captures[0].amount.currency, Currency{"EUR"});
  EXPECT_EQ(state.captures[0].card_last4, "4242");
  EXPECT_THAT(answer.body, HasSubstr("\"capture\":\"" + state.captures[0].id + "\""));
  ASSERT_EQ(state.context->recent_events.size(), 1u);
  EXPECT_EQ(state.context->recent_events[0].event_type, "capture");
  EXPECT_EQ(state.context->recent_events[0].summary, "12.50 EUR at M1");
  EXPECT_EQ(state.context->recent_events[0].amount, 1250u);
}

TEST_F(AgentTest, AStripeChargeBecomesAPendingCapture) {
  link("stripe-card", "U2");
  EXPECT_EQ(handle(stripe(stripe_charge("ch_1", "stripe-card", 999))).outcome, Outcome::Recorded);
  EXPECT_EQ(snapshot("U2").captures.at(0).amount.minor_units, 999u);
}

TEST_F(AgentTest, AFidelClearingBecomesAPendingCaptureAndAnAuthDoesNot) {
  link("fidel-card", "U3");
  const auto auth = handle(fidel(webhook::FidelKind::Auth, fidel_transaction("t1", "fidel-card", "5.44")));
  EXPECT_EQ(auth.outcome, Outcome::Ignored);
  const auto clearing =
      handle(fidel(webhook::FidelKind::Clearing, fidel_transaction("t1", "fidel-card", "5.44")));
  EXPECT_EQ(clearing.outcome, Outcome::Recorded);
  const auto state = snapshot("U3");
  ASSERT_EQ(state.captures.size(), 1u);
  EXPECT_EQ(state.captures[0].amount.minor_units, 544u);
  EXPECT_EQ(state.context->recent_events.at(0).summary, "5.44 EUR at Corner Café");
}

TEST_F(AgentTest, ThePaymentIsRememberedForTheAgentsOwnTime) {
  link("sq0-card", "U1");
  handle(square(square_payment({})));
  const auto mark = model->peek({"TXN#square:pay1", "PROCESSED"});
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->time("ttl"), kNow + webhook::kMarkerLifetime);
}

TEST_F(AgentTest, TheSamePaymentThreeTimesIsOneCapture) {
  link("sq0-card", "U1");
  EXPECT_EQ(handle(square(square_payment({}))).outcome, Outcome::Recorded);
  for (int i = 0; i < 2; ++i) {
    const auto again = handle(square(square_payment({})));
    EXPECT_EQ(again.outcome, Outcome::Duplicate);
    EXPECT_EQ(again.status, 200);
  }
  EXPECT_EQ(snapshot("U1").captures.size(), 1u);
}

TEST_F(AgentTest, TwelvePurchasesInOneSecondDropTheOldestTwoByName) {
  link("sq0-card", "U1");
  std::vector<std::string> ids;
  std::string dropped;
  for (int i = 0; i < 12; ++i) {
    const auto answer = handle(square(square_payment({.id = fmt::format("p{}", i)})));
    EXPECT_EQ(answer.outcome, Outcome::Recorded);
    if (answer.body.find("dropped") != std::string::npos) dropped += answer.body;
    ids.push_back(answer.body.substr(answer.body.find("\"capture\":\"") + 11, 36));
  }
  EXPECT_EQ(snapshot("U1").captures.size(), 10u);
  EXPECT_THAT(dropped, HasSubstr(ids[0]));
  EXPECT_THAT(dropped, HasSubstr(ids[1]));
}

TEST_F(AgentTest, AnUnknownCardIsAcknowledgedAndChangesNothing) {
  const auto answer = handle(square(square_payment({})));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.outcome, Outcome::UnknownCard);
  ASSERT_EQ(model->all().size(), 1u);
  EXPECT_EQ(model->all()[0].key, store::pepper_key())
      << "the first card that is not found asks for its check value";
}

TEST_F(AgentTest, ATamperedBodyIsRefusedAndChangesNothing) {
  link("sq0-card", "U1");
  const auto before = model->all();
  auto delivery = square(square_payment({}));
  delivery.body.replace(delivery.body.find("1250"), 4, "9999");
  const auto answer = handle(std::move(delivery));
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.outcome, Outcome::Refused);
  EXPECT_EQ(model->all(), before);
  EXPECT_THAT(agent->metrics(), HasSubstr("{source=\"square\",reason=\"bad_signature\"} 1\n"));
}

TEST_F(AgentTest, ADeliveryOutsideTheWindowIsRefused) {
  link("stripe-card", "U2");
  auto late = stripe(stripe_charge("ch_1", "stripe-card", 999), kNow - 400s);
  late.received_at_ms = unix_seconds(kNow) * 1000;
  EXPECT_EQ(handle(std::move(late)).status, 403);
  EXPECT_TRUE(snapshot("U2").captures.empty());
}

TEST_F(AgentTest, APaymentOlderThanTheMarkersReachIsAcknowledgedAndNotCaptured) {
  link("sq0-card", "U1");
  const auto answer = handle(
      square(square_payment({.created_at = "2025-03-01T00:00:00Z", .told_at = "2025-06-14T00:00:00Z"})));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.outcome, Outcome::TooOld);
  EXPECT_TRUE(snapshot("U1").captures.empty());
}

TEST_F(AgentTest, ALateUpdateIsStillADuplicateJustBeforeTheMarkerIsGone) {
  link("sq0-card", "U1");
  handle(square(square_payment({})));
  // Recorded when it was nearly too old, updated when it is nearly too old: the mark still stands.
  clock.advance(webhook::kCaptureAgeMax - 400s);
  EXPECT_EQ(handle(square(square_payment({}), clock.now())).outcome, Outcome::Duplicate);
  clock.advance(1000s);
  const auto late = square_payment({.told_at = "2025-09-13T15:00:00Z"});
  EXPECT_EQ(handle(square(late, clock.now())).outcome, Outcome::TooOld);
}

TEST_F(AgentTest, APaymentIsAskedForAgainWhereOnlyTheMachinesClockCallsItTooOld) {
  link("sq0-card", "U1");
  const auto body = square_payment({});
  clock.advance(95 * 24h);
  const auto answer = handle(square(body, clock.now()));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.outcome, Outcome::ClockDoubted);
  EXPECT_TRUE(answer.retry_after);
  EXPECT_THAT(log_lines().back(), HasSubstr("\"level\":\"error\""));
  EXPECT_THAT(log_lines().back(), HasSubstr("set the clock right"));
  // Once the clock is right, the redelivery counts.
  clock.advance(-95 * 24h);
  EXPECT_EQ(handle(square(body)).outcome, Outcome::Recorded);
}

TEST_F(AgentTest, WhatAClockFarBehindRecordsIsStillThereByTheRightOne) {
  link("sq0-card", "U1");
  link("stripe-card", "U2");
  const auto late = 400 * 24h;
  clock.advance(-late);
  EXPECT_EQ(handle(square(square_payment({}), clock.now())).outcome, Outcome::Recorded);
  auto delivery = stripe(stripe_charge("ch_1", "stripe-card", 999));
  delivery.received_at_ms = unix_seconds(clock.now()) * 1000;
  EXPECT_EQ(handle(std::move(delivery)).outcome, Outcome::Recorded);
  EXPECT_THAT(log_lines().front(), HasSubstr("this machine's clock is behind"));
  clock.advance(late);
  EXPECT_EQ(handle(square(square_payment({}))).outcome, Outcome::Duplicate);
  EXPECT_EQ(handle(stripe(stripe_charge("ch_1", "stripe-card", 999))).outcome, Outcome::Duplicate);
  EXPECT_EQ(snapshot("U1").captures.size(), 1u);
  EXPECT_EQ(snapshot("U2").captures.size(), 1u);
}

/// A table whose server shows this machine's clock to be wrong.
class CorrectingTable final : public ModelTable {
 public:
  std::chrono::seconds clock_offset() const noexcept override { return offset; }
  std::atomic<std::chrono::seconds> offset{0s};
};

TEST_F(AgentTest, ACorrectionOfTheClockIsToldOnceAndAgainWhereItChanges) {
  const auto table = std::make_shared<CorrectingTable>();
  store = store::store_over(table, StoreSettings{}, clock);
  agent = make_agent();
  const auto told = [&](std::string_view what) {
    handle(square(square_payment({})));
    handle(square(square_payment({})));
    const auto all = log_lines();
    return std::ranges::count_if(all, [&](const auto& line) { return line.contains(what); });
  };
  EXPECT_EQ(told("correction_s"), 0);
  table->offset = -3'600s;
  EXPECT_EQ(told("\"correction_s\":-3600"), 1);
  table->offset = -3'601s;
  EXPECT_EQ(told("shows this machine's clock to be wrong"), 1);
  table->offset = 0s;
  EXPECT_EQ(told("agrees with the store's server again"), 1);
}

TEST_F(AgentTest, ABodyOverOneMegabyteIs413) {
  auto delivery = square(std::string(kBodyBytesMax + 1, ' '));
  EXPECT_EQ(handle(std::move(delivery)).status, 413);
}

TEST_F(AgentTest, ARefundIsOneEventAndShowsOnThePendingCapture) {
  link("sq0-card", "U1");
  handle(square(square_payment({})));
  EXPECT_EQ(handle(square(square_refund("rf1", "pay1", 300))).outcome, Outcome::RefundRecorded);
  EXPECT_EQ(handle(square(square_refund("rf1", "pay1", 300))).outcome, Outcome::Duplicate);
  const auto state = snapshot("U1");
  EXPECT_EQ(state.captures.at(0).refunded.minor_units, 300u);
  ASSERT_EQ(state.context->recent_events.size(), 2u);
  EXPECT_EQ(state.context->recent_events[0].event_type, "refund");
  EXPECT_EQ(state.context->recent_events[0].summary, "3.00 EUR refunded");
}

TEST_F(AgentTest, ARefundOfAPaymentThatWasNeverRecordedIsAcknowledged) {
  const auto answer = handle(square(square_refund("rf1", "pay9", 300)));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.outcome, Outcome::UnknownPayment);
}

TEST_F(AgentTest, AFidelRefundWithoutItsPaymentIsAnEventOfTheCardsOwnerOnce) {
  link("fidel-card", "U3");
  const auto body = fidel_transaction("t9", "fidel-card", "-5.44");
  EXPECT_EQ(handle(fidel(webhook::FidelKind::Refund, body)).outcome, Outcome::RefundRecorded);
  EXPECT_EQ(handle(fidel(webhook::FidelKind::Clearing, body)).outcome, Outcome::Duplicate);
  const auto state = snapshot("U3");
  EXPECT_TRUE(state.captures.empty());
  ASSERT_EQ(state.context->recent_events.size(), 1u);
  EXPECT_EQ(state.context->recent_events[0].event_type, "refund");
}

TEST_F(AgentTest, FidelsCardLinkedLinksTheCardOfTheUserInItsMetadata) {
  const auto answer = handle(fidel(webhook::FidelKind::CardLinked, fidel_card_linked("fidel-card", "U5")));
  EXPECT_EQ(answer.outcome, Outcome::CardLinked);
  const auto cards = snapshot("U5").cards;
  ASSERT_EQ(cards.size(), 1u);
  EXPECT_EQ(cards[0].fingerprint, fingerprint_of("fidel-card"));
  EXPECT_EQ(
      handle(fidel(webhook::FidelKind::Clearing, fidel_transaction("t1", "fidel-card", "5.44"))).outcome,
      Outcome::Recorded);
}

TEST_F(AgentTest, ACardOfSomebodyElsesIsNotTakenOver) {
  link("fidel-card", "U1");
  const auto answer = handle(fidel(webhook::FidelKind::CardLinked, fidel_card_linked("fidel-card", "U5")));
  EXPECT_EQ(answer.outcome, Outcome::CardNotLinked);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(snapshot("U5").cards.empty());
  EXPECT_EQ(snapshot("U1").cards.size(), 1u);
}

TEST_F(AgentTest, AnErasedUsersPaymentBringsNobodyBack) {
  link("sq0-card", "U1");
  handle(square(square_payment({})));
  ASSERT_TRUE(runner.run(store.erase_user(*UserId::parse("U1"))));
  const auto answer = handle(square(square_payment({.id = "pay2"})));
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.outcome, testing::AnyOf(Outcome::UnknownCard, Outcome::UserErased));
  EXPECT_TRUE(snapshot("U1").captures.empty());
}

TEST_F(AgentTest, AWarmCaptureIsOneRequestAndAColdOneThree) {
  link("sq0-card", "U1");
  model->clear_log();
  handle(square(square_payment({.id = "a"})));
  EXPECT_EQ(model->calls(), 3u);
  model->clear_log();
  handle(square(square_payment({.id = "b"})));
  EXPECT_EQ(model->calls(), 1u);
  model->clear_log();
  EXPECT_EQ(handle(square(square_payment({.id = "b"}))).outcome, Outcome::Duplicate);
  EXPECT_EQ(model->calls(), 1u);
}

TEST_F(AgentTest, AStaleCacheCostsARequestNeverAWrongAnswer) {
  link("sq0-card", "U1");
  handle(square(square_payment({.id = "a"})));
  auto other = make_agent();
  runner.run(other->handle(square(square_payment({.id = "b"})), "r2", Deadline::max()));
  model->clear_log();
  EXPECT_EQ(handle(square(square_payment({.id = "c"}))).outcome, Outcome::Recorded);
  EXPECT_LE(model->calls(), 3u);
  EXPECT_EQ(snapshot("U1").captures.size(), 3u);
  EXPECT_EQ(snapshot("U1").context->recent_events.size(), 3u);
}

TEST_F(AgentTest, ACardThatWasTransferredGoesToItsNewOwnerThoughTheOldOneIsHeld) {
  link("sq0-card", "U1");
  handle(square(square_payment({.id = "a"})));
  ASSERT_TRUE(runner.run(
      store.link(fingerprint_of("sq0-card"), *UserId::parse("U2"), "4242", LinkOptions().transfer())));
  EXPECT_EQ(handle(square(square_payment({.id = "b"}))).outcome, Outcome::Recorded);
  EXPECT_EQ(snapshot("U1").captures.size(), 1u);
  EXPECT_EQ(snapshot("U2").captures.size(), 1u);
}

TEST_F(AgentTest, TheLogNamesThePaymentAndTheUserButNeverTheCard) {
  link("sq0-card", "U1");
  handle(square(square_payment({})));
  const auto said = log_lines();
  ASSERT_EQ(said.size(), 1u);
  for (const std::string_view part :
       {"\"request_id\":\"r1\"", "\"source\":\"square\"", "\"transaction\":\"square:pay1\"",
        "\"user\":\"U1\"", "\"outcome\":\"recorded\"", "\"duration_us\":", "\"store_requests\":"}) {
    EXPECT_THAT(said[0], HasSubstr(part));
  }
  EXPECT_THAT(said[0], Not(HasSubstr("sq0-card")));
  EXPECT_THAT(said[0], Not(HasSubstr("loop_fp_")));
}

TEST_F(AgentTest, ARefusalIsOneLogLineThatSaysWhy) {
  webhook::Delivery unsigned_one;
  unsigned_one.body = square_payment({});
  unsigned_one.received_at_ms = unix_seconds(kNow) * 1000;
  EXPECT_EQ(handle(std::move(unsigned_one)).status, 401);
  const auto said = log_lines();
  ASSERT_EQ(said.size(), 1u);
  EXPECT_THAT(said[0], HasSubstr("\"refusal\":\"missing_header\""));
  EXPECT_THAT(said[0], Not(HasSubstr("sq0-card")));
}

}  // namespace
}  // namespace loopstate::agent
