// Recording a purchase: seen, added, trimmed, reported and versioned in one transaction or not at all.

#include "store/purchases.hpp"
#include "store/rows/keys.hpp"

namespace loopstate::testing {
namespace {

class RecordTest : public PurchaseTest {
 protected:
  void link(std::string_view fingerprint = "loop_fp_1", std::string_view name = "U1") {
    run(store_.link(card(fingerprint), user(name), "4242")).value();
  }
  RecordOutcome record(std::string_view id, HeldState held = {}) {
    return run(store_.record_capture(purchase(id), RecordOptions().held(std::move(held)))).value();
  }
};
LOOPSTATE_STORE_SUITE(RecordTest);

TEST_P(RecordTest, UnknownCardChangesNothing) {
  EXPECT_TRUE(record("square:P1").unknown_card());
  EXPECT_FALSE(run(store_.is_processed(transaction()))->has_value());
}

TEST_P(RecordTest, PurchaseIsRecordedWhole) {
  link();
  const auto outcome = record("square:P1");
  ASSERT_TRUE(outcome.recorded());
  EXPECT_EQ(outcome.user()->text(), "U1");
  const auto snapshot = run(store_.snapshot(user())).value();
  ASSERT_EQ(snapshot.captures.size(), 1u);
  EXPECT_EQ(snapshot.captures[0].id, outcome.recorded()->capture_id);
  EXPECT_EQ(snapshot.captures[0].amount.minor_units, 1250u);
  ASSERT_TRUE(snapshot.context);
  EXPECT_EQ(snapshot.context->version, outcome.recorded()->version);
  EXPECT_EQ(snapshot.context->recent_events.at(0).summary, "bought");
  const auto seen = run(store_.is_processed(transaction())).value();
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->user.text(), "U1");
  EXPECT_EQ(seen->cred_amount, 1250u);
}

TEST_P(RecordTest, SecondDeliveryIsADuplicateThatSaysWhenAndForWhom) {
  link();
  const auto first = record("square:P1");
  clock_.advance(60s);
  for (const auto& held : {HeldState{}, first.held()}) {
    const auto second = record("square:P1", held);
    ASSERT_TRUE(second.duplicate());
    EXPECT_EQ(second.user()->text(), "U1");
    EXPECT_EQ(second.duplicate()->seen.processed_at, clock_.now() - 60s);
  }
  EXPECT_EQ(run(store_.fetch(user()))->version, 1u);
}

TEST_P(RecordTest, MarkLivesAsLongAsTheCallerSays) {
  link();
  auto long_lived = purchase();
  long_lived.transaction_lifetime = 8'640'000s;
  run(store_.record_capture(long_lived)).value();
  clock_.advance(8'640'000s - 1s);
  EXPECT_TRUE(record("square:P1").duplicate());
  clock_.advance(1s);
  EXPECT_TRUE(record("square:P1").recorded());
}

TEST_P(RecordTest, AClockThatWasFarAheadForAMomentForgetsNoPaymentForGood) {
  link();
  record("square:P1");
  clock_.advance(400 * 86'400s);
  for (const char* name : {"U2", "U3", "U4"}) EXPECT_TRUE(run(store_.get_or_init(user(name))));
  clock_.advance(-400 * 86'400s);
  EXPECT_TRUE(record("square:P1").duplicate());
  EXPECT_EQ(run(store_.snapshot(user()))->captures.size(), 1u);
}

TEST_P(RecordTest, AClockThatIsFarBehindMarksThePaymentFromItsOwnTimeOn) {
  link();
  const auto paid_at = now();
  clock_.set(paid_at - 400 * 24h);
  auto bought = purchase();
  bought.event.timestamp = paid_at;
  EXPECT_TRUE(must(run(store_.record_capture(bought))).recorded());
  auto back = refund_of("square:R1:refund", 100, RefundKind::Refund, "square:P2");
  back.reported_at = paid_at;
  EXPECT_EQ(must(run(store_.record_refund(back))).state(), RefundOutcome::State::UnknownPayment);
  clock_.set(paid_at + settings_.transaction_lifetime - 1s);
  EXPECT_TRUE(must(run(store_.record_capture(bought))).duplicate());
  EXPECT_TRUE(row(store::refund_ledger_key("square:P2")));
  clock_.set(paid_at + settings_.pending_lifetime - 1s);
  EXPECT_EQ(must(run(store_.list_captures(user()))).size(), 1u);
  // The other refund still waits for its payment.
  auto second = purchase("square:P2");
  second.event.timestamp = paid_at;
  must(run(store_.record_capture(second)));
  EXPECT_EQ(must(run(store_.list_captures(user()))).front().refunded.minor_units, 100u);
}

TEST_P(RecordTest, ATimeThatIsNoneInSecondsKeepsNothingForEver) {
  link();
  auto bought = purchase();
  bought.event.timestamp = from_unix_seconds(unix_seconds(now()) * 1000);
  must(run(store_.record_capture(bought)));
  advance(settings_.transaction_lifetime);
  EXPECT_TRUE(must(run(store_.record_capture(bought))).recorded());
}

TEST_P(RecordTest, SixteenDeliveriesOfOnePaymentCountOnce) {
  link();
  std::atomic<int> recorded{0};
  std::atomic<int> duplicates{0};
  race(16, [&](int) {
    const auto outcome = run(store_.record_capture(purchase()));
    ASSERT_TRUE(outcome) << outcome.error().message;
    ++(outcome->recorded() ? recorded : duplicates);
  });
  EXPECT_EQ(recorded, 1);
  EXPECT_EQ(duplicates, 15);
  EXPECT_EQ(run(store_.fetch(user()))->version, 1u);
}

TEST_P(RecordTest, TwelveInOneSecondKeepTenAndHandTwoBack) {
  link();
  std::size_t dropped = 0;
  HeldState held;
  for (int i = 0; i < 12; ++i) {
    const auto outcome = record("square:P" + std::to_string(i), held);
    dropped += outcome.recorded()->dropped.size();
    held = outcome.held();
  }
  EXPECT_EQ(dropped, 2u);
  EXPECT_EQ(run(store_.list_captures(user()))->size(), 10u);
  EXPECT_EQ(run(store_.fetch(user()))->recent_events.size(), 10u);
}

TEST_P(RecordTest, RacingPurchasesOfOneUserAreAllCounted) {
  link();
  std::atomic<std::size_t> dropped{0};
  race(6, [&](int i) {
    for (int n = 0; n < 3; ++n) {
      const auto outcome = run(store_.record_capture(purchase(fmt::format("square:{}-{}", i, n))));
      ASSERT_TRUE(outcome) << outcome.error().message;
      dropped += outcome->recorded()->dropped.size();
    }
  });
  EXPECT_EQ(dropped, 8u);
  EXPECT_EQ(run(store_.list_captures(user()))->size(), 10u);
  EXPECT_EQ(run(store_.fetch(user()))->version, 18u);
}

TEST_P(RecordTest, FullContextStillTakesCaptures) {
  link();
  run(store_.get_or_init(user())).value();
  const auto most = *JsonText::parse('"' + std::string(383 * 1024 - 900, 'x') + '"');
  ASSERT_TRUE(run(store_.remember(user(), "big", most)));
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(record("square:P" + std::to_string(i)).recorded());
}

TEST_P(RecordTest, StaleCardIsNeverBelieved) {
  link();
  const auto held = record("square:P1").held();
  run(store_.link(card(), user("U2"), "4242", LinkOptions().transfer())).value();
  const auto outcome = record("square:P2", held);
  EXPECT_TRUE(outcome.recorded());
  EXPECT_EQ(outcome.user()->text(), "U2");
  run(store_.unlink(card())).value();
  EXPECT_TRUE(record("square:P3", outcome.held()).unknown_card());
  EXPECT_FALSE(run(store_.is_processed(transaction("square:P3")))->has_value());
}

TEST_P(RecordTest, StaleContextIsNeverBelieved) {
  link();
  const auto held = record("square:P1").held();
  run(store_.remember(user(), "k", *JsonText::parse("1"))).value();
  EXPECT_EQ(record("square:P2", held).recorded()->version, 3u);
  EXPECT_EQ(run(store_.recall(user(), "k"))->text(), "1");
}

class RecordFaultsTest : public PurchaseTest {
 protected:
  void SetUp() override { run(store_.link(card(), user(), "4242")).value(); }
  std::size_t captures() { return run(store_.list_captures(user()))->size(); }
};
LOOPSTATE_STORE_SUITE(RecordFaultsTest);

TEST_P(RecordFaultsTest, RepeatUnderItsRequestIdAfterALostReplyIsTheSameAnswer) {
  HeldState held;
  for (int i = 0; i < 10; ++i) {
    held = run(store_.record_capture(purchase("square:F" + std::to_string(i)), RecordOptions().held(held)))
               ->held();
  }
  for (const bool warm : {false, true}) {
    const std::string id = warm ? "square:warm" : "square:cold";
    CallOptions options;
    options.request_id(warm ? "warm" : "cold");
    table_->lose_replies(1);
    EXPECT_EQ(run(store_.record_capture(purchase(id), options)).error().code, ErrorCode::OutcomeUnknown);
    clock_.advance(2s);
    const auto again =
        run(store_.record_capture(purchase(id), RecordOptions(options).held(warm ? held : HeldState{})))
            .value();
    ASSERT_TRUE(again.recorded());
    EXPECT_EQ(again.recorded()->dropped.size(), 1u);
    EXPECT_FALSE(again.recorded()->capture_id.empty());
  }
  EXPECT_EQ(captures(), 10u);
  EXPECT_EQ(run(store_.fetch(user()))->version, 12u);
}

TEST_P(RecordFaultsTest, EngineThatSendsEveryWriteTwiceRecordsOnce) {
  table_->repeat_writes(true);
  HeldState held;
  for (int i = 0; i < 12; ++i) {
    const auto outcome =
        run(store_.record_capture(purchase("square:P" + std::to_string(i)), RecordOptions().held(held)))
            .value();
    EXPECT_TRUE(outcome.recorded());
    held = outcome.held();
  }
  run(store_.record_refund(refund_of("square-refund:R", 50, RefundKind::Refund, "square:P11"))).value();
  table_->repeat_writes(false);
  EXPECT_EQ(captures(), 10u);
  EXPECT_EQ(run(store_.list_captures(user()))->front().refunded.minor_units, 50u);
  EXPECT_EQ(run(store_.fetch(user()))->version, 13u);
}

TEST_P(RecordFaultsTest, RepeatUnderAnotherIdIsADuplicate) {
  table_->lose_replies(1);
  EXPECT_FALSE(run(store_.record_capture(purchase())));
  EXPECT_TRUE(run(store_.record_capture(purchase()))->duplicate());
  EXPECT_EQ(captures(), 1u);
}

TEST_P(RecordFaultsTest, RefundInTheMeantimeIsInWhatIsDropped) {
  HeldState held;
  for (int i = 0; i < 10; ++i) {
    held = run(store_.record_capture(purchase("square:P" + std::to_string(i)), RecordOptions().held(held)))
               ->held();
  }
  run(store_.record_refund(refund_of("square-refund:R", 50, RefundKind::Refund, "square:P0"))).value();
  const auto outcome = run(store_.record_capture(purchase("square:P10"), RecordOptions().held(held))).value();
  ASSERT_EQ(outcome.recorded()->dropped.size(), 1u);
  EXPECT_EQ(outcome.recorded()->dropped[0].refunded.minor_units, 50u);
}

TEST_P(RecordFaultsTest, RustCratesDuplicateIsSeen) {
  table::Item mark;
  mark.key = store::processed_key("square:P1");
  mark.attributes.set("user_pubkey", "U9");
  mark.attributes.set("cred_amount", table::Value::number(std::uint64_t{5}));
  mark.attributes.set("processed_at", table::Value::number(std::int64_t{7}));
  place(mark);
  const auto outcome = run(store_.record_capture(purchase())).value();
  EXPECT_TRUE(outcome.duplicate());
  EXPECT_EQ(outcome.user()->text(), "U9");
}

TEST_P(RecordFaultsTest, FailureBeforeTheWriteLeavesNothing) {
  table_->fail_writes(1);
  EXPECT_EQ(run(store_.record_capture(purchase())).error().code, ErrorCode::Unavailable);
  EXPECT_FALSE(run(store_.is_processed(transaction()))->has_value());
  EXPECT_EQ(captures(), 0u);
}

TEST_P(RecordFaultsTest, CardThatChangesHandsInBetweenCountsForItsNewOwner) {
  table_->before_next_call(
      [&] {
        auto changed = row(store::card_key("loop_fp_1")).value();
        changed.attributes.set("user_pubkey", "U2");
        place(changed);
      },
      2);  // before the transaction
  const auto outcome = run(store_.record_capture(purchase())).value();
  EXPECT_TRUE(outcome.recorded());
  EXPECT_EQ(outcome.user()->text(), "U2");
  EXPECT_EQ(captures(), 0u);
}

}  // namespace
}  // namespace loopstate::testing
