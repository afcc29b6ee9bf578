// What a caller remembers may save a request, but never decides an answer.
#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

class HeldRefusals : public PurchaseTest {};
LOOPSTATE_STORE_SUITE(HeldRefusals);

TEST_P(HeldRefusals, AKeyThatCameAfterwardsIsForgotten) {
  const auto held = must(run(store_.get_or_init(user())));
  must(run(store_.remember(user(), "later", *JsonText::parse("1"))));
  const auto left = run(store_.forget(user(), "later", WriteOptions().held(held)));
  ASSERT_TRUE(left) << left.error().message;
  EXPECT_ERROR(run(store_.recall(user(), "later")), NotFound);
}

TEST_P(HeldRefusals, AKeyThatIsNotThereIsNotFoundAllTheSame) {
  const auto held = must(run(store_.get_or_init(user())));
  EXPECT_ERROR(run(store_.forget(user(), "never", WriteOptions().held(held))), NotFound);
}

TEST_P(HeldRefusals, ACaptureThatCameAfterwardsIsSettled) {
  must(run(store_.get_or_init(user())));
  must(run(store_.add_capture(user(), capture(1))));
  const auto held = must(run(store_.fetch(user())));
  const auto later = must(run(store_.add_capture(user(), capture(2))));
  const auto settled =
      run(store_.settle_capture(user(), later.added()->capture.id, WriteOptions().held(held)));
  ASSERT_TRUE(settled) << settled.error().message;
  EXPECT_EQ(settled->amount.minor_units, 2u);
}

TEST_P(HeldRefusals, AContextThatWasMadeHereIsAnsweredAsItWasMadeThoughOthersWroteBeforeTheReply) {
  table_->repeat_writes(true);
  table_->before_next_repetition([&] {
    const auto others = run(store_.push_event(user(), event("another's")));
    ASSERT_TRUE(others) << others.error().message;
  });
  const auto made = must(run(store_.get_or_init(user())));
  table_->repeat_writes(false);
  EXPECT_EQ(made.version, 1u);
  EXPECT_TRUE(made.recent_events.empty());
}

}  // namespace
}  // namespace loopstate::testing
