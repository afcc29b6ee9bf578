// What a caller holds about one user is never written to another, and never brings an erased user back.
#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

class HeldTest : public PurchaseTest {
 protected:
  void SetUp() override {
    run(store_.link(card(), user(), "4242")).value();
    run(store_.add_capture(user(), capture(1))).value();
    run(store_.add_capture(user("U2"), capture(2))).value();
    other_ = run(store_.fetch(user("U2"))).value();
    other_captures_ = run(store_.list_captures(user("U2"))).value();
    before_ = run(store_.snapshot(user("U2"))).value();
  }

  // The call is refused by name, and neither user has changed.
  template <typename T>
  void expect_refused(Task<Result<T>> call, std::string_view argument = "held") {
    const auto mine = run(store_.snapshot(user()));
    const auto refused = run(std::move(call));
    ASSERT_TRUE(refused_with(refused, ErrorCode::InvalidArgument));
    EXPECT_THAT(refused.error().message, ::testing::HasSubstr(argument));
    EXPECT_THAT(refused.error().message, ::testing::HasSubstr("U2"));
    EXPECT_EQ(run(store_.snapshot(user()))->context, mine->context);
    expect_other_untouched();
  }
  void expect_other_untouched() {
    const auto now = run(store_.snapshot(user("U2"))).value();
    EXPECT_EQ(now.context, before_.context);
    EXPECT_EQ(now.captures, before_.captures);
  }
  HeldState others_state() { return HeldState().context(other_).captures(other_captures_); }
  static ContextChange change() {
    ContextChange change;
    change.path = "vault.cred_balance";
    change.value = *JsonText::parse("5");
    return change;
  }

  Context other_;
  std::vector<Capture> other_captures_;
  Snapshot before_;
};
LOOPSTATE_STORE_SUITE(HeldTest);

TEST_P(HeldTest, AnotherUsersContextIsRefusedByEveryCallThatTakesOne) {
  expect_refused(store_.patch(user(), {change()}, WriteOptions().held(other_)));
  expect_refused(store_.unset(user(), {"vault.cred_balance"}, WriteOptions().held(other_)));
  expect_refused(store_.push_event(user(), event(), WriteOptions().held(other_)));
  expect_refused(store_.remember(user(), "k", *JsonText::parse("1"), WriteOptions().held(other_)));
  expect_refused(store_.forget(user(), "k", WriteOptions().held(other_)));
  expect_refused(store_.add_capture(user(), capture(3), AddCaptureOptions().held(other_)));
  expect_refused(
      store_.add_capture(user(), capture(3), AddCaptureOptions().transaction(transaction()).held(other_)));
  expect_refused(store_.settle_capture(user(), other_captures_.at(0).id, WriteOptions().held(other_)));
  EXPECT_FALSE(run(store_.is_processed(transaction()))->has_value());
}

TEST_P(HeldTest, ContextThatIsNamedAnewIsStillTheOneItWasReadAs) {
  auto renamed = other_;
  renamed.pubkey = UserId{"U1"};
  expect_refused(store_.push_event(user(), event(), WriteOptions().held(renamed)));
  expect_refused(store_.add_capture(user(), capture(3), AddCaptureOptions().held(renamed)));
  expect_refused(store_.push(renamed), "to push");
}

// Only the user tells apart two rows that the Rust crate wrote in one second.
TEST_P(HeldTest, PushUnderAnotherUsersNameIsRefusedAlsoOverRowsOfTheRustCrate) {
  for (const auto* name : {"U1", "U2"}) {
    auto item = row(store::context_key(name)).value();
    item.attributes.remove("write_ids");
    item.attributes.set("version", table::Value::number(std::uint64_t{1}));
    place(item);
  }
  auto renamed = run(store_.fetch(user("U2"))).value();
  before_ = run(store_.snapshot(user("U2"))).value();
  renamed.pubkey = UserId{"U1"};
  expect_refused(store_.push(renamed), "to push");
}

TEST_P(HeldTest, PushRefusesABaseOfAnotherUser) {
  auto changed = run(store_.fetch(user())).value();
  changed.vault.cred_balance = 9;
  expect_refused(store_.push(changed, PushOptions().base(other_)), "base");
}

TEST_P(HeldTest, PurchaseLooksAtNoStateButTheCardOwners) {
  for (const bool renamed : {false, true}) {
    auto context = other_;
    if (renamed) context.pubkey = UserId{"U1"};
    const auto held = others_state().context(context);
    const auto id = renamed ? "square:A" : "square:B";
    const auto outcome = run(store_.record_capture(purchase(id), RecordOptions().held(held))).value();
    ASSERT_TRUE(outcome.recorded());
    EXPECT_EQ(outcome.user()->text(), "U1");
    expect_other_untouched();
  }
  EXPECT_EQ(run(store_.list_captures(user()))->size(), 3u);
}

TEST_P(HeldTest, PurchaseDropsNoCapturesOfAnotherUser) {
  StoreSettings settings;
  settings.max_pending_captures = 1;
  use_settings(settings);
  const auto held = HeldState().context(run(store_.fetch(user())).value()).captures(other_captures_);
  const auto outcome = run(store_.record_capture(purchase(), RecordOptions().held(held))).value();
  ASSERT_EQ(outcome.recorded()->dropped.size(), 1u);
  EXPECT_EQ(outcome.recorded()->dropped[0].amount.minor_units, 1u);
  expect_other_untouched();
}

TEST_P(HeldTest, PurchaseLooksAtNoCardButItsOwn) {
  run(store_.link(card("loop_fp_2"), user("U2"), "4242")).value();
  auto other_card = run(store_.lookup(card("loop_fp_2"))).value();
  auto held = HeldState().card(other_card);
  EXPECT_EQ(run(store_.record_capture(purchase("square:A"), RecordOptions().held(held)))->user()->text(),
            "U1");
  other_card.fingerprint = Fingerprint{"loop_fp_1"};
  held.card(other_card);
  EXPECT_EQ(run(store_.record_capture(purchase("square:B"), RecordOptions().held(held)))->user()->text(),
            "U1");
  expect_other_untouched();
}

TEST_P(HeldTest, RefundLooksAtNoStateButThePayers) {
  run(store_.record_capture(purchase())).value();
  const auto refund = refund_of("square-refund:R", 50);
  const auto outcome = run(store_.record_refund(refund, RecordOptions().held(others_state()))).value();
  EXPECT_EQ(outcome.user()->text(), "U1");
  EXPECT_EQ(outcome.change()->refunded->minor_units, 50u);
  expect_other_untouched();
}

TEST_P(HeldTest, ErasedUserGetsNoRowWhateverIsHeld) {
  const auto held = run(store_.fetch(user())).value();
  run(store_.erase_user(user())).value();
  for (const auto& one : {held, other_}) {
    EXPECT_FALSE(run(store_.add_capture(user(), capture(), AddCaptureOptions().held(one))));
    EXPECT_FALSE(run(store_.push_event(user(), event(), WriteOptions().held(one))));
  }
  const auto left = run(store_.snapshot(user())).value();
  EXPECT_TRUE(left.erased);
  EXPECT_TRUE(left.captures.empty());
  expect_other_untouched();
}

TEST_P(HeldTest, StaleContextNeverSaysThatACaptureIsNotThere) {
  const auto stale = run(store_.fetch(user())).value();
  const auto added = run(store_.add_capture(user(), capture(7))).value();
  EXPECT_EQ(run(store_.settle_capture(user(), added.added()->capture.id, WriteOptions().held(stale)))
                ->amount.minor_units,
            7u);
}

}  // namespace
}  // namespace loopstate::testing
