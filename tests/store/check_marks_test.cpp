// A capture names the mark of its payment, so that a missing mark is noticed and restored.
#include "store/purchases.hpp"
#include "store/rows/attributes.hpp"
#include "store/upkeep/check.hpp"

namespace loopstate::testing {
namespace {

using store::CheckFinding;
using Kind = store::CheckFinding::Kind;

class CaptureMarks : public PurchaseTest {
 protected:
  void SetUp() override { must(run(store_.link(card(), user(), "4242"))); }

  std::vector<CheckFinding> check(bool repair = false) {
    std::vector<CheckFinding> findings;
    store::CheckOptions options;
    options.repair = repair;
    must(run(store::check_table(
        store_, options, clock_, [&](const CheckFinding& finding) { findings.push_back(finding); },
        [](const store::CheckCounts&) {})));
    return findings;
  }
  RecordOutcome record(const PurchaseRecord& what) { return must(run(store_.record_capture(what))); }
  std::optional<table::Item> mark() { return row(store::processed_key("square:P1")); }
  void remove_mark() { remove(store::processed_key("square:P1")); }
  Capture pending() { return must(run(store_.list_captures(user()))).at(0); }
};
LOOPSTATE_STORE_SUITE(CaptureMarks);

TEST_P(CaptureMarks, AreNamedByTheCapturesRowWithTheirEnd) {
  auto bought = purchase();
  bought.transaction_lifetime = 100 * 24h;
  const auto recorded = record(bought);
  const auto added =
      must(run(store_.add_capture(user(), capture(), AddCaptureOptions().transaction(txn("square:P2")))));
  const auto named = row(store::pending_key("U1", recorded.recorded()->capture_id)).value();
  EXPECT_EQ(*named.string("transaction"), "square:P1");
  EXPECT_EQ(named.time("marked_until"), now() + 100 * 24h);
  EXPECT_EQ(named.time("marked_until"), mark()->time("ttl"));
  const auto other = row(store::pending_key("U1", added.added()->capture.id)).value();
  EXPECT_EQ(*other.string("transaction"), "square:P2");
  EXPECT_EQ(other.time("marked_until"), now() + settings_.transaction_lifetime);
  const auto without = must(run(store_.add_capture(user(), capture())));
  EXPECT_EQ(row(store::pending_key("U1", without.added()->capture.id))->find("transaction"), nullptr);
  EXPECT_TRUE(check().empty());
}

TEST_P(CaptureMarks, ThatAreGoneAreFoundAndMadeAgainAsTheyWere) {
  const auto recorded = record(purchase());
  auto before = mark().value();
  remove_mark();
  advance(1000s);
  const auto findings = check();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].kind, Kind::CaptureWithoutMark);
  EXPECT_EQ(findings[0].item, "USER#U1|PENDING#" + recorded.recorded()->capture_id);
  EXPECT_THAT(findings[0].detail, ::testing::HasSubstr("square:P1"));
  EXPECT_FALSE(mark()) << "nothing is changed unless asked for";

  EXPECT_TRUE(check(true).at(0).mended);
  auto after = mark().value();
  for (auto* one : {&before, &after}) one->attributes.remove("write_id");
  EXPECT_EQ(after, before);
  EXPECT_TRUE(record(purchase()).duplicate());
  EXPECT_EQ(must(run(store_.list_captures(user()))).size(), 1u);
  EXPECT_TRUE(check().empty());
}

TEST_P(CaptureMarks, AreNotMissedOnceTheirOwnTimeIsOverOrTheCaptures) {
  auto short_mark = purchase("square:P1");
  short_mark.transaction_lifetime = 100s;
  record(short_mark);
  auto short_capture = purchase("square:P2");
  short_capture.capture.expires_at = now() + 50s;
  record(short_capture);
  remove(store::processed_key("square:P2"));
  advance(50s);
  EXPECT_TRUE(check().empty());
  advance(50s);
  remove_mark();
  EXPECT_TRUE(check().empty());
}

TEST_P(CaptureMarks, AreMadeAgainWithWhatWasRefunded) {
  record(purchase());
  must(run(store_.record_refund(refund_of("R1", 300))));
  const auto before = mark().value();
  remove_mark();
  const auto context = must(run(store_.fetch(user())));
  EXPECT_TRUE(check(true).at(0).mended);
  EXPECT_EQ(mark()->uint64("refunded_cents"), 300u);
  EXPECT_EQ(must(run(store_.fetch(user()))), context) << "nothing new happened to the user";
  EXPECT_EQ(must(run(store_.record_refund(refund_of("R1", 300)))).state(), RefundOutcome::State::Duplicate);
  must(run(store_.record_refund(refund_of("R2", 200))));
  EXPECT_EQ(pending().refunded.minor_units, 500u);
}

TEST_P(CaptureMarks, AreMadeAgainWithWhatWasReportedWhileTheyWereGone) {
  record(purchase());
  must(run(store_.record_refund(refund_of("R1", 300))));
  remove_mark();
  must(run(store_.record_refund(refund_of("R2", 200))));
  EXPECT_EQ(pending().refunded.minor_units, 300u);
  EXPECT_TRUE(check(true).at(0).mended);
  EXPECT_EQ(mark()->uint64("refunded_cents"), 500u);
  EXPECT_EQ(pending().refunded.minor_units, 500u);
  EXPECT_EQ(must(run(store_.fetch(user()))).recent_events.at(0).amount, 200u);
  EXPECT_TRUE(check().empty());
}

TEST_P(CaptureMarks, AreMadeAgainWithoutRefundsThatFailedWhileTheyWereGone) {
  record(purchase());
  auto refund = refund_of("R1", 300);
  must(run(store_.record_refund(refund)));
  remove_mark();
  refund.state = RefundRecord::State::GivenBack;
  must(run(store_.record_refund(refund)));
  EXPECT_TRUE(check(true).at(0).mended);
  EXPECT_EQ(mark()->find("refunded_cents"), nullptr);
  EXPECT_EQ(pending().refunded.minor_units, 0u);
}

TEST_P(CaptureMarks, AreMadeAgainWithWhatTheCaptureSaysWhereTheLedgerIsGoneToo) {
  record(purchase());
  must(run(store_.record_refund(refund_of("R1", 300))));
  remove_mark();
  remove(store::refund_ledger_key("square:P1"));
  EXPECT_TRUE(check(true).at(0).mended);
  EXPECT_EQ(mark()->uint64("refunded_cents"), 300u);
}

TEST_P(CaptureMarks, OfACaptureThatIsSettledMeanwhileAreNotMadeAgain) {
  const auto id = record(purchase()).recorded()->capture_id;
  remove_mark();
  // The scan, the look at the card, at the marks, at the capture with its mark, the repair's; then its write.
  table_->before_next_call([&] { must(run(store_.settle_capture(user(), id))); }, 5);
  EXPECT_FALSE(check(true).at(0).mended);
  EXPECT_FALSE(mark());
}

TEST_P(CaptureMarks, ThatAPaymentDeliveredAgainBringsBackAreNoFinding) {
  record(purchase());
  const auto there = mark().value();
  remove_mark();
  table_->before_next_call([&] { place(there); }, 3);
  EXPECT_TRUE(check().empty());
}

TEST_P(CaptureMarks, OfMoreCapturesThanOneRequestAsksForAreAllLookedFor) {
  settings_.max_pending_captures = 200;
  use_settings(settings_);
  std::optional<Context> held;
  for (int i = 0; i < 120; ++i) {
    must(run(store_.add_capture(user(), capture(),
                                AddCaptureOptions().transaction(txn("t" + std::to_string(i))))));
    remove(store::processed_key("t" + std::to_string(i)));
  }
  EXPECT_EQ(check(true).size(), 120u);
  EXPECT_TRUE(check().empty());
}

}  // namespace
}  // namespace loopstate::testing
