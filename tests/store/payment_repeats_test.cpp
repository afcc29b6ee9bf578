// Captures, purchases and marks, repeated under their request id.
#include <fmt/format.h>

#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

class PaymentRepeats : public PurchaseTest {
 protected:
  void SetUp() override { must(run(store_.link(card(), user(), "4242"))); }
  Result<AddedCapture> add(std::uint64_t amount, CallOptions options = {}) {
    return run(store_.add_capture(user(), capture(amount), std::move(options)));
  }
  Result<Capture> settle(const std::string& id, CallOptions options = {}) {
    return run(store_.settle_capture(user(), id, std::move(options)));
  }
  Result<RecordOutcome> record(std::string_view id, CallOptions options = {}, HeldState held = {}) {
    return run(store_.record_capture(purchase(id), RecordOptions(std::move(options)).held(std::move(held))));
  }
  void others_write() {
    for (int i = 0; i < 17; ++i) must(run(store_.push_event(user(), event("other"))));
  }
  std::size_t pending() { return must(run(store_.list_captures(user()))).size(); }
};
LOOPSTATE_STORE_SUITE(PaymentRepeats);

TEST_P(PaymentRepeats, OfASettlementAnswerTheCaptureThatWasSettled) {
  const auto added = must(add(1250)).added()->capture;
  EXPECT_EQ(must(settle(added.id, request("r"))), added);
  others_write();
  EXPECT_EQ(must(settle(added.id, request("r"))), added);
  EXPECT_ERROR(settle(added.id, request("other")), NotFound);
}

TEST_P(PaymentRepeats, OfAnAdditionHandBackWhatWasDroppedAlthoughTheCaptureHasLeftSince) {
  for (std::uint64_t i = 1; i <= 10; ++i) must(add(i));
  table_->lose_replies(1);
  EXPECT_ERROR(add(11, request("r")), OutcomeUnknown);
  const auto id = must(run(store_.list_captures(user()))).front().id;
  others_write();
  must(settle(id));
  const auto again = must(add(11, request("r")));
  EXPECT_EQ(again.added()->capture.id, id);
  EXPECT_EQ(again.added()->capture.amount.minor_units, 11u);
  ASSERT_EQ(again.added()->dropped.size(), 1u);
  EXPECT_EQ(again.added()->dropped[0].amount.minor_units, 1u);
  EXPECT_EQ(pending(), 9u);
}

TEST_P(PaymentRepeats, OfAPurchaseAnswerItsOwnVersionAndDropped) {
  for (std::uint64_t i = 1; i <= 10; ++i) must(add(i));
  table_->lose_replies(1);
  EXPECT_ERROR(record("a", request("r")), OutcomeUnknown);
  const auto version = must(run(store_.fetch(user()))).version;
  others_write();
  const auto again = must(record("a", request("r")));
  ASSERT_TRUE(again.recorded());
  EXPECT_EQ(again.user()->text(), "U1");
  EXPECT_EQ(again.recorded()->version, version);
  ASSERT_EQ(again.recorded()->dropped.size(), 1u);
  EXPECT_EQ(again.recorded()->dropped[0].amount.minor_units, 1u);
  EXPECT_TRUE(must(record("a", request("other"))).duplicate());
}

TEST_P(PaymentRepeats, OfAnotherPaymentUnderTheSameIdAreRefusedAndNotAnsweredAsDone) {
  const auto first = must(record("a", request("r")));
  EXPECT_ERROR(record("b", request("r")), RequestIdReused);
  EXPECT_ERROR(record("b", request("r"), first.held()), RequestIdReused);
  EXPECT_FALSE(must(run(store_.is_processed(txn("b")))));
  EXPECT_EQ(pending(), 1u);
  EXPECT_TRUE(must(record("b", request("s"))).recorded());
}

TEST_P(PaymentRepeats, OfASettlementUnderAnAdditionsIdAreRefused) {
  const auto added = must(add(1250, request("r"))).added()->capture;
  EXPECT_ERROR(settle(added.id, request("r")), RequestIdReused);
  EXPECT_EQ(pending(), 1u);
}

TEST_P(PaymentRepeats, OfAPurchaseAnswerTheSameOnceTheCardIsSomebodyElses) {
  const auto first = must(record("a", request("r")));
  must(run(store_.link(card(), user("U2"), "", LinkOptions().transfer())));
  const auto again = must(record("a", request("r")));
  ASSERT_TRUE(again.recorded());
  EXPECT_EQ(again.user()->text(), "U1");
  EXPECT_EQ(again.recorded()->capture_id, first.recorded()->capture_id);
}

TEST_P(PaymentRepeats, OfAMarkStayFirst) {
  EXPECT_TRUE(must(run(store_.mark_processed(txn(), user(), 5, request("r")))).first);
  advance(60s);
  const auto again = must(run(store_.mark_processed(txn(), user(), 5, request("r"))));
  EXPECT_TRUE(again.first);
  EXPECT_EQ(again.record.processed_at, kStart);
  EXPECT_ERROR(run(store_.mark_processed(txn(), user(), 6, request("r"))), RequestIdReused);
  EXPECT_FALSE(must(run(store_.mark_processed(txn(), user(), 5, request("other")))).first);
}

TEST_P(PaymentRepeats, WhoseAnswerDoesNotFitOneItemAreAnsweredAllTheSame) {
  table::Item large;
  const auto id = fmt::format("{:020}", unix_seconds(now() - 5s));
  large.key = store::pending_key("U1", id);
  large.attributes.set(
      "capture_data",
      fmt::format(R"({{"merchant_id":"M1","merchant_name":null,"amount_cents":7,"card_last4":null,)"
                  R"("proof_data":"{}","proof_type":null,"location":null,"created_at":1,)"
                  R"("expires_at":{}}})",
                  std::string(408'900, 'x'), unix_seconds(now() + 100s)));
  large.attributes.set("created_at", table::Value::time(now() - 5s));
  large.attributes.set("ttl", table::Value::time(now() + 100s));
  place(std::move(large));
  const auto first = must(settle(id, request("r")));
  EXPECT_EQ(first.amount.minor_units, 7u);
  EXPECT_EQ(must(settle(id, request("r"))), first);
  EXPECT_EQ(must(settle(id, request("r"))).proof_data->size(), 408'900u);
}

TEST_P(PaymentRepeats, CostNoMoreRequests) {
  EXPECT_EQ(requests_of(store_.record_capture(purchase("a"), request("a"))), 3u);
  const auto held = must(record("b", request("b"))).held();
  EXPECT_EQ(requests_of(store_.record_capture(purchase("c"), RecordOptions(request("c")).held(held))), 1u);
  EXPECT_EQ(requests_of(store_.record_capture(purchase("c"), RecordOptions(request("c")).held(held))), 1u)
      << "repeated";
  EXPECT_EQ(requests_of(store_.record_capture(purchase("c"), RecordOptions(request("d")).held(held))), 1u)
      << "a duplicate";
  EXPECT_EQ(requests_of(store_.record_capture(purchase("c"), request("d"))), 1u) << "a duplicate, cold";
  EXPECT_EQ(requests_of(store_.record_capture(purchase("d", "loop_fp_9"), request("e"))), 1u) << "no card";
}

TEST_P(PaymentRepeats, AnIdOfAnotherWriteIsRefusedWhereThePaymentIsADuplicate) {
  const auto held = must(record("a", request("a"))).held();
  must(record("b", request("b")));
  EXPECT_ERROR(run(store_.record_capture(purchase("b"), request("a"))), RequestIdReused) << "cold";
  EXPECT_ERROR(run(store_.record_capture(purchase("b"), RecordOptions(request("a")).held(held))),
               RequestIdReused)
      << "warm";
  EXPECT_ERROR(run(store_.record_capture(purchase("c", "loop_fp_9"), request("a"))), RequestIdReused)
      << "no card";
  EXPECT_ERROR(run(store_.mark_processed(transaction("b"), user(), 1, request("a"))), RequestIdReused)
      << "a mark";
  EXPECT_EQ(requests_of(store_.record_capture(purchase("b"), request("a"))), 1u);
  EXPECT_EQ(requests_of(store_.record_capture(purchase("b"), RecordOptions(request("a")).held(held))), 1u);
}

class UnknownOutcomes : public PaymentRepeats {
 protected:
  /// Whether the store says that a call whose reply was lost may be repeated.
  template <typename T>
  bool retryable(std::function<Task<Result<T>>()> call) {
    table_->lose_replies(1);
    const auto answer = run(call());
    EXPECT_ERROR(answer, OutcomeUnknown);
    return !answer && answer.error().retryable;
  }
};
LOOPSTATE_STORE_SUITE(UnknownOutcomes);

TEST_P(UnknownOutcomes, MayBeRepeatedUnderARequestId) {
  EXPECT_TRUE(retryable<Context>([&] { return store_.push_event(user(), event(), request("a")); }));
  EXPECT_TRUE(retryable<AddedCapture>([&] { return store_.add_capture(user(), capture(), request("b")); }));
  EXPECT_TRUE(retryable<EraseReceipt>([&] { return store_.erase_user(user(), request("c")); }));
}

TEST_P(UnknownOutcomes, MayBeRepeatedWithoutOneWhereTheCallIsToldApartByItself) {
  EXPECT_TRUE(retryable<Context>([&] { return store_.get_or_init(user()); }));
  const auto context = must(run(store_.fetch(user())));
  EXPECT_TRUE(retryable<Context>([&] { return store_.push(context); }));
  EXPECT_TRUE(retryable<RecordOutcome>([&] { return store_.record_capture(purchase("a")); }));
  EXPECT_TRUE(retryable<AddedCapture>(
      [&] { return store_.add_capture(user(), capture(), AddCaptureOptions().transaction(txn("b"))); }));
  EXPECT_TRUE(retryable<MarkOutcome>([&] { return store_.mark_processed(txn("c"), user(), 1); }));
  const auto id = must(run(store_.list_captures(user()))).front().id;
  EXPECT_TRUE(retryable<Capture>([&] { return store_.settle_capture(user(), id); }));
}

TEST_P(UnknownOutcomes, MayNotBeRepeatedWhereThatCouldDoItTwice) {
  must(run(store_.get_or_init(user())));
  const auto one = *JsonText::parse("1");
  EXPECT_FALSE(retryable<Context>([&] { return store_.push_event(user(), event()); }));
  EXPECT_FALSE(retryable<Context>([&] { return store_.remember(user(), "k", one); }));
  EXPECT_FALSE(retryable<AddedCapture>([&] { return store_.add_capture(user(), capture()); }));
  EXPECT_FALSE(
      retryable<Context>([&] { return store_.update(user(), [](Context&) -> Result<void> { return {}; }); }));
  EXPECT_FALSE(retryable<EraseReceipt>([&] { return store_.erase_user(user()); })) << "brought back since";
}

}  // namespace
}  // namespace loopstate::testing
