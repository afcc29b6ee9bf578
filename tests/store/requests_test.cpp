// How many requests each call costs. Each number here is a promise in docs/requests.md.
#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

class RequestsTest : public PurchaseTest {
 protected:
  void SetUp() override {
    run(store_.link(card(), user(), "4242")).value();
    context_ = run(store_.get_or_init(user())).value();
  }
  ContextChange change() {
    ContextChange change;
    change.path = "vault.cred_balance";
    change.value = *JsonText::parse("5");
    return change;
  }
  HeldState record(std::string_view id, HeldState held = {}) {
    return run(store_.record_capture(purchase(id), RecordOptions().held(std::move(held))))->held();
  }
  Context context_;
};
LOOPSTATE_STORE_SUITE(RequestsTest);

TEST_P(RequestsTest, Reads) {
  EXPECT_EQ(requests_of(store_.fetch(user())), 1u);
  EXPECT_EQ(requests_of(store_.lookup(card())), 1u);
  EXPECT_EQ(requests_of(store_.cards_of(user())), 1u);
  EXPECT_EQ(requests_of(store_.snapshot(user())), 1u);
  EXPECT_EQ(requests_of(store_.list_captures(user())), 1u);
  EXPECT_EQ(requests_of(store_.is_processed(transaction())), 1u);
  EXPECT_EQ(requests_of(store_.get_location(user())), 1u);
  EXPECT_EQ(requests_of(store_.get_session(user())), 1u);
  EXPECT_EQ(requests_of(store_.get_or_init(user())), 1u);
}

TEST_P(RequestsTest, TwoHundredAndFiftyUsersAreThreeBatches) {
  std::vector<UserId> users;
  for (int i = 0; i < 250; ++i) users.push_back(user("U" + std::to_string(i)));
  EXPECT_EQ(requests_of(store_.fetch_many(users)), 3u);
}

TEST_P(RequestsTest, ContextWritesAreOneWhenHeldAndTwoOtherwise) {
  auto held = context_;
  EXPECT_EQ(requests_of(store_.patch(user(), {change()}, WriteOptions().held(held))), 1u);
  EXPECT_THAT(requests_of(store_.patch(user(), {change()})), after_reading(2));
  held = run(store_.fetch(user())).value();
  EXPECT_EQ(requests_of(store_.push_event(user(), event(), WriteOptions().held(held))), 1u);
  EXPECT_EQ(requests_of(store_.push_event(user(), event(), WriteOptions().held(held))), 2u) << "stale";
  EXPECT_THAT(requests_of(store_.push_event(user(), event())), after_reading(2));
  held = run(store_.fetch(user())).value();
  EXPECT_EQ(requests_of(store_.push(held)), 1u);
  EXPECT_EQ(requests_of(store_.push_event(user("U9"), event())), 2u) << "a new user";
}

TEST_P(RequestsTest, Cards) {
  EXPECT_EQ(requests_of(store_.link(card("loop_fp_2"), user(), "4242")), 1u);
  EXPECT_EQ(requests_of(store_.link(card("loop_fp_2"), user("U2"), "4242", LinkOptions().transfer())), 2u);
  EXPECT_EQ(requests_of(store_.unlink(card("loop_fp_2"), UnlinkOptions().owner(user("U2")))), 1u);
}

TEST_P(RequestsTest, Transactions) {
  EXPECT_EQ(requests_of(store_.mark_processed(transaction("t"), user(), 5)), 1u);
  EXPECT_EQ(requests_of(store_.mark_processed(transaction("t"), user(), 5)), 1u);
}

TEST_P(RequestsTest, SessionAuthorizeIsOne) {
  EXPECT_EQ(requests_of(store_.store_session(user(), session())), 1u);
  EXPECT_EQ(requests_of(store_.authorize(user(), "read")), 1u);
  EXPECT_EQ(requests_of(store_.authorize(user(), "stake")), 1u);
}

TEST_P(RequestsTest, Location) {
  EXPECT_EQ(requests_of(store_.set_location(user(), merchant())), 1u);
  EXPECT_EQ(requests_of(store_.clear_location(user())), 1u);
}

TEST_P(RequestsTest, CaptureIsThreeColdOneWarmTwoStale) {
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P1"))), 3u);
  auto held = record("square:P2");
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P3"), RecordOptions().held(held))), 1u);
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P4"), RecordOptions().held(held))), 2u);
}

TEST_P(RequestsTest, CaptureIsThreeColdOneWarmTwoStaleWithAFullRing) {
  HeldState held;
  for (int i = 0; i < 10; ++i) held = record("square:P" + std::to_string(i), held);
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:A"), RecordOptions().held(held))), 1u);
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:B"), RecordOptions().held(held))), 2u);
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:C"))), 3u);
}

TEST_P(RequestsTest, DuplicateAndUnknownCardAreOne) {
  const auto held = record("square:P1");
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P1"))), 1u);
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P1"), RecordOptions().held(held))), 1u);
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P9", "loop_fp_9"))), 1u);
}

TEST_P(RequestsTest, CapturesOfAUser) {
  EXPECT_EQ(requests_of(store_.add_capture(user(), capture())), 2u);
  const auto held = run(store_.fetch(user())).value();
  EXPECT_EQ(requests_of(store_.add_capture(user(), capture(), AddCaptureOptions().held(held))), 1u);
  const auto id = run(store_.list_captures(user()))->front().id;
  EXPECT_EQ(requests_of(store_.settle_capture(user(), id)), 2u);
}

TEST_P(RequestsTest, RefundIsThree) {
  const auto held = record("square:P1");
  const auto first = refund_of("square-refund:1", 1);
  const auto second = refund_of("square-refund:2", 1);
  EXPECT_EQ(requests_of(store_.record_refund(first, RecordOptions().held(held))), 2u);
  EXPECT_EQ(requests_of(store_.record_refund(second)), 3u);
  EXPECT_EQ(requests_of(store_.record_refund(second)), 1u);
}

TEST_P(RequestsTest, ErasureIsThree) {
  EXPECT_EQ(requests_of(store_.erase_user(user())), 3u);
}

}  // namespace
}  // namespace loopstate::testing
