// Erasing what others hold about a user: cards that changed hands, what only a scan finds, repeats, and scans
// that were cut off.
#include "store/purchases.hpp"
#include "store/rows/card_row.hpp"

namespace loopstate::testing {
namespace {

class EraseScan : public PurchaseTest {
 protected:
  void link(std::string_view fingerprint, std::string_view to = "U1") {
    must(run(store_.link(card(fingerprint), user(to), "4242")));
  }
  // As the Rust crate links: over whoever had it, without the user's own item.
  void link_as_rust(std::string_view fingerprint, std::string_view to = "U1") {
    place(store::card_row({*Fingerprint::parse(fingerprint), *UserId::parse(to), "1111", kStart}));
  }
  EraseReceipt erase(EraseOptions options = {}) {
    return must(run(store_.erase_user(user(), std::move(options))));
  }
  EraseReceipt scan(EraseOptions options = {}) { return erase(std::move(options.scan())); }
  std::string owner(std::string_view fingerprint) {
    const auto linked = run(store_.lookup(card(fingerprint)));
    return linked ? linked->user.text() : "";
  }
  // Enough for several pages of a scan.
  void fill_pages() {
    for (int i = 0; i < 40; ++i) {
      place({store::processed_key("big:" + std::to_string(100 + i)),
             {{"user_pubkey", i % 2 == 0 ? "U1" : "U2"},
              {"cred_amount", table::Value::number(std::int64_t{1})},
              {"processed_at", table::Value::time(kStart)},
              {"result", std::string(100'000, 'x')},
              {"ttl", table::Value::time(kStart + 10'000s)}}});
    }
  }
  std::size_t marks_of(std::string_view of) {
    std::size_t count = 0;
    for (int i = 0; i < 40; ++i) {
      const auto mark = must(run(store_.is_processed(transaction("big:" + std::to_string(100 + i)))));
      if (mark && mark->user.text() == of) ++count;
    }
    return count;
  }
};
LOOPSTATE_STORE_SUITE(EraseScan);

TEST_P(EraseScan, OneCardThatIsSomebodyElsesLeavesNoOtherCardBehind) {
  for (const auto fp : {"a", "b", "c"}) link(fp);
  link_as_rust("b", "U2");
  const auto receipt = erase();
  EXPECT_EQ(receipt.items_removed, 3u);
  EXPECT_EQ(receipt.cards_removed, 2u);
  EXPECT_EQ(owner("a"), "");
  EXPECT_EQ(owner("b"), "U2");
  EXPECT_EQ(owner("c"), "");
  link("a", "U3");
  EXPECT_TRUE(run(store_.record_capture(purchase("square:P9", "c")))->unknown_card());
}

TEST_P(EraseScan, ACardThatIsTransferredMeanwhileStaysWithItsNewOwner) {
  for (const auto fp : {"a", "b", "c"}) link(fp);
  table_->before_next_call(
      [&] { must(run(store_.link(card("b"), user("U2"), "", LinkOptions().transfer()))); }, 1);
  erase();
  EXPECT_EQ(owner("a"), "");
  EXPECT_EQ(owner("b"), "U2");
  EXPECT_EQ(must(run(store_.cards_of(user("U2")))).size(), 1u);
  EXPECT_EQ(owner("c"), "");
}

TEST_P(EraseScan, ACardThatIsTransferredBetweenAnErasureAndItsRepetitionStays) {
  link("a");
  table_->repeat_writes(true);
  table_->before_next_repetition([&] { link("a", "U2"); });
  erase();
  EXPECT_EQ(owner("a"), "U2");
}

TEST_P(EraseScan, AUserWhoIsBroughtBackMeanwhileKeepsWhatIsNew) {
  for (int i = 0; i < 100; ++i) link("fp" + std::to_string(100 + i));
  table_->before_next_call(
      [&] {
        must(run(store_.get_or_init(user(), InitOptions().revive())));
        table_->go_away_after(0);
      },
      2);
  EXPECT_ERROR(run(store_.erase_user(user())), Unavailable);
  table_->come_back();
  EXPECT_FALSE(must(run(store_.snapshot(user()))).erased);
}

TEST_P(EraseScan, WhatAUserWhoIsBroughtBackGetsElsewhereStays) {
  const auto fill = [this] {
    must(run(store_.get_or_init(user(), InitOptions().revive())));
    link("a");
    must(run(store_.mark_processed(transaction("t"), user(), 5)));
  };
  bool is_over = false;
  for (std::size_t calls = 0; !is_over; ++calls) {
    fill();
    is_over = true;
    bool was_erased = false;
    table_->before_next_call(
        [&] {
          is_over = false;
          was_erased = refused_with(run(store_.fetch(user())), ErrorCode::Erased);
          if (was_erased) fill();
        },
        calls);
    scan();
    if (!was_erased) continue;
    EXPECT_EQ(owner("a"), "U1") << calls;
    EXPECT_TRUE(must(run(store_.is_processed(transaction("t"))))) << calls;
  }
}

TEST_P(EraseScan, ManyMoreRowsThanRoundsGo) {
  for (int i = 0; i < 3'000; ++i) {
    place({{"USER#U1", "CARD#" + std::to_string(10'000 + i)}, {{"card_last4", "1"}}});
  }
  EXPECT_EQ(erase().items_removed, 3'000u);
}

TEST_P(EraseScan, FindsTheCardsThatTheRustCrateLinkedThoughThePartitionIsEmpty) {
  link_as_rust("a");
  link_as_rust("b", "U2");
  must(run(store_.mark_processed(transaction("t"), user(), 5)));
  const auto receipt = scan();
  EXPECT_EQ(receipt.cards_removed, 1u);
  EXPECT_EQ(receipt.scan->transactions_removed, 1u);
  EXPECT_EQ(receipt.items_removed, 0u);
  EXPECT_EQ(receipt.version, 1u);
  EXPECT_EQ(owner("a"), "");
  EXPECT_EQ(owner("b"), "U2");
  EXPECT_ERROR(run(store_.link(card("c"), user(), "")), Erased);
  EXPECT_ERROR(run(store_.store_session(user(), session())), Erased);
  EXPECT_ERROR(run(store_.set_location(user(), merchant())), Erased);
}

TEST_P(EraseScan, OfAUserNobodyKnowsIsNotFoundAndLeavesNothing) {
  link("a", "U2");
  EXPECT_ERROR(run(store_.erase_user(user(), EraseOptions().scan())), NotFound);
  EXPECT_FALSE(row(store::context_key("U1")));
}

TEST_P(EraseScan, RemovesAnswersThatAreKeptForRepetitions) {
  must(run(store_.store_session(user(), session(), request("r-1"))));
  must(run(store_.store_session(user("U2"), session(), request("r-2"))));
  scan();
  EXPECT_FALSE(row(store::request_key("r-1")));
  EXPECT_TRUE(row(store::request_key("r-2")));
}

TEST_P(EraseScan, RemovesEveryPartOfALongAnswer) {
  must(run(store_.store_session(user(), session(), request("r-1"))));
  place({store::request_key("r-1", 1),
         {{"answer", "more"}, {"user_pubkey", "U1"}, {"ttl", table::Value::time(kStart + 1'000s)}}});
  place({store::request_key("r-2", 1),
         {{"answer", "more"}, {"user_pubkey", "U2"}, {"ttl", table::Value::time(kStart + 1'000s)}}});
  scan();
  EXPECT_FALSE(row(store::request_key("r-1", 1)));
  EXPECT_TRUE(row(store::request_key("r-2", 1)));
}

TEST_P(EraseScan, IsNotBoundedByTheDefaultTimeout) {
  fill_pages();
  // As good as no time for a call, and enough for each request of the scan.
  use_settings({.default_timeout = std::chrono::milliseconds(1)});
  const auto receipt = scan(EraseOptions().request_timeout(std::chrono::minutes(1)));
  EXPECT_EQ(receipt.scan->transactions_removed, 20u);
}

TEST_P(EraseScan, EndsAtADeadlineThatTheCallerGave) {
  fill_pages();
  const auto passed = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  EXPECT_FALSE(run(store_.erase_user(user(), EraseOptions().scan().deadline(passed))));
  EXPECT_EQ(marks_of("U1"), 20u);
}

TEST_P(EraseScan, CutOffTellsWhereToGoOnAndRemovesTheRestFromThere) {
  fill_pages();
  std::string cursor;
  EraseReceipt so_far;
  const auto stop = [&](const EraseProgress& progress) -> Result<void> {
    cursor = progress.cursor;
    so_far = progress.receipt;
    return fail(ErrorCode::Cancelled, "enough for today");
  };
  EXPECT_ERROR(run(store_.erase_user(user(), EraseOptions().scan().progress(stop))), Cancelled);
  ASSERT_FALSE(cursor.empty());
  EXPECT_EQ(marks_of("U1"), 20u - so_far.scan->transactions_removed);
  EXPECT_EQ(scan(EraseOptions().resume(cursor)).scan->transactions_removed,
            20u - so_far.scan->transactions_removed);
  EXPECT_EQ(marks_of("U1"), 0u);
  EXPECT_EQ(marks_of("U2"), 20u);
  EXPECT_EQ(scan().scan->transactions_removed, 0u) << "repeating is harmless";
}

TEST_P(EraseScan, WithACursorThatIsNoneRemovesNothing) {
  link("a");
  EXPECT_ERROR(run(store_.erase_user(user(), EraseOptions().scan().resume("no cursor"))), InvalidArgument);
  EXPECT_EQ(owner("a"), "U1");
}

TEST_P(EraseScan, CountsWhatCannotBeRead) {
  link("a");
  must(run(store_.mark_processed(transaction("t"), user("U2"), 5)));
  table_->damage(store::processed_key("t"));
  EXPECT_EQ(scan().scan->unreadable, 1u);
}

TEST_P(EraseScan, RepeatedUnderItsRequestIdLeavesAUserWhoWasBroughtBack) {
  link("a");
  const auto first = erase(request("r-1"));
  EXPECT_EQ(first.items_removed, 1u);
  must(run(store_.get_or_init(user(), InitOptions().revive())));
  link("b");
  advance(60s);
  const auto again = erase(request("r-1"));
  EXPECT_EQ(again.version, first.version);
  EXPECT_EQ(again.erased_at, first.erased_at);
  EXPECT_EQ(again.items_removed, first.items_removed);
  EXPECT_EQ(again.cards_removed, first.cards_removed);
  EXPECT_EQ(owner("b"), "U1");
}

TEST_P(EraseScan, OfAnErasedUserRepeatedUnderItsRequestIdLeavesTheUserWhoWasBroughtBack) {
  link("a");
  erase();
  const auto first = erase(request("r-1"));
  EXPECT_EQ(first.items_removed, 0u);
  must(run(store_.get_or_init(user(), InitOptions().revive())));
  EXPECT_EQ(erase(request("r-1")).version, first.version);
  EXPECT_FALSE(must(run(store_.snapshot(user()))).erased);
}

TEST_P(EraseScan, CutOffUnderARequestIdIsFinishedUnderItAndSaysAllThatWent) {
  for (int i = 0; i < 100; ++i) link("fp" + std::to_string(100 + i));
  table_->before_next_call([&] { table_->fail_writes(1); }, 3);
  EXPECT_FALSE(run(store_.erase_user(user(), request("r-1"))));
  const auto receipt = erase(request("r-1"));
  EXPECT_EQ(receipt.items_removed, 100u);
  EXPECT_EQ(receipt.cards_removed, 100u);
  EXPECT_EQ(erase(request("r-1")).items_removed, 100u);
}

TEST_P(EraseScan, UnderARequestIdAnswersAScanTheSame) {
  fill_pages();
  const auto first = scan(request("r-1"));
  EXPECT_EQ(first.scan->transactions_removed, 20u);
  fill_pages();
  EXPECT_EQ(scan(request("r-1")).scan->transactions_removed, 20u);
  EXPECT_EQ(marks_of("U1"), 20u);
}

TEST_P(EraseScan, KeepsTheIdsOfTheWritesBeforeSoThatALateWriterKnowsItsOwn) {
  must(run(store_.get_or_init(user())));
  must(run(store_.push_event(user(), event())));
  const auto before = *row(store::context_key("U1"))->string("write_ids");
  erase();
  const auto after = *row(store::context_key("U1"))->string("write_ids");
  EXPECT_NE(after.find(before), std::string::npos);
}

}  // namespace
}  // namespace loopstate::testing
