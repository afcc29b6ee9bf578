// What each event from EventBridge does to the state: once, however often it comes.
#include "agent_fixture.hpp"

namespace loopstate::agent {
namespace {

using testing::HasSubstr;

std::string bus_event(std::string_view source, std::string_view type, std::string_view fields,
                      bool wrapped = false, std::string_view id = "ev-1",
                      std::string_view time = "2025-06-15T15:06:40Z") {
  const auto detail = wrapped ? fmt::format(R"({{"type":"{}","payload":{{{}}}}})", type, fields)
                              : fmt::format("{{{}}}", fields);
  return fmt::format(
      R"({{"version":"0","id":"{}","source":"{}","detail-type":"{}","time":"{}","detail":{}}})", id, source,
      type, time, detail);
}

std::string transaction(std::string_view processor, std::string_view id, const Fingerprint& card,
                        bool wrapped = false) {
  const auto fields = fmt::format(
      R"("processor":"{}","processor_txn_id":"{}","merchant_id":"M1","amount_cents":1250,"card_last4":"4242",)"
      R"("card_brand":"VISA","card_fingerprint":"{}","occurred_at":{},"raw_payload":{{"x":[1,2]}})",
      processor, id, card.text(), unix_seconds(kNow - 60s));
  return bus_event("loop.pos", "TransactionDetected", fields, wrapped);
}

std::string location(std::string_view type, std::string_view merchant, Timestamp at) {
  return bus_event("loop.mobile", "LocationHit",
                   fmt::format(R"("user_pubkey":"U1","merchant_id":"{}","latitude":1.5,"longitude":2.5,)"
                               R"("accuracy_m":10,"event_type":"{}","timestamp":{})",
                               merchant, type, unix_seconds(at)));
}

std::string proof(std::string_view data) {
  return bus_event("loop.capture", "ProofSubmitted",
                   fmt::format(R"("user_pubkey":"U1","proof_type":"receipt","proof_data":"{}",)"
                               R"("claimed_amount_cents":700,"claimed_merchant":null,"submitted_at":{})",
                               data, unix_seconds(kNow)));
}

std::string unlocking(std::string_view position, Timestamp unlock_time) {
  return bus_event("loop.staking", "PositionUnlocking",
                   fmt::format(R"("user_pubkey":"U1","position_id":"{}","unlock_time":{},"amount":500,)"
                               R"("accrued_yield":20,"hours_until_unlock":24)",
                               position, unix_seconds(unlock_time)));
}

std::string yield_threshold(std::string_view id) {
  return bus_event("loop.staking", "YieldThreshold",
                   R"("user_pubkey":"U1","total_pending_yield":18446744073709551615,)"
                   R"("threshold_reached":1000,"positions":["p1","p2"])",
                   false, id);
}

std::string scheduled(std::string_view check, std::string_view users) {
  return bus_event("aws.scheduler", "Scheduled Event",
                   fmt::format(R"("check_type":"{}","batch_id":"b1","user_pubkeys":[{}])", check, users));
}

class EventsTest : public AgentTest {
 protected:
  Answer on_event(std::string event) {
    return runner.run(agent->handle_event(std::move(event), "r1", Deadline::max()));
  }
};

TEST_F(EventsTest, ATransactionIsTheSamePaymentAsItsWebhook) {
  link("sq0-card", "U1");
  EXPECT_EQ(on_event(transaction("Square", "pay1", fingerprint_of("sq0-card"))).outcome, Outcome::Recorded);
  EXPECT_EQ(handle(square(square_payment({}))).outcome, Outcome::Duplicate);
  const auto state = snapshot("U1");
  ASSERT_EQ(state.captures.size(), 1u);
  EXPECT_EQ(state.captures[0].amount.minor_units, 1250u);
  EXPECT_FALSE(state.captures[0].amount.currency.known());
  EXPECT_EQ(state.context->recent_events.at(0).summary, "12.50 at M1");
}

TEST_F(EventsTest, ATransactionIsTooOldOnlyWhereTheEventIsOfTheseDays) {
  link("sq0-card", "U1");
  clock.advance(95 * 24h);
  auto event = transaction("Square", "pay1", fingerprint_of("sq0-card"));
  const auto doubted = on_event(event);
  EXPECT_EQ(doubted.outcome, Outcome::ClockDoubted);
  EXPECT_EQ(doubted.status, 503);
  event.replace(event.find("2025-06-15T"), 11, "2025-09-17T");
  EXPECT_EQ(on_event(event).outcome, Outcome::TooOld);
  EXPECT_TRUE(snapshot("U1").captures.empty());
}

TEST_F(EventsTest, ATimeThatIsNoneIsRefused) {
  auto event = transaction("Square", "pay1", fingerprint_of("sq0-card"));
  event.replace(event.find("2025-06-15T"), 11, "yesterday, ");
  EXPECT_EQ(on_event(event).status, 422);
}

TEST_F(EventsTest, AFidelTransactionIsItsClearing) {
  link("fidel-card", "U1");
  EXPECT_EQ(on_event(transaction("Fidel", "t1", fingerprint_of("fidel-card"), true)).outcome,
            Outcome::Recorded);
  EXPECT_EQ(
      handle(fidel(webhook::FidelKind::Clearing, fidel_transaction("t1", "fidel-card", "12.50"))).outcome,
      Outcome::Duplicate);
}

TEST_F(EventsTest, ACardIdThatIsNoFingerprintIsRefused) {
  auto event = transaction("Square", "pay1", *Fingerprint::parse("sq0-card"));
  const auto answer = on_event(std::move(event));
  EXPECT_EQ(answer.outcome, Outcome::Refused);
  EXPECT_EQ(answer.status, 422);
  EXPECT_THAT(log_lines().back(), HasSubstr("card_fingerprint"));
  EXPECT_THAT(log_lines().back(), testing::Not(HasSubstr("sq0-card")));
}

TEST_F(EventsTest, EnteringSetsTheLocationAndLeavingClearsIt) {
  EXPECT_EQ(on_event(location("Enter", "M1", kNow - 100s)).outcome, Outcome::LocationChanged);
  EXPECT_EQ(snapshot("U1").location->merchant.text(), "M1");
  EXPECT_EQ(on_event(location("Exit", "M2", kNow - 90s)).outcome, Outcome::Ignored);
  EXPECT_EQ(snapshot("U1").location->merchant.text(), "M1");
  EXPECT_EQ(on_event(location("Exit", "M1", kNow - 80s)).outcome, Outcome::LocationChanged);
  EXPECT_FALSE(snapshot("U1").location);
}

TEST_F(EventsTest, AnOlderLocationNeverUndoesANewerOne) {
  EXPECT_EQ(on_event(location("Dwell", "M2", kNow - 10s)).outcome, Outcome::LocationChanged);
  EXPECT_EQ(on_event(location("Enter", "M1", kNow - 20s)).outcome, Outcome::Ignored);
  EXPECT_EQ(on_event(location("Exit", "M2", kNow - 15s)).outcome, Outcome::Ignored);
  EXPECT_EQ(snapshot("U1").location->merchant.text(), "M2");
}

TEST_F(EventsTest, AProofIsOnePendingCaptureHoweverOftenItComes) {
  EXPECT_EQ(on_event(proof("AAAA")).outcome, Outcome::Recorded);
  EXPECT_EQ(on_event(proof("AAAA")).outcome, Outcome::Duplicate);
  EXPECT_EQ(on_event(proof("BBBB")).outcome, Outcome::Recorded);
  const auto captures = snapshot("U1").captures;
  ASSERT_EQ(captures.size(), 2u);
  EXPECT_EQ(captures[0].amount.minor_units, 700u);
  EXPECT_EQ(captures[0].proof_type, "receipt");
}

TEST_F(EventsTest, AnUnlockingIsOneEventForEachPositionAndTime) {
  EXPECT_EQ(on_event(unlocking("p1", kNow + 86'400s)).outcome, Outcome::EventRecorded);
  EXPECT_EQ(on_event(unlocking("p1", kNow + 86'400s)).outcome, Outcome::Duplicate);
  EXPECT_EQ(on_event(unlocking("p1", kNow + 99'999s)).outcome, Outcome::EventRecorded);
  const auto events = snapshot("U1").context->recent_events;
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].event_type, "position_unlocking");
  EXPECT_EQ(events[0].amount, 500u);
}

TEST_F(EventsTest, AnUnlockingWhoseMarkWasLostIsStillOneEvent) {
  ASSERT_EQ(on_event(unlocking("p1", kNow + 86'400s)).outcome, Outcome::EventRecorded);
  // The function died between the event and its mark.
  for (const auto& item : model->all()) {
    if (item.key.pk.starts_with("TXN#")) model->drop(item.key);
  }
  EXPECT_EQ(on_event(unlocking("p1", kNow + 86'400s)).outcome, Outcome::EventRecorded);
  EXPECT_EQ(snapshot("U1").context->recent_events.size(), 1u);
}

TEST_F(EventsTest, AYieldThresholdIsAnEventAndTheVaultsPendingYield) {
  EXPECT_EQ(on_event(yield_threshold("ev-9")).outcome, Outcome::EventRecorded);
  EXPECT_EQ(on_event(yield_threshold("ev-9")).outcome, Outcome::Duplicate);
  const auto context = *snapshot("U1").context;
  EXPECT_EQ(context.vault.pending_yield, UINT64_MAX);
  ASSERT_EQ(context.recent_events.size(), 1u);
  EXPECT_EQ(context.recent_events[0].event_type, "yield_threshold");
  EXPECT_EQ(on_event(yield_threshold("ev-10")).outcome, Outcome::EventRecorded);
}

TEST_F(EventsTest, AScheduledCheckCountsAndChangesNothing) {
  link("sq0-card", "U1");
  handle(square(square_payment({})));
  table::Item corrupt{{"USER#U2", "CONTEXT"}, {}};
  corrupt.attributes.set("context_data", "{not json");
  model->place(corrupt);
  const auto before = model->all();
  const auto answer = on_event(scheduled("WeeklyHealth", R"("U1","U2","U3")"));
  EXPECT_EQ(answer.outcome, Outcome::Reported);
  EXPECT_EQ(answer.body, R"({"outcome":"reported","report":{"check_type":"WeeklyHealth","batch_id":"b1",)"
                         R"("users":3,"present":1,"missing":1,"corrupt":1}})");
  EXPECT_EQ(model->all(), before);
}

TEST_F(EventsTest, PendingCapturesThatExpireWithinADayAreReported) {
  link("sq0-card", "U1");
  handle(square(square_payment({})));
  EXPECT_THAT(on_event(scheduled("PendingCaptures", R"("U1","U3")")).body, HasSubstr("\"expiring_count\":0"));
  clock.advance(StoreSettings{}.pending_lifetime - 3600s);
  const auto body = on_event(scheduled("PendingCaptures", R"("U1","U3")")).body;
  EXPECT_THAT(body, HasSubstr("\"expiring_count\":1"));
  EXPECT_THAT(body, HasSubstr("\"user\":\"U1\""));
}

TEST_F(EventsTest, AReportWaitsForAStoreThatIsBusy) {
  model->fail_reads(1);
  EXPECT_EQ(on_event(scheduled("DailyOptimization", R"("U1")")).outcome, Outcome::Reported);
  model->fail_reads(1000);
  EXPECT_EQ(on_event(scheduled("DailyOptimization", R"("U1")")).status, 503);
}

TEST_F(EventsTest, EventsOfOtherKindsAreAcknowledged) {
  const auto answer = on_event(bus_event("aws.ec2", "EC2 Instance State-change", ""));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.outcome, Outcome::Ignored);
}

TEST_F(EventsTest, MalformedEventsNameTheFieldAndChangeNothing) {
  const std::pair<std::string, std::string_view> cases[] = {
      {"not json", "byte"},
      {"[]", "source"},
      {R"({"source":"loop.mobile","detail-type":"LocationHit","detail":[]})", "detail"},
      {location("Teleport", "M1", kNow), "event_type"},
      {location("Enter", "", kNow), "merchant_id"},
      {location("Enter", "M1", from_unix_seconds(-5)), "timestamp"},
      {bus_event("loop.capture", "ProofSubmitted", R"("user_pubkey":"U1")"), "proof_type"},
      {bus_event("loop.staking", "PositionUnlocking",
                 R"("user_pubkey":"U1","position_id":"p","unlock_time":1,"amount":1.5,"accrued_yield":0,)"
                 R"("hours_until_unlock":1)"),
       "amount"},
      {bus_event("loop.staking", "PositionUnlocking",
                 R"("user_pubkey":"U1","position_id":"p","unlock_time":1,"amount":1,"accrued_yield":0,)"
                 R"("hours_until_unlock":65536)"),
       "hours_until_unlock"},
      {scheduled("Hourly", ""), "check_type"},
      {scheduled("WeeklyHealth", "1"), "user_pubkeys"},
  };
  for (const auto& [event, field] : cases) {
    const auto answer = on_event(event);
    EXPECT_EQ(answer.status, 422) << event;
    EXPECT_THAT(log_lines().back(), HasSubstr(field)) << event;
  }
  EXPECT_TRUE(model->all().empty());
}

TEST_F(EventsTest, WhateverWasSeenIsRememberedForAHundredDays) {
  link("sq0-card", "U1");
  link("fidel-card", "U1");
  on_event(transaction("Square", "pay1", fingerprint_of("sq0-card")));
  on_event(proof("cHJvb2Y="));
  on_event(unlocking("p1", kNow + 86'400s));
  on_event(yield_threshold("ev-9"));
  // A refund that names no payment, one of a payment that is known, and one of a payment that is not.
  handle(fidel(webhook::FidelKind::Refund, fidel_transaction("t9", "fidel-card", "-5.44")));
  handle(square(square_refund("rf1", "pay1", 300)));
  handle(square(square_refund("rf2", "pay9", 300)));
  const auto claimed = runner.run(
      agent->recorder().store().claim(*TransactionId::parse("t"), "payload", 60s, LapsedPolicy::Refuse));
  ASSERT_TRUE(claimed);
  std::size_t transactions = 0;
  for (const auto& item : model->all()) {
    if (!item.key.pk.starts_with("TXN#")) continue;
    ++transactions;
    EXPECT_GE(item.time("ttl").value_or(Timestamp{}), kNow + 8'640'000s) << item.key.pk << " " << item.key.sk;
  }
  EXPECT_EQ(transactions, 8u);
}

}  // namespace
}  // namespace loopstate::agent
