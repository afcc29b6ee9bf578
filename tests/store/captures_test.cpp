// Pending captures: the ring, what it drops, and settling.
#include <set>

#include "store/purchases.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/keys.hpp"

namespace loopstate::testing {
namespace {

class CapturesTest : public PurchaseTest {
 protected:
  AddedCapture add(std::uint64_t amount = 100) {
    return run(store_.add_capture(user(), capture(amount))).value();
  }
  std::vector<std::uint64_t> amounts() {
    std::vector<std::uint64_t> all;
    const auto captures = run(store_.list_captures(user())).value();
    for (const auto& capture : captures) all.push_back(capture.amount.minor_units);
    return all;
  }
};
LOOPSTATE_STORE_SUITE(CapturesTest);

TEST_P(CapturesTest, AddedIsListedAsItWasGiven) {
  auto given = capture(1250);
  given.merchant_name = "Café \"x\"";
  given.card_last4 = "4242";
  const auto added = run(store_.add_capture(user(), given)).value();
  ASSERT_TRUE(added.added());
  EXPECT_TRUE(added.added()->dropped.empty());
  const auto listed = run(store_.list_captures(user())).value();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0], added.added()->capture);
  EXPECT_EQ(listed[0].merchant_name, given.merchant_name);
  EXPECT_EQ(listed[0].created_at, clock_.now());
  EXPECT_EQ(listed[0].expires_at, clock_.now() + settings_.pending_lifetime);
  EXPECT_EQ(run(store_.fetch(user()))->version, added.added()->version);
}

TEST_P(CapturesTest, TwoInOneSecondAreTwo) {
  add(1);
  add(1);
  EXPECT_EQ(amounts().size(), 2u);
}

TEST_P(CapturesTest, FullRingDropsTheOldestAndHandsItBack) {
  for (std::uint64_t i = 1; i <= 10; ++i) EXPECT_TRUE(add(i).added()->dropped.empty());
  const auto eleventh = add(11);
  ASSERT_EQ(eleventh.added()->dropped.size(), 1u);
  EXPECT_EQ(eleventh.added()->dropped[0].amount.minor_units, 1u);
  EXPECT_EQ(eleventh.added()->dropped[0].amount.currency, Currency{"EUR"});
  EXPECT_EQ(amounts(), (std::vector<std::uint64_t>{11, 10, 9, 8, 7, 6, 5, 4, 3, 2}));
}

TEST_P(CapturesTest, RingOfOneNeverDropsTheOneJustAdded) {
  StoreSettings settings;
  settings.max_pending_captures = 1;
  use_settings(settings);
  add(1);
  EXPECT_EQ(add(2).added()->dropped.at(0).amount.minor_units, 1u);
  EXPECT_EQ(amounts(), std::vector<std::uint64_t>{2});
}

TEST_P(CapturesTest, LoweredBoundDropsTheRestWithTheNext) {
  for (std::uint64_t i = 1; i <= 10; ++i) add(i);
  StoreSettings settings;
  settings.max_pending_captures = 3;
  use_settings(settings);
  EXPECT_EQ(add(11).added()->dropped.size(), 8u);
  EXPECT_EQ(amounts(), (std::vector<std::uint64_t>{11, 10, 9}));
}

TEST_P(CapturesTest, ExpiredOnesTakeNoPlace) {
  for (std::uint64_t i = 1; i <= 5; ++i) add(i);
  clock_.advance(settings_.pending_lifetime - 1s);
  for (std::uint64_t i = 6; i <= 10; ++i) add(i);
  clock_.advance(1s);
  EXPECT_EQ(amounts(), (std::vector<std::uint64_t>{10, 9, 8, 7, 6}));
  EXPECT_TRUE(add(11).added()->dropped.empty());
  EXPECT_EQ(amounts().size(), 6u);
}

TEST_P(CapturesTest, ExpiredOnesTakeNoPlaceInAHeldContextEither) {
  for (std::uint64_t i = 1; i <= 10; ++i) add(i);
  const auto held = run(store_.fetch(user())).value();
  clock_.advance(settings_.pending_lifetime);
  EXPECT_TRUE(
      run(store_.add_capture(user(), capture(11), AddCaptureOptions().held(held)))->added()->dropped.empty());
  EXPECT_EQ(amounts(), std::vector<std::uint64_t>{11});
}

TEST_P(CapturesTest, RacingAddsAreAllThereOrHandedBack) {
  std::mutex mutex;
  std::multiset<std::uint64_t> dropped;
  race(8, [&](int i) {
    for (int n = 0; n < 3; ++n) {
      const auto added = run(store_.add_capture(user(), capture(static_cast<std::uint64_t>(i * 3 + n))));
      ASSERT_TRUE(added) << added.error().message;
      const std::lock_guard lock(mutex);
      for (const auto& capture : added->added()->dropped) dropped.insert(capture.amount.minor_units);
    }
  });
  auto all = dropped;
  for (const auto amount : amounts()) all.insert(amount);
  EXPECT_EQ(all.size(), 24u);
  EXPECT_EQ(std::set<std::uint64_t>(all.begin(), all.end()).size(), 24u);
  EXPECT_EQ(amounts().size(), 10u);
}

TEST_P(CapturesTest, WithATransactionOnePaymentIsPendingOnce) {
  const auto first =
      run(store_.add_capture(user(), capture(), AddCaptureOptions().transaction(transaction()))).value();
  EXPECT_TRUE(first.added());
  const auto second =
      run(store_.add_capture(user(), capture(), AddCaptureOptions().transaction(transaction()))).value();
  EXPECT_FALSE(second.added());
  EXPECT_EQ(second.seen_before()->capture_id, first.added()->capture.id);
  EXPECT_EQ(amounts().size(), 1u);
  EXPECT_TRUE(run(store_.is_processed(transaction()))->has_value());
}

TEST_P(CapturesTest, SettledIsGivenBackAndGone) {
  const auto added = add(7);
  const auto settled = run(store_.settle_capture(user(), added.added()->capture.id)).value();
  EXPECT_EQ(settled, added.added()->capture);
  EXPECT_TRUE(amounts().empty());
  EXPECT_EQ(run(store_.fetch(user()))->version, added.added()->version + 1);
  EXPECT_EQ(run(store_.settle_capture(user(), added.added()->capture.id)).error().code, ErrorCode::NotFound);
}

TEST_P(CapturesTest, RacingSettlersOneGetsIt) {
  const auto id = add().added()->capture.id;
  std::atomic<int> got{0};
  race(8, [&](int) {
    if (run(store_.settle_capture(user(), id))) ++got;
  });
  EXPECT_EQ(got, 1);
}

TEST_P(CapturesTest, BadCaptureIsRefused) {
  const auto refuse = [&](auto&& spoil) {
    auto bad = capture();
    spoil(bad);
    EXPECT_EQ(run(store_.add_capture(user(), bad)).error().code, ErrorCode::InvalidArgument);
  };
  refuse([](Capture& c) { c.merchant_id = ""; });
  refuse([](Capture& c) { c.merchant_id = std::string(201, 'm'); });
  refuse([](Capture& c) { c.card_last4 = "42"; });
  refuse([](Capture& c) { c.refunded = {1, "USD"}; });
  refuse([](Capture& c) { c.refunded.minor_units = c.amount.minor_units + 1; });
  refuse([](Capture& c) { c.created_at = from_unix_seconds(-1); });
  refuse([](Capture& c) { c.merchant_name = "\xff"; });
  EXPECT_TRUE(amounts().empty());
}

class CaptureRowsTest : public PurchaseTest {
 protected:
  // As the Rust crate adds one: a key of just the second, and the context untouched.
  void add_as_rust(Timestamp at, std::uint64_t amount) {
    table::Item row;
    row.key = store::pending_key("U1", fmt::format("{:020}", unix_seconds(at)));
    row.attributes.set(
        "capture_data",
        fmt::format(
            R"({{"merchant_id":"M1","merchant_name":null,"amount_cents":{},"card_last4":null,)"
            R"("proof_data":null,"proof_type":null,"location":null,"created_at":{},"expires_at":{}}})",
            amount, unix_seconds(at), unix_seconds(at + 100s)));
    row.attributes.set("merchant_id", "M1");
    row.attributes.set("amount_cents", table::Value::number(amount));
    row.attributes.set("created_at", table::Value::time(at));
    row.attributes.set("ttl", table::Value::time(at + 1'814'400s));
    place(row);
  }
};
LOOPSTATE_STORE_SUITE(CaptureRowsTest);

TEST_P(CaptureRowsTest, RustCratesRowsAreListedAndTakenIntoTheRing) {
  run(store_.add_capture(user(), capture(1))).value();
  clock_.advance(10s);
  add_as_rust(clock_.now() - 5s, 2);
  ASSERT_EQ(run(store_.list_captures(user()))->size(), 2u);
  run(store_.add_capture(user(), capture(3))).value();
  const auto ring = store::row_of(*run(store_.fetch(user()))).ring.value();
  ASSERT_EQ(ring.size(), 3u);
  EXPECT_EQ(ring[1], fmt::format("{:020}", unix_seconds(clock_.now() - 5s)));
  EXPECT_EQ(run(store_.settle_capture(user(), ring[1]))->amount.minor_units, 2u);
}

TEST_P(CaptureRowsTest, RowsDeletedByTheRustCrateDoNotBlock) {
  const auto added = run(store_.add_capture(user(), capture(1))).value();
  remove(store::pending_key("U1", added.added()->capture.id));
  EXPECT_TRUE(run(store_.list_captures(user()))->empty());
  EXPECT_TRUE(run(store_.add_capture(user(), capture(2))));
  EXPECT_EQ(run(store_.list_captures(user()))->size(), 1u);
}

TEST_P(CaptureRowsTest, TornReadIsReadAgain) {
  run(store_.add_capture(user(), capture(1))).value();
  // The row of a capture whose context is not visible yet: between two reads of one query.
  auto torn = run(store_.add_capture(user(), capture(2))).value();
  const auto hidden = row(store::pending_key("U1", torn.added()->capture.id)).value();
  remove(hidden.key);
  table_->before_next_call([&] { place(hidden); }, 1);
  EXPECT_EQ(requests_of(store_.list_captures(user())), 2u);
  EXPECT_EQ(run(store_.list_captures(user()))->size(), 2u);
}

TEST_P(CaptureRowsTest, RepeatAfterALostReplyHandsBackWhatWasDropped) {
  for (std::uint64_t i = 1; i <= 10; ++i) run(store_.add_capture(user(), capture(i))).value();
  CallOptions options;
  options.request_id("once");
  table_->lose_replies(1);
  EXPECT_EQ(run(store_.add_capture(user(), capture(11), options)).error().code, ErrorCode::OutcomeUnknown);
  clock_.advance(3s);
  const auto again = run(store_.add_capture(user(), capture(11), options)).value();
  ASSERT_EQ(again.added()->dropped.size(), 1u);
  EXPECT_EQ(again.added()->dropped[0].amount.minor_units, 1u);
  EXPECT_EQ(again.added()->capture.amount.minor_units, 11u);
  EXPECT_EQ(run(store_.list_captures(user()))->size(), 10u);
}

TEST_P(CaptureRowsTest, CorruptRowIsNamedNotSkipped) {
  const auto added = run(store_.add_capture(user(), capture(1))).value();
  auto spoilt = row(store::pending_key("U1", added.added()->capture.id)).value();
  spoilt.attributes.set("capture_data", "{}");
  place(spoilt);
  const auto listed = run(store_.list_captures(user()));
  EXPECT_EQ(listed.error().code, ErrorCode::CorruptItem);
  EXPECT_NE(listed.error().message.find(added.added()->capture.id), std::string::npos);
}

TEST_P(CaptureRowsTest, RowWhoseCurrencyIsNoneIsNamedNotSkipped) {
  const auto added = run(store_.add_capture(user(), capture(1))).value();
  auto spoilt = row(store::pending_key("U1", added.added()->capture.id)).value();
  spoilt.attributes.set("currency", "eur");
  place(spoilt);
  const auto listed = run(store_.list_captures(user()));
  EXPECT_ERROR(listed, CorruptItem);
  EXPECT_NE(listed.error().message.find(added.added()->capture.id), std::string::npos);
  EXPECT_NE(listed.error().message.find("attribute currency is not three capital letters"),
            std::string::npos);
}

// The ring keeps ids as lines.
TEST_P(CaptureRowsTest, RowWhoseIdHasALineFeedIsCorrupt) {
  const auto added = run(store_.add_capture(user(), capture(1))).value();
  auto other = row(store::pending_key("U1", added.added()->capture.id)).value();
  other.key.sk += "\nx";
  place(other);
  EXPECT_EQ(run(store_.list_captures(user())).error().code, ErrorCode::CorruptItem);
}

}  // namespace
}  // namespace loopstate::testing
