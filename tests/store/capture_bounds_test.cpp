// Payments continue, however large captures, ring and memory are, and whatever bounds the settings name.
#include <limits>
#include <set>

#include "store/purchases.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/context_room.hpp"
#include "store/rows/context_row.hpp"
#include "store/rows/id_lines.hpp"
#include "store/rows/keys.hpp"
#include "table/limits.hpp"

namespace loopstate::testing {
namespace {

class CaptureBoundsTest : public PurchaseTest {
 protected:
  void use_ring_of(std::uint32_t max_pending) {
    StoreSettings settings;
    settings.max_pending_captures = max_pending;
    use_settings(settings);
  }
  // The row of a capture as large as the bounds allow without escapes.
  const Capture& with_proof(std::uint64_t amount, std::size_t bytes = 65'536) {
    auto one = capture(amount);
    one.proof_data = std::string(bytes, 'p');
    return named(std::move(one));
  }
  // Pending captures of our own, written past the rules, in the ring of the user's context; the oldest is 1.
  void place_captures(int count, std::size_t proof_bytes, std::size_t write_id_bytes = 15) {
    auto context = run(store_.get_or_init(user())).value();
    store::row_of(context).ring.emplace();
    for (int i = 1; i <= count; ++i) {
      auto one = with_proof(static_cast<std::uint64_t>(i), proof_bytes);
      one.id = store::capture_id(now() - 10'000s + std::chrono::seconds(i), std::string(write_id_bytes, 'w'));
      one.created_at = now();
      one.expires_at = one.kept_until = now() + 1'000'000s;
      store::row_of(context).ring->push_back(one.id);
      place(store::put_capture("U1", one, std::nullopt).item);
    }
    store::row_of(context).ring_read_at = now();
    place(store::context_row(context));
  }
  std::multiset<std::uint64_t> listed() {
    std::multiset<std::uint64_t> all;
    const auto captures = run(store_.list_captures(user())).value();
    for (const auto& capture : captures) all.insert(capture.amount.minor_units);
    return all;
  }
};
LOOPSTATE_STORE_SUITE(CaptureBoundsTest);

TEST_P(CaptureBoundsTest, LoweredBoundShrinksTheRingOverSeveralWritesAndLosesNothing) {
  place_captures(60, 65'536);
  use_ring_of(5);
  run(store_.link(card(), user(), "4242")).value();
  std::multiset<std::uint64_t> all;
  HeldState held;
  int writes = 0;
  for (; writes < 40; ++writes) {
    auto next =
        purchase("square:P" + std::to_string(writes), "loop_fp_1", static_cast<std::uint64_t>(1000 + writes));
    next.capture.proof_data = std::string(65'536, 'q');
    const auto outcome = run(store_.record_capture(next, RecordOptions().held(held))).value();
    ASSERT_TRUE(outcome.recorded());
    held = outcome.held();
    ASSERT_FALSE(outcome.recorded()->dropped.empty());
    for (const auto& capture : outcome.recorded()->dropped) all.insert(capture.amount.minor_units);
  }
  EXPECT_EQ(listed().size(), 5u);
  for (const auto amount : listed()) all.insert(amount);
  EXPECT_EQ(all.size(), 100u);
  EXPECT_EQ(std::set<std::uint64_t>(all.begin(), all.end()).size(), 100u);
}

TEST_P(CaptureBoundsTest, CapturesThatFillAnItemEachLeaveOneByOne) {
  place_captures(3, 390'000);
  use_ring_of(1);
  const auto added = run(store_.add_capture(user(), with_proof(9))).value();
  EXPECT_EQ(added.added()->dropped.size(), 1u);
  EXPECT_EQ(listed(), (std::multiset<std::uint64_t>{2, 3, 9}));
}

TEST_P(CaptureBoundsTest, RepeatAfterALostReplyHandsBackAllThatLeftAtOnce) {
  place_captures(12, 40'000);
  use_ring_of(5);
  table_->lose_replies(1);
  EXPECT_ERROR(run(store_.add_capture(user(), with_proof(100),
                                      AddCaptureOptions(request("once")).transaction(transaction()))),
               OutcomeUnknown);
  const auto again = run(store_.add_capture(user(), with_proof(100),
                                            AddCaptureOptions(request("once")).transaction(transaction())))
                         .value();
  EXPECT_EQ(again.added()->dropped.size() + listed().size(), 13u);
  EXPECT_GT(again.added()->dropped.size(), 1u);
}

TEST_P(CaptureBoundsTest, RingOfAThousandIsFilledListedOverPagesAndShrunk) {
  use_ring_of(1'000);
  place_captures(1'000, 2'000);
  EXPECT_EQ(listed().size(), 1'000u);
  EXPECT_EQ(run(store_.snapshot(user()))->captures.size(), 1'000u);
  auto added = run(store_.add_capture(user(), capture(5'000))).value();
  ASSERT_EQ(added.added()->dropped.size(), 1u);
  EXPECT_EQ(added.added()->dropped[0].amount.minor_units, 1u);
  EXPECT_EQ(run(store_.settle_capture(user(), added.added()->capture.id))->amount.minor_units, 5'000u);

  use_ring_of(10);
  std::size_t dropped = 0;
  for (int i = 0; i < 30; ++i)
    dropped += run(store_.add_capture(user(), capture(6'000)))->added()->dropped.size();
  EXPECT_EQ(listed().size(), 10u);
  EXPECT_EQ(dropped, 999u + 30u - 10u);
}

TEST_P(CaptureBoundsTest, ThousandRowsOfTheRustCrateAreTakenOver) {
  use_ring_of(1'000);
  run(store_.get_or_init(user())).value();
  auto item = rust_item("PENDING#");
  const auto newest = now() - 1s;
  for (int i = 0; i < 1'000; ++i) {
    item.key = store::pending_key("U1", fmt::format("{:020}", unix_seconds(newest) - i));
    place(item);
  }
  const auto added = run(store_.add_capture(user(), capture())).value();
  ASSERT_EQ(added.added()->dropped.size(), 1u);
  EXPECT_EQ(added.added()->dropped[0].id, fmt::format("{:020}", unix_seconds(newest) - 999));
  EXPECT_EQ(store::row_of(*run(store_.fetch(user()))).ring->size(), 1'000u);
  EXPECT_EQ(run(store_.list_captures(user()))->size(), 1'000u);
}

class FullContextTest : public CaptureBoundsTest {
 protected:
  // As long as an event's texts may be, with every byte of them escaped.
  static ContextEvent longest_event() {
    ContextEvent longest;
    longest.event_type = std::string(200, '"');
    longest.summary = std::string(1'024, '\x01');
    longest.amount = std::numeric_limits<std::uint64_t>::max();
    return longest;
  }
  // Fills the memory as far as possible.
  void fill_memory() {
    std::size_t fits = 0;
    std::size_t over = 410'000;
    while (over - fits > 1) {
      const auto bytes = (fits + over) / 2;
      const auto text = *JsonText::parse('"' + std::string(bytes, 'x') + '"');
      (run(store_.remember(user(), "big", text)) ? fits : over) = bytes;
    }
    must(run(store_.remember(user(), "big", *JsonText::parse('"' + std::string(fits, 'x') + '"'))));
  }
  void record_and_refund(int count) {
    run(store_.link(card(), user(), "4242")).value();
    HeldState held;
    for (int i = 0; i < count; ++i) {
      const auto id = "square:P" + std::to_string(i);
      auto next = purchase(id);
      next.event = longest_event();
      const auto name = fmt::format("{:036}", i);
      const auto outcome = run(
          store_.record_capture(next, RecordOptions(request(name)).held(i % 2 == 0 ? held : HeldState{})));
      ASSERT_TRUE(outcome) << i << ": " << outcome.error().message;
      held = outcome->held();
      const auto refunded =
          run(store_.record_refund(refund_of("refund:" + std::to_string(i), 1, RefundKind::Refund, id)));
      ASSERT_TRUE(refunded) << i << ": " << refunded.error().message;
      ASSERT_TRUE(refunded->change());
      EXPECT_TRUE(refunded->change()->refunded) << "pending";
    }
  }
  std::size_t events() { return run(store_.fetch(user()))->recent_events.size(); }
};
LOOPSTATE_STORE_SUITE(FullContextTest);

TEST_P(FullContextTest, MemoryAtItsMostStillTakesTheLongestEventsInAnyNumber) {
  run(store_.get_or_init(user())).value();
  fill_memory();
  record_and_refund(14);
  EXPECT_GE(events(), 1u);
  EXPECT_EQ(run(store_.list_captures(user()))->size(), 10u);
}

TEST_P(FullContextTest, MemoryAtItsMostLeavesRoomForAFullRingOfAThousand) {
  use_ring_of(1'000);
  run(store_.get_or_init(user())).value();
  fill_memory();
  place_captures(999, 10, 48);  // ids as long as they can get
  record_and_refund(12);
  EXPECT_GE(events(), 1u);
  EXPECT_EQ(run(store_.list_captures(user()))->size(), 1'000u);
}

TEST_P(FullContextTest, RaisedBoundKeepsAsManyAsTheContextHasRoomFor) {
  run(store_.get_or_init(user())).value();
  fill_memory();
  use_ring_of(1'000);
  place_captures(200, 10, 48);
  record_and_refund(30);
  const auto kept = run(store_.list_captures(user()))->size();
  EXPECT_GE(kept, 150u);
  EXPECT_LT(kept, 230u);
}

TEST_P(FullContextTest, ContextThatTheRustCrateFilledBeyondOurBoundTakesCaptures) {
  auto context = run(store_.get_or_init(user())).value();
  for (int i = 0; i < 10; ++i) {
    auto long_event = longest_event();
    long_event.summary = std::string(1'100, 's');
    context.recent_events.push_back(long_event);
  }
  store::row_of(context) = {};
  const auto bare = table::item_size(store::context_row(context));
  context.agent_memory.emplace(
      "k", *JsonText::parse('"' + std::string(table::kMaxItemBytes - bare - 100, 'x') + '"'));
  auto item = store::context_row(context);
  item.attributes.remove("write_ids");
  place(item);
  record_and_refund(3);
  EXPECT_LT(events(), 10u);
}

TEST_P(FullContextTest, WhatIsFullCanStillBeChangedWithoutGrowing) {
  auto context = run(store_.get_or_init(user())).value();
  context.agent_memory.emplace("k", *JsonText::parse('"' + std::string(397'000, 'x') + '"'));
  store::row_of(context).write_ids.clear();
  auto item = store::context_row(context);
  item.attributes.remove("write_ids");
  place(item);
  ContextChange same;
  same.path = "vault.cred_balance";
  same.value = *JsonText::parse("5");
  EXPECT_TRUE(run(store_.patch(user(), {same})));
  EXPECT_ERROR(run(store_.remember(user(), "more", *JsonText::parse("1"))), ItemTooLarge);
  EXPECT_TRUE(run(store_.remember(user(), "k", *JsonText::parse("1"))));
}

TEST_P(FullContextTest, EventWithMoreOfOtherMembersThanItHasRoomForIsRefused) {
  auto bad = event();
  bad.unknown.emplace_back("x", *JsonText::parse('"' + std::string(1'100, 'x') + '"'));
  EXPECT_ERROR(run(store_.push_event(user(), bad)), InvalidArgument);
}

// What the Rust crate wrote is longer than what a caller may add.
class LongTextsTest : public PurchaseTest {
 protected:
  void SetUp() override {
    run(store_.link(card(), user(), "4242")).value();
    auto context = run(store_.get_or_init(user())).value();
    context.recent_events.push_back(event(std::string(1'100, 's')));
    context.recent_events.push_back(event());
    context.recent_events.back().event_type = std::string(300, 't');
    context.agent_memory.emplace(key_, *JsonText::parse("1"));
    ++context.version;
    place(store::context_row(context));
  }
  static ContextChange change(std::string path, std::string_view value) {
    ContextChange change;
    change.path = std::move(path);
    change.value = *JsonText::parse(value);
    return change;
  }
  const std::string key_ = std::string(201, 'k');
};
LOOPSTATE_STORE_SUITE(LongTextsTest);

TEST_P(LongTextsTest, ThatWereStoredAreWrittenAgainByEveryCall) {
  EXPECT_TRUE(run(store_.patch(user(), {change("vault.cred_balance", "5")})));
  EXPECT_TRUE(run(store_.push_event(user(), event())));
  EXPECT_TRUE(run(store_.remember(user(), "short", *JsonText::parse("1"))));
  EXPECT_TRUE(run(store_.remember(user(), key_, *JsonText::parse("2"))));
  auto context = run(store_.fetch(user())).value();
  EXPECT_EQ(context.agent_memory.at(key_).text(), "2");
  EXPECT_EQ(context.recent_events.at(1).summary.size(), 1'100u);
  context.vault.cred_balance = 6;
  EXPECT_TRUE(run(store_.push(context)));
  auto from_a_file = context_from_json(to_json(run(store_.fetch(user())).value())).value();
  EXPECT_TRUE(run(store_.push(from_a_file)));
  EXPECT_TRUE(run(store_.update(user(), [](Context& changed) -> Result<void> {
    changed.vault.cred_balance = 7;
    return {};
  })));
  EXPECT_TRUE(run(store_.record_capture(purchase()))->recorded());
  EXPECT_EQ(run(store_.recall(user(), key_))->text(), "2");
  EXPECT_TRUE(run(store_.forget(user(), key_)));
}

TEST_P(LongTextsTest, ThatAreAddedAreRefusedByEveryCall) {
  const auto new_key = key_ + "2";
  EXPECT_ERROR(run(store_.remember(user(), new_key, *JsonText::parse("1"))), InvalidArgument);
  EXPECT_ERROR(run(store_.patch(user(), {change("agent_memory." + new_key, "1")})), InvalidArgument);
  EXPECT_ERROR(run(store_.push_event(user(), event(std::string(1'025, 's')))), InvalidArgument);
  const auto stored = run(store_.fetch(user())).value();
  auto with_key = stored;
  with_key.agent_memory.emplace(new_key, *JsonText::parse("1"));
  EXPECT_ERROR(run(store_.push(with_key)), InvalidArgument);
  EXPECT_ERROR(run(store_.push(with_key, PushOptions().base(with_key))), InvalidArgument);
  auto with_event = stored;
  with_event.recent_events.front().summary += "s";
  EXPECT_ERROR(run(store_.push(with_event, PushOptions().base(with_event))), InvalidArgument);
  EXPECT_ERROR(run(store_.update(user(),
                                 [&](Context& changed) -> Result<void> {
                                   changed = with_event;
                                   return {};
                                 })),
               InvalidArgument);
  EXPECT_EQ(run(store_.fetch(user())).value(), stored);
}

class StoreSettingsTest : public PurchaseTest {};
LOOPSTATE_STORE_SUITE(StoreSettingsTest);

TEST_P(StoreSettingsTest, OutOfRangeEveryCallIsRefusedByNameAndNothingIsWritten) {
  std::vector<std::pair<std::string, StoreSettings>> bad;
  const auto spoil = [&](std::string name, auto&& change) {
    bad.emplace_back(std::move(name), StoreSettings{});
    change(bad.back().second);
  };
  constexpr auto kHuge = std::chrono::seconds::max();
  spoil("max_pending_captures", [](auto& s) { s.max_pending_captures = 0; });
  spoil("max_pending_captures", [](auto& s) { s.max_pending_captures = 1'001; });
  spoil("max_pending_captures", [](auto& s) { s.max_pending_captures = 4'294'967'295; });
  for (const std::chrono::seconds value : {0s, -1s, kMaxLifetime + 1s, kHuge, -kHuge}) {
    spoil("session_lifetime", [=](auto& s) { s.session_lifetime = value; });
    spoil("pending_lifetime", [=](auto& s) { s.pending_lifetime = value; });
    spoil("location_lifetime", [=](auto& s) { s.location_lifetime = value; });
    spoil("transaction_lifetime", [=](auto& s) { s.transaction_lifetime = value; });
  }
  for (const auto value : {0ms, -1ms, std::chrono::milliseconds::max()}) {
    spoil("default_timeout", [=](auto& s) { s.default_timeout = value; });
  }
  const auto expect = [](const auto& result, const std::string& name) {
    ASSERT_TRUE(refused_with(result, ErrorCode::InvalidArgument)) << name;
    EXPECT_THAT(result.error().message, ::testing::HasSubstr(name));
  };
  for (const auto& [name, settings] : bad) {
    use_settings(settings);
    expect(run(store_.fetch(user())), name);
    expect(run(store_.fetch_many({user()})).at(0), name);
    expect(run(store_.get_or_init(user())), name);
    expect(run(store_.push_event(user(), event())), name);
    expect(run(store_.link(card(), user(), "4242")), name);
    expect(run(store_.mark_processed(txn(), user(), 1)), name);
    expect(run(store_.claim(txn(), "{}", 60s, LapsedPolicy::Rerun)), name);
    expect(run(store_.store_session(user(), session())), name);
    expect(run(store_.authorize(user(), "read")), name);
    expect(run(store_.add_capture(user(), capture())), name);
    expect(run(store_.list_captures(user())), name);
    expect(run(store_.settle_capture(user(), "x")), name);
    expect(run(store_.set_location(user(), merchant())), name);
    expect(run(store_.snapshot(user())), name);
    expect(run(store_.record_capture(purchase())), name);
    expect(run(store_.record_refund(refund_of("refund:R", 1))), name);
    expect(run(store_.erase_user(user())), name);
    expect(run(store_.warm_up()), name);
  }
  EXPECT_EQ(table_->take_calls(), 0u);
}

TEST_P(StoreSettingsTest, AtTheirEndsEveryLifetimeWorks) {
  for (const std::chrono::seconds lifetime : {1s, kMaxLifetime}) {
    StoreSettings settings;
    settings.max_pending_captures = lifetime == 1s ? 1 : kMaxPendingCaptures;
    settings.session_lifetime = settings.pending_lifetime = lifetime;
    settings.location_lifetime = settings.transaction_lifetime = lifetime;
    settings.default_timeout = kMaxLifetime;
    use_settings(settings);
    EXPECT_TRUE(run(store_.store_session(user(), session())));
    EXPECT_TRUE(run(store_.set_location(user(), merchant())));
    EXPECT_TRUE(run(store_.add_capture(
        user(), capture(), AddCaptureOptions().transaction(txn(std::to_string(lifetime.count()))))));
  }
}

TEST_P(StoreSettingsTest, LifetimeOfOneCallIsHeldToTheSameRange) {
  run(store_.link(card(), user(), "4242")).value();
  for (const auto lifetime : {0s, -1s, std::chrono::seconds::max()}) {
    auto bought = purchase();
    bought.transaction_lifetime = lifetime;
    EXPECT_ERROR(run(store_.record_capture(bought)), InvalidArgument);
    auto refund = refund_of("refund:R", 1);
    refund.transaction_lifetime = lifetime;
    EXPECT_ERROR(run(store_.record_refund(refund)), InvalidArgument);
  }
}

}  // namespace
}  // namespace loopstate::testing
