// Erasing a user: everything goes, late writers fail, and repeating finishes it.
#include <thread>

#include "store/purchases.hpp"
#include "store/rows/keys.hpp"

namespace loopstate::testing {
namespace {

class EraseTest : public PurchaseTest {
 protected:
  void fill() {
    run(store_.link(card(), user(), "4242")).value();
    run(store_.record_capture(purchase())).value();
    run(store_.store_session(user(), session())).value();
    run(store_.set_location(user(), merchant())).value();
  }
  ErrorCode code(auto task) {
    auto result = run(std::move(task));
    return result ? ErrorCode::Internal : result.error().code;
  }
};
LOOPSTATE_STORE_SUITE(EraseTest);

TEST_P(EraseTest, RemovesEverythingAndSaysWhat) {
  fill();
  const auto receipt = run(store_.erase_user(user())).value();
  EXPECT_EQ(receipt.user.text(), "U1");
  EXPECT_EQ(receipt.version, 2u);
  EXPECT_EQ(receipt.erased_at, clock_.now());
  EXPECT_EQ(receipt.items_removed, 5u);
  EXPECT_EQ(receipt.cards_removed, 1u);
  EXPECT_FALSE(receipt.scan);
  EXPECT_EQ(code(store_.lookup(card())), ErrorCode::NotFound);
  EXPECT_TRUE(run(store_.cards_of(user()))->empty());
}

TEST_P(EraseTest, LateWritersFailInsteadOfBringingTheUserBack) {
  fill();
  const auto held = run(store_.fetch(user())).value();
  run(store_.erase_user(user())).value();
  EXPECT_EQ(code(store_.fetch(user())), ErrorCode::Erased);
  EXPECT_EQ(code(store_.get_or_init(user())), ErrorCode::Erased);
  EXPECT_EQ(code(store_.push(held)), ErrorCode::Erased);
  EXPECT_EQ(code(store_.push_event(user(), event())), ErrorCode::Erased);
  EXPECT_EQ(code(store_.push_event(user(), event(), WriteOptions().held(held))), ErrorCode::Erased);
  EXPECT_EQ(code(store_.add_capture(user(), capture())), ErrorCode::Erased);
  EXPECT_EQ(code(store_.add_capture(user(), capture(), AddCaptureOptions().held(held))), ErrorCode::Erased);
  EXPECT_EQ(code(store_.link(card("loop_fp_9"), user(), "4242")), ErrorCode::Erased);
  EXPECT_EQ(code(store_.store_session(user(), session())), ErrorCode::Erased);
  EXPECT_EQ(code(store_.set_location(user(), merchant())), ErrorCode::Erased);
  EXPECT_TRUE(run(store_.record_capture(purchase("square:P2")))->unknown_card());
}

TEST_P(EraseTest, ReviveGoesOnFromTheTombstonesVersion) {
  fill();
  const auto receipt = run(store_.erase_user(user())).value();
  const auto context = run(store_.get_or_init(user(), InitOptions().revive())).value();
  EXPECT_EQ(context.version, receipt.version + 1);
  EXPECT_TRUE(context.recent_events.empty());
  EXPECT_TRUE(run(store_.push_event(user(), event())));
}

TEST_P(EraseTest, RepeatingAnswersWithTheReceipt) {
  fill();
  const auto first = run(store_.erase_user(user())).value();
  clock_.advance(5s);
  const auto second = run(store_.erase_user(user())).value();
  EXPECT_EQ(second.version, first.version);
  EXPECT_EQ(second.erased_at, first.erased_at);
  EXPECT_EQ(second.items_removed, 0u);
}

TEST_P(EraseTest, NobodyIsNotFound) {
  EXPECT_EQ(code(store_.erase_user(user())), ErrorCode::NotFound);
}

TEST_P(EraseTest, UserWithoutAContextIsErasedToo) {
  run(store_.link(card(), user(), "4242")).value();
  EXPECT_EQ(run(store_.erase_user(user()))->items_removed, 1u);
  EXPECT_EQ(code(store_.get_or_init(user())), ErrorCode::Erased);
}

TEST_P(EraseTest, ManyRowsGoInSeveralTransactions) {
  for (int i = 0; i < 120; ++i)
    run(store_.link(card("loop_fp_" + std::to_string(i)), user(), "4242")).value();
  const auto receipt = run(store_.erase_user(user())).value();
  EXPECT_EQ(receipt.items_removed, 120u);
  EXPECT_EQ(receipt.cards_removed, 120u);
  EXPECT_EQ(code(store_.lookup(card("loop_fp_77"))), ErrorCode::NotFound);
}

TEST_P(EraseTest, OnlyAScanFindsTransactions) {
  fill();
  run(store_.mark_processed(transaction("square:other"), user("U2"), 5)).value();
  run(store_.erase_user(user())).value();
  EXPECT_TRUE(run(store_.is_processed(transaction()))->has_value());
  const auto receipt = run(store_.erase_user(user(), EraseOptions().scan())).value();
  ASSERT_TRUE(receipt.scan);
  EXPECT_EQ(receipt.scan->transactions_removed, 1u);
  EXPECT_FALSE(run(store_.is_processed(transaction()))->has_value());
  EXPECT_TRUE(run(store_.is_processed(transaction("square:other")))->has_value());
}

TEST_P(EraseTest, RacingWritersNeverLeaveAnythingBehind) {
  fill();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 5; ++n)
        (void)run(store_.add_capture(user(), capture(static_cast<std::uint64_t>(i))));
      (void)run(store_.link(card("loop_fp_r" + std::to_string(i)), user(), "4242"));
    });
  }
  run(store_.erase_user(user())).value();
  for (auto& thread : threads) thread.join();
  const auto snapshot = run(store_.snapshot(user())).value();
  EXPECT_TRUE(snapshot.erased);
  EXPECT_TRUE(snapshot.captures.empty());
  EXPECT_TRUE(snapshot.cards.empty());
}

class EraseRowsTest : public PurchaseTest {};
LOOPSTATE_STORE_SUITE(EraseRowsTest);

TEST_P(EraseRowsTest, CutOffErasureIsFinishedByRepeatingIt) {
  for (int i = 0; i < 100; ++i)
    run(store_.link(card("loop_fp_" + std::to_string(i)), user(), "4242")).value();
  // The second of its transactions.
  table_->before_next_call([&] { table_->fail_writes(1); }, 2);
  EXPECT_FALSE(run(store_.erase_user(user())));
  EXPECT_EQ(run(store_.fetch(user())).error().code, ErrorCode::Erased);
  run(store_.erase_user(user())).value();
  const auto snapshot = run(store_.snapshot(user())).value();
  EXPECT_TRUE(snapshot.erased);
  EXPECT_TRUE(snapshot.cards.empty());
}

TEST_P(EraseRowsTest, CorruptContextDoesNotKeepItsUser) {
  run(store_.get_or_init(user())).value();
  auto changed = row(store::context_key("U1")).value();
  changed.attributes.set("context_data", "not json");
  place(changed);
  EXPECT_EQ(run(store_.erase_user(user()))->version, 2u);
}

TEST_P(EraseRowsTest, CardThatIsSomebodyElsesByNowStays) {
  run(store_.link(card(), user(), "4242")).value();
  auto changed = row(store::card_key("loop_fp_1")).value();
  changed.attributes.set("user_pubkey", "U2");
  place(changed);
  run(store_.erase_user(user())).value();
  EXPECT_EQ(run(store_.lookup(card()))->user.text(), "U2");
}

TEST_P(EraseRowsTest, TombstoneHasItsAttributesAndNoLifetime) {
  run(store_.get_or_init(user())).value();
  run(store_.erase_user(user())).value();
  const auto tombstone = row(store::context_key("U1")).value();
  EXPECT_EQ(tombstone.uint64("version"), 2u);
  EXPECT_EQ(tombstone.time("updated_at"), clock_.now());
  EXPECT_EQ(tombstone.time("erased_at"), clock_.now());
  EXPECT_FALSE(tombstone.find("ttl"));
  EXPECT_FALSE(tombstone.find("context_data"));
}

}  // namespace
}  // namespace loopstate::testing
