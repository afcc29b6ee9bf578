// A capture past its own expiry does not exist, and a wrong clock removes nothing.
#include "store/purchases.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/ring.hpp"
#include "store/spine/user_view.hpp"
#include "store/upkeep/check.hpp"

namespace loopstate::testing {
namespace {

class CaptureExpiryTest : public PurchaseTest {
 protected:
  const Capture& until(Timestamp expires_at, std::uint64_t amount = 100) {
    auto one = capture(amount);
    one.expires_at = expires_at;
    return named(std::move(one));
  }
  AddedCapture add(Capture one) { return run(store_.add_capture(user(), one)).value(); }
  std::vector<std::uint64_t> amounts() {
    std::vector<std::uint64_t> all;
    const auto captures = run(store_.list_captures(user())).value();
    for (const auto& capture : captures) all.push_back(capture.amount.minor_units);
    return all;
  }
};
LOOPSTATE_STORE_SUITE(CaptureExpiryTest);

TEST_P(CaptureExpiryTest, WhenItsOwnTimeIsOverACaptureIsNowhere) {
  const auto id = add(until(now() + 100s, 1)).added()->capture.id;
  add(capture(2));
  advance(99s);
  EXPECT_EQ(amounts(), (std::vector<std::uint64_t>{2, 1}));
  advance(1s);
  EXPECT_EQ(amounts(), std::vector<std::uint64_t>{2});
  EXPECT_EQ(run(store_.snapshot(user()))->captures.size(), 1u);
  EXPECT_ERROR(run(store_.settle_capture(user(), id)), NotFound);
}

TEST_P(CaptureExpiryTest, RowLivesToTheEarlierOfItsTwoTimes) {
  const auto early = add(until(now() + 100s));
  EXPECT_EQ(row(store::pending_key("U1", early.added()->capture.id))->time("ttl"), now() + 100s);
  EXPECT_EQ(early.added()->capture.kept_until, now() + 100s);
  const auto late = add(until(now() + 99'000'000s));
  EXPECT_EQ(row(store::pending_key("U1", late.added()->capture.id))->time("ttl"), now() + 1'814'400s);
  EXPECT_EQ(late.added()->capture.expires_at, now() + 99'000'000s);
}

TEST_P(CaptureExpiryTest, TakesNoPlaceInTheRing) {
  StoreSettings settings;
  settings.max_pending_captures = 2;
  use_settings(settings);
  add(capture(1));
  add(until(now() + 100s, 2));
  const auto held = run(store_.fetch(user())).value();
  advance(100s);
  EXPECT_TRUE(
      run(store_.add_capture(user(), capture(3), AddCaptureOptions().held(held)))->added()->dropped.empty());
  EXPECT_EQ(amounts(), (std::vector<std::uint64_t>{3, 1}));
}

TEST_P(CaptureExpiryTest, IsOverInWhatIsHeldAsWell) {
  StoreSettings settings;
  settings.max_pending_captures = 2;
  use_settings(settings);
  run(store_.link(card(), user(), "4242")).value();
  auto first = purchase("square:P1");
  first.capture.expires_at = now() + 100s;
  auto held = run(store_.record_capture(first)).value().held();
  held = run(store_.record_capture(purchase("square:P2"), RecordOptions().held(held))).value().held();
  advance(100s);
  const auto third = run(store_.record_capture(purchase("square:P3"), RecordOptions().held(held))).value();
  EXPECT_TRUE(third.recorded()->dropped.empty());
  EXPECT_EQ(third.held().captures()->size(), 2u);
}

TEST_P(CaptureExpiryTest, RefundOfItIsRecordedAndFindsNothingPending) {
  run(store_.link(card(), user(), "4242")).value();
  auto bought = purchase();
  bought.capture.expires_at = now() + 100s;
  const auto held = run(store_.record_capture(bought)).value().held();
  advance(100s);
  for (const bool warm : {true, false}) {
    const auto refund = refund_of(warm ? "refund:R1" : "refund:R2", 50);
    const auto outcome =
        run(store_.record_refund(refund, RecordOptions().held(warm ? held : HeldState{}))).value();
    EXPECT_EQ(outcome.state(), RefundOutcome::State::Recorded);
    ASSERT_TRUE(outcome.change());
    EXPECT_FALSE(outcome.change()->refunded);
  }
}

// The Rust crate gives the row three weeks, whatever the capture says.
TEST_P(CaptureExpiryTest, HoldsForRowsOfTheRustCrateThatAreStillThere) {
  place_rust_items();
  const auto stored = rust_item("PENDING#");
  ASSERT_EQ(run(store_.list_captures(user()))->size(), 1u);
  const auto over = run(store_.list_captures(user()))->at(0).expires_at;
  ASSERT_LT(over, *stored.time("ttl"));
  clock_.set(over - 1s);
  EXPECT_EQ(run(store_.snapshot(user()))->captures.size(), 1u);
  clock_.set(over);
  EXPECT_TRUE(run(store_.list_captures(user()))->empty());
  EXPECT_TRUE(run(store_.snapshot(user()))->captures.empty());
  EXPECT_ERROR(run(store_.settle_capture(user(), stored.key.sk.substr(8))), NotFound);
  add(capture());
  EXPECT_EQ(store::row_of(*run(store_.fetch(user()))).ring->size(), 1u);
  EXPECT_TRUE(row(stored.key)) << "only the engine removes what has expired";
}

TEST_P(CaptureExpiryTest, CaptureThatIsOverAlreadyIsRefusedAndMarksNothing) {
  const auto refused =
      run(store_.add_capture(user(), until(now()), AddCaptureOptions().transaction(transaction())));
  ASSERT_TRUE(refused_with(refused, ErrorCode::InvalidArgument));
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("expires_at"));
  EXPECT_FALSE(run(store_.is_processed(transaction()))->has_value());
}

TEST_P(CaptureExpiryTest, ReadsAndCheckNeedNothingMoreWhereARowWentEarly) {
  add(until(now() + 100s, 1));
  add(capture(2));
  advance(100s);
  EXPECT_EQ(requests_of(store_.list_captures(user())), 1u);
  EXPECT_EQ(requests_of(store_.snapshot(user())), 1u);
  const auto context = run(store_.fetch(user())).value();
  EXPECT_EQ(store::row_of(context).ring->size(), 2u);
  EXPECT_TRUE(store::ring_agrees(store::row_of(context).ring, run(store_.list_captures(user())).value(),
                                 now(), settings_.pending_lifetime, store::row_of(context).ring_read_at));
}

TEST_P(CaptureExpiryTest, AWriterWhoseClockIsAheadLeavesNothingThatReadersDisagreeWith) {
  add(capture(1));
  constexpr std::chrono::seconds kAhead = 29 * 24h;
  advance(kAhead);
  add(capture(2));
  advance(-kAhead);
  EXPECT_EQ(run(store_.list_captures(user()))->size(), 2u);
  EXPECT_EQ(requests_of(store_.list_captures(user())), 1u);
  EXPECT_EQ(requests_of(store_.snapshot(user())), 1u);
  add(capture(3));
  EXPECT_EQ(store::row_of(*run(store_.fetch(user()))).ring->size(), 3u);
}

// A reader whose settings give captures a longer life than the writer's did.
TEST_P(CaptureExpiryTest, WhatHasExpiredIsJudgedByItsOwnEndAndNotByTheReadersLifetime) {
  const auto id = add(capture(1)).added()->capture.id;
  add(until(now() + 100s, 2));
  advance(settings_.pending_lifetime);
  remove(store::pending_key("U1", id));  // as DynamoDB removes what has expired
  auto longer = settings_;
  longer.pending_lifetime = 4 * settings_.pending_lifetime;
  const Store reader = store::store_over(table_, longer, clock_);
  store::CheckOptions options;
  std::vector<std::string> findings;
  must(run(store::check_table(
      reader, options, clock_, [&](const auto& finding) { findings.push_back(finding.detail); },
      [](const auto&) {})));
  EXPECT_THAT(findings, ::testing::IsEmpty());
  EXPECT_EQ(requests_of(Store(reader).list_captures(user())), 1u);
}

TEST_P(CaptureExpiryTest, RepeatOfACallWhoseCaptureEndsEarlyFindsItsCapture) {
  const auto soon = until(now() + 100s, 1);
  table_->lose_replies(1);
  EXPECT_ERROR(run(store_.add_capture(user(), soon, request("once"))), OutcomeUnknown);
  const auto again = run(store_.add_capture(user(), soon, request("once"))).value();
  EXPECT_EQ(again.added()->capture.id, run(store_.list_captures(user()))->at(0).id);
}

// Past every capture's time. The rows remain for longer: what the engine removes is not the rules' concern.
TEST_P(CaptureExpiryTest, OneCommandUnderAClockThatIsAheadTakesNothingFromTheOthers) {
  run(store_.link(card(), user(), "4242")).value();
  HeldState held;
  for (int i = 0; i < 5; ++i) {
    held = run(store_.record_capture(purchase("square:P" + std::to_string(i)), RecordOptions().held(held)))
               .value()
               .held();
  }
  for (const auto& capture : *held.captures()) {
    auto item = row(store::pending_key("U1", capture.id)).value();
    item.attributes.set("ttl", table::Value::time(now() + 99'000'000s));
    place(item);
  }
  ManualClock ahead(now() + 1'814'400s + 86'400s);
  auto wrong = store::store_over(table_, settings_, ahead);
  run(wrong.add_capture(user(), capture(7))).value();
  run(wrong.push_event(user(), event())).value();
  EXPECT_TRUE(run(wrong.list_captures(user()))->size() == 1u);

  EXPECT_EQ(run(store_.list_captures(user()))->size(), 6u);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(
        run(store_.record_capture(purchase("square:P" + std::to_string(i)), RecordOptions().held(held)))
            ->duplicate());
  }
  run(store_.record_capture(purchase("square:P5"), RecordOptions().held(held))).value();
  EXPECT_EQ(store::row_of(*run(store_.fetch(user()))).ring->size(), 7u);
}

class RustRowsTest : public PurchaseTest {
 protected:
  void SetUp() override {
    run(store_.link(card(), user(), "4242")).value();
    held_ = run(store_.record_capture(purchase("square:P0"))).value().held();
  }
  // As the Rust crate adds one: a key of just the second, and the context untouched.
  std::string add_as_rust(Timestamp at) {
    auto item = rust_item("PENDING#");
    auto id = fmt::format("{:020}", unix_seconds(at));
    item.key = store::pending_key("U1", id);
    item.attributes.set("ttl", table::Value::time(at + 1'814'400s));
    auto text = *item.string("capture_data");
    const std::string_view member = "\"expires_at\":";
    text = text.substr(0, text.find(member) + member.size()) + std::to_string(unix_seconds(at + 1'814'400s)) +
           "}";
    item.attributes.set("capture_data", text);
    place(item);
    return id;
  }
  std::size_t record(std::string_view id) {
    table_->take_calls();
    held_ = run(store_.record_capture(purchase(id), RecordOptions().held(held_))).value().held();
    return table_->take_calls();
  }
  bool in_ring(const std::string& id) {
    const auto ring = store::row_of(*run(store_.fetch(user()))).ring.value();
    return std::ranges::find(ring, id) != ring.end();
  }
  HeldState held_;
};
LOOPSTATE_STORE_SUITE(RustRowsTest);

TEST_P(RustRowsTest, AWarmPurchaseTakesThemInOnceItsRingIsADayOld) {
  const auto id = add_as_rust(now() + 1s);
  advance(10s);
  EXPECT_EQ(record("square:P1"), 1u);
  EXPECT_FALSE(in_ring(id)) << "nothing tells of it yet";
  advance(store::kRingTrustedFor);
  EXPECT_EQ(record("square:P2"), 2u);
  EXPECT_TRUE(in_ring(id));
}

TEST_P(RustRowsTest, WhereOneIsKnownEveryWriteTakesTheNextOnesIn) {
  add_as_rust(now() + 1s);
  advance(10s);
  run(store_.add_capture(user(), capture())).value();
  record("square:P1");
  const auto second = add_as_rust(now() + 1s);
  advance(10s);
  EXPECT_EQ(record("square:P2"), 2u);
  EXPECT_TRUE(in_ring(second));
}

TEST_P(RustRowsTest, AColdWriteTakesThemInAtOnce) {
  const auto id = add_as_rust(now() + 1s);
  advance(10s);
  held_ = {};
  record("square:P1");
  EXPECT_TRUE(in_ring(id));
}

TEST_P(RustRowsTest, AHeldSnapshotThatShowsOneTakesItIn) {
  const auto id = add_as_rust(now() + 1s);
  advance(10s);
  auto snapshot = run(store_.snapshot(user())).value();
  held_.context(snapshot.context);
  held_.captures(snapshot.captures);
  EXPECT_EQ(record("square:P1"), 2u);
  EXPECT_TRUE(in_ring(id));
}

TEST_P(RustRowsTest, WarmPurchasesOfADayAreOneRequestEach) {
  for (int i = 1; i <= 23; ++i) {
    advance(3'600s);
    EXPECT_EQ(record("square:P" + std::to_string(i)), 1u) << i;
  }
}

TEST_P(RustRowsTest, OneIsSettledWithAHeldContextThatDoesNotKnowIt) {
  const auto id = add_as_rust(now() + 1s);
  EXPECT_TRUE(run(store_.settle_capture(user(), id, WriteOptions().held(held_.context()))));
}

TEST_P(RustRowsTest, ARingMadeUnderAClockThatIsAheadIsNotTrusted) {
  ManualClock ahead(now() + 1'000'000s);
  auto wrong = store::store_over(table_, settings_, ahead);
  run(wrong.add_capture(user(), capture())).value();
  const auto id = add_as_rust(now() + 1s);
  advance(10s);
  held_.context(run(store_.fetch(user())).value());
  held_.captures(std::nullopt);
  record("square:P1");
  EXPECT_TRUE(in_ring(id));
}

}  // namespace
}  // namespace loopstate::testing
