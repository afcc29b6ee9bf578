// The engine goes away in the middle of a call: the call says so, whichever of its requests that was, and
// succeeds when repeated.
#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

constexpr std::size_t kRequestsMax = 12;

class FailingEngine : public PurchaseTest {
 protected:
  using Operation = std::function<Result<void>()>;

  void SetUp() override {
    must(run(store_.get_or_init(user())));
    must(run(store_.link(card(), user(), "4242")));
    must(run(store_.store_session(user(), session(now() + 600s))));
    must(run(store_.remember(user(), "key", *JsonText::parse("1"))));
    must(run(store_.set_location(user(), merchant())));
    captured_ = must(run(store_.record_capture(purchase("square:P0")))).recorded()->capture_id;
  }

  template <typename T>
  Operation operation(std::function<Task<Result<T>>()> call) {
    return [this, call = std::move(call)]() -> Result<void> {
      auto answer = run(call());
      if (!answer) return std::unexpected(std::move(answer.error()));
      return {};
    };
  }

  /// With an engine that goes away after no request, after one, and so on until the call needs no more.
  void expect_said(const Operation& call) {
    for (std::size_t served = 0; served < kRequestsMax; ++served) {
      table_->take_calls();
      table_->go_away_after(served);
      const auto answer = call();
      table_->come_back();
      if (answer) {
        EXPECT_GT(served, 0u) << "the call asked for nothing";
        EXPECT_LE(table_->take_calls(), served);
        return;
      }
      EXPECT_EQ(answer.error().code, ErrorCode::Unavailable) << answer.error().message;
    }
    ADD_FAILURE() << "it never succeeded";
  }

  std::string captured_;
};
LOOPSTATE_STORE_SUITE(FailingEngine);

#define EXPECT_SAID(T, expression) expect_said(operation<T>([&] { return expression; }))

TEST_P(FailingEngine, ContextsSaySo) {
  EXPECT_SAID(Context, store_.fetch(user()));
  EXPECT_SAID(Context, store_.get_or_init(user("U2")));
  EXPECT_SAID(Context, store_.patch(user(), {{"preferences.auto_stake", *JsonText::parse("false")}}));
  EXPECT_SAID(Context, store_.unset(user(), {"preferences.auto_stake"}));
  EXPECT_SAID(Context, store_.push_event(user(), event()));
  EXPECT_SAID(Context, store_.push_event(user("U3"), event()));
  EXPECT_SAID(Context, store_.remember(user(), "key", *JsonText::parse("2")));
  EXPECT_SAID(JsonText, store_.recall(user(), "key"));
  EXPECT_SAID(Context, store_.forget(user(), "key"));
  EXPECT_SAID(Context, store_.update(user(), [](Context&) -> Result<void> { return {}; }));
}

TEST_P(FailingEngine, APushSaysSo) {
  auto changed = must(run(store_.fetch(user())));
  EXPECT_SAID(Context, store_.push(changed));
}

TEST_P(FailingEngine, EachOfManyContextsSaysSo) {
  table_->go_away_after(0);
  for (const auto& answer : run(store_.fetch_many({user(), user("U2")}))) EXPECT_ERROR(answer, Unavailable);
  table_->come_back();
}

TEST_P(FailingEngine, CardsSaySo) {
  EXPECT_SAID(Card, store_.lookup(card()));
  EXPECT_SAID(std::vector<Card>, store_.cards_of(user()));
  EXPECT_SAID(LinkedCard, store_.link(card("loop_fp_2"), user(), ""));
  EXPECT_SAID(LinkedCard, store_.link(card("loop_fp_2"), user("U2"), "", LinkOptions().transfer()));
  EXPECT_SAID(Card, store_.unlink(card("loop_fp_2")));
  EXPECT_SAID(Card, store_.unlink(card(), UnlinkOptions().owner(user())));
}

TEST_P(FailingEngine, TransactionsSaySo) {
  EXPECT_SAID(std::optional<ProcessedTransaction>, store_.is_processed(txn()));
  EXPECT_SAID(MarkOutcome, store_.mark_processed(txn(), user(), 7));
  const auto id = txn("square:claimed");
  EXPECT_SAID(ClaimOutcome, store_.claim(id, "{}", 60s, LapsedPolicy::Rerun));
  advance(61s);
  Claim held;
  expect_said([&]() -> Result<void> {
    auto taken = run(store_.claim(id, "{}", 60s, LapsedPolicy::Rerun));
    if (!taken) return std::unexpected(std::move(taken.error()));
    held = *taken->claim();
    return {};
  });
  EXPECT_SAID(Claim, store_.extend(held, 120s));
  EXPECT_SAID(void, store_.release(held));
  held = *must(run(store_.claim(id, "{}", 60s, LapsedPolicy::Rerun))).claim();
  EXPECT_SAID(ProcessedTransaction, store_.complete(held, user(), 7, "done"));
}

TEST_P(FailingEngine, SessionsSaySo) {
  EXPECT_SAID(Session, store_.get_session(user()));
  EXPECT_SAID(Authorization, store_.authorize(user(), "read"));
  EXPECT_SAID(Session, store_.store_session(user(), session(now() + 600s)));
  EXPECT_SAID(bool, store_.revoke_session(user()));
}

TEST_P(FailingEngine, CapturesSaySo) {
  EXPECT_SAID(std::vector<Capture>, store_.list_captures(user()));
  EXPECT_SAID(AddedCapture,
              store_.add_capture(user(), capture(), AddCaptureOptions().transaction(txn("square:added"))));
  EXPECT_SAID(AddedCapture, store_.add_capture(user("U4"), capture()));
  EXPECT_SAID(Capture, store_.settle_capture(user(), captured_));
}

TEST_P(FailingEngine, LocationsSaySo) {
  EXPECT_SAID(bool, store_.set_location(user(), merchant("M2"), LocationOptions().event_time(now() + 1s)));
  EXPECT_SAID(Location, store_.get_location(user()));
  EXPECT_SAID(bool, store_.clear_location(user(), ClearLocationOptions().event_time(now() + 2s)));
}

TEST_P(FailingEngine, PurchasesAndRefundsSaySo) {
  EXPECT_SAID(RecordOutcome, store_.record_capture(purchase()));
  EXPECT_SAID(RefundOutcome, store_.record_refund(refund_of("square:R1", 100)));
  EXPECT_SAID(RefundOutcome,
              store_.record_refund(refund_of("square:R2", 100, RefundKind::Refund, "square:P9")));
  EXPECT_SAID(RecordOutcome, store_.record_capture(purchase("square:P9")));
}

TEST_P(FailingEngine, TheWholeUserSaysSo) {
  EXPECT_SAID(Snapshot, store_.snapshot(user()));
  EXPECT_SAID(EraseReceipt, store_.erase_user(user()));
}

TEST_P(FailingEngine, AnErasureThatLooksThroughTheWholeTableSaysSo) {
  EraseOptions erase;
  erase.scan(true);
  EXPECT_SAID(EraseReceipt, store_.erase_user(user(), erase));
}

}  // namespace
}  // namespace loopstate::testing
