// Questions across users: who is there, what is pending, which payments were seen, and what left the rings.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "loopstate/questions.hpp"
#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class QuestionsTest : public PurchaseTest {
 protected:
  Questions questions() const { return Questions(store_); }

  void link_and_buy(std::string_view who, std::string_view card_name, std::string_view payment,
                    std::uint64_t cents = 100, std::string shop = "M1") {
    ASSERT_TRUE(run(store_.link(card(card_name), user(who), "4242")));
    auto bought = purchase(payment, card_name, cents);
    bought.capture.merchant_id = std::move(shop);
    ASSERT_TRUE(run(store_.record_capture(bought)).value().recorded());
  }

  /// All entries, page by page, with at most `limit` on each.
  template <typename Entry, typename Options>
  std::vector<Entry> all(Task<Result<AnswerPage<Entry>>> (Questions::*ask)(Options), Options options = {}) {
    std::vector<Entry> entries;
    auto asked = questions();
    for (int pages = 0; pages < 1000; ++pages) {
      auto page = must(run((asked.*ask)(options)));
      if (options.limit() > 0) {
        EXPECT_LE(page.entries.size(), options.limit());
      }
      std::ranges::move(page.entries, std::back_inserter(entries));
      if (!page.next) return entries;
      options.after(page.next);
    }
    ADD_FAILURE() << "the pages do not end";
    return entries;
  }
  std::map<std::string, UserEntry> users(std::size_t limit = 0) {
    std::map<std::string, UserEntry> by_name;
    for (auto& entry : all<UserEntry>(&Questions::users, PageOptions().limit(limit))) {
      auto name = entry.user.text();
      EXPECT_TRUE(by_name.emplace(name, std::move(entry)).second) << name << " is listed twice";
    }
    return by_name;
  }
  std::vector<std::string> pending_of(PendingOptions options) {
    std::vector<std::string> owners;
    for (const auto& entry : all<PendingCapture>(&Questions::pending, std::move(options))) {
      owners.push_back(entry.user.text());
    }
    return owners;
  }
};
LOOPSTATE_STORE_SUITE(QuestionsTest);

TEST_P(QuestionsTest, WhatIsLeftOfAUsersCapturesIsNotReadToListTheUser) {
  must(run(store_.get_or_init(user("U1"))));
  must(run(store_.add_capture(user("U1"), capture(1))));
  for (int i = 0; i < 30; ++i) {
    table::Item ended;
    ended.key = {"USER#U1", fmt::format("WAS_PENDING#{:020}#x", i)};
    ended.attributes.set("merchant_id", std::string(150'000, 'm'));
    place(ended);
  }
  must(run(store_.get_or_init(user("U2"))));
  auto asked = questions();
  const auto first = must(run(asked.users()));
  EXPECT_LE(first.cost.items, 15u) << "30 are stored, of 150 KB each";
  const auto found = users();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found.at("U1").pending, 1u);
}

TEST_P(QuestionsTest, AnEmptyStoreHasNobodyInIt) {
  EXPECT_TRUE(users().empty());
  EXPECT_TRUE(all<PendingCapture>(&Questions::pending, PendingOptions()).empty());
  EXPECT_TRUE(all<SeenPayment>(&Questions::payments, PaymentsOptions()).empty());
}

TEST_P(QuestionsTest, AUserIsListedWithWhatIsThereAndWhenItWasLastTouched) {
  link_and_buy("U1", "loop_fp_1", "square:P1");
  advance(std::chrono::seconds(60));
  link_and_buy("U1", "loop_fp_2", "square:P2");
  ASSERT_TRUE(run(store_.store_session(user("U1"), session())));
  const auto touched = now();
  advance(std::chrono::seconds(60));
  const auto found = users();
  ASSERT_EQ(found.size(), 1u);
  const auto& entry = found.at("U1");
  EXPECT_EQ(entry.touched_at, touched);
  EXPECT_EQ(entry.version, run(store_.fetch(user("U1")))->version);
  EXPECT_EQ(entry.pending, 2u);
  EXPECT_EQ(entry.cards, 2u);
  EXPECT_TRUE(entry.has_session);
  EXPECT_FALSE(entry.has_location);
  EXPECT_EQ(entry.erased_at, Timestamp{});
}

TEST_P(QuestionsTest, AUserWithoutAContextIsListedToo) {
  ASSERT_TRUE(run(store_.link(card(), user("U1"), "4242")));
  const auto found = users();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.at("U1").version, 0u);
  EXPECT_EQ(found.at("U1").touched_at, now());
}

TEST_P(QuestionsTest, AnErasedUserIsListedAsErased) {
  link_and_buy("U1", "loop_fp_1", "square:P1");
  ASSERT_TRUE(run(store_.erase_user(user("U1"))));
  const auto found = users();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.at("U1").erased_at, now());
  EXPECT_EQ(found.at("U1").pending, 0u);
}

TEST_P(QuestionsTest, EveryUserIsListedOnceHoweverSmallThePages) {
  for (int i = 0; i < 7; ++i) {
    const auto number = std::to_string(i);
    link_and_buy("U" + number, "loop_fp_" + number, "square:P" + number);
  }
  for (const std::size_t limit : {0u, 1u, 2u, 3u, 7u, 8u}) {
    const auto found = users(limit);
    EXPECT_EQ(found.size(), 7u) << "pages of " << limit;
    for (const auto& [name, entry] : found) EXPECT_EQ(entry.pending, 1u) << name;
  }
}

TEST_P(QuestionsTest, AUserWhoFillsMoreThanAPageIsListedOnce) {
  use_settings(settings_);
  auto big = capture(100);
  big.proof_data = std::string(60'000, 'x');
  settings_.max_pending_captures = 40;
  use_settings(settings_);
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(run(store_.add_capture(user("U2"), big)));
  ASSERT_TRUE(run(store_.get_or_init(user("U1"))));
  ASSERT_TRUE(run(store_.get_or_init(user("U3"))));
  const auto found = users();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found.at("U2").pending, 30u);
}

TEST_P(QuestionsTest, WhatTheRustCrateWroteIsListed) {
  place_rust_items();
  const auto found = users();
  EXPECT_FALSE(found.empty());
  EXPECT_FALSE(all<PendingCapture>(&Questions::pending, PendingOptions()).empty());
  EXPECT_FALSE(all<SeenPayment>(&Questions::payments, PaymentsOptions()).empty());
}

TEST_P(QuestionsTest, WhatIsPendingIsListedAcrossUsersWithItsPayment) {
  link_and_buy("U1", "loop_fp_1", "square:P1", 450);
  ASSERT_TRUE(run(store_.add_capture(user("U2"), capture(700))));
  std::set<std::tuple<std::string, std::uint64_t, std::string>> found;
  for (const auto& entry : all<PendingCapture>(&Questions::pending, PendingOptions().limit(1))) {
    found.emplace(entry.user.text(), entry.capture.amount.minor_units,
                  entry.transaction ? entry.transaction->text() : "");
  }
  EXPECT_THAT(found, ElementsAre(std::tuple("U1", 450u, "square:P1"), std::tuple("U2", 700u, "")));
}

TEST_P(QuestionsTest, WhatIsPendingCanBeAskedForByMerchantByAgeAndByItsEnd) {
  ASSERT_TRUE(run(store_.add_capture(user("old"), capture(100, "M1"))));
  advance(std::chrono::days(10));
  ASSERT_TRUE(run(store_.add_capture(user("new"), capture(100, "M2"))));
  advance(std::chrono::days(1));
  EXPECT_THAT(pending_of(PendingOptions()), UnorderedElementsAre("old", "new"));
  EXPECT_THAT(pending_of(PendingOptions().merchant(merchant("M2"))), ElementsAre("new"));
  EXPECT_THAT(pending_of(PendingOptions().older_than(std::chrono::days(2))), ElementsAre("old"));
  // Captures live for 21 days.
  EXPECT_THAT(pending_of(PendingOptions().expires_within(std::chrono::days(10))), ElementsAre("old"));
  EXPECT_THAT(pending_of(PendingOptions().expires_within(std::chrono::days(9))), ElementsAre());
  EXPECT_THAT(pending_of(PendingOptions().expires_within(std::chrono::days(30)).merchant(merchant("M2"))),
              ElementsAre("new"));
}

TEST_P(QuestionsTest, WhatHasExpiredIsNotPending) {
  ASSERT_TRUE(run(store_.add_capture(user(), capture())));
  advance(settings_.pending_lifetime);
  EXPECT_TRUE(pending_of(PendingOptions()).empty());
  EXPECT_EQ(users().at("U1").pending, 0u);
}

TEST_P(QuestionsTest, PaymentsSeenAreListedWithWhatWasPaidAndRefunded) {
  link_and_buy("U1", "loop_fp_1", "square:P1", 450);
  link_and_buy("U2", "loop_fp_2", "square:P2", 700);
  ASSERT_TRUE(run(store_.record_refund(refund_of("square:R1:refund", 150))));
  ASSERT_TRUE(
      run(store_.claim(transaction("square:P3"), "x", std::chrono::seconds(60), LapsedPolicy::Refuse)));
  std::map<std::string, SeenPayment> found;
  for (auto& seen : all<SeenPayment>(&Questions::payments, PaymentsOptions().limit(1))) {
    found.emplace(seen.record.transaction.text(), seen);
  }
  ASSERT_EQ(found.size(), 2u) << "a claim is not a payment seen";
  EXPECT_EQ(found.at("square:P1").paid, (Money{450, "EUR"}));
  EXPECT_EQ(found.at("square:P1").refunded, (Money{150, "EUR"}));
  EXPECT_EQ(found.at("square:P2").record.user, user("U2"));
  EXPECT_EQ(found.at("square:P2").remembered_until, now() + settings_.transaction_lifetime);
  const auto of_one = all<SeenPayment>(&Questions::payments, PaymentsOptions().user(user("U2")));
  ASSERT_EQ(of_one.size(), 1u);
  EXPECT_EQ(of_one[0].record.transaction, transaction("square:P2"));
}

TEST_P(QuestionsTest, WhatIsSettledAndWhatARingDropsLeaveATraceWithTheirUser) {
  settings_.max_pending_captures = 1;
  use_settings(settings_);
  const auto first = run(store_.add_capture(user(), capture(100, "M1"))).value();
  advance(std::chrono::seconds(5));
  const auto second = run(store_.add_capture(user(), capture(200, "M2"))).value();
  advance(std::chrono::seconds(5));
  ASSERT_TRUE(run(store_.settle_capture(user(), second.added()->capture.id)));
  const auto ended = must(run(questions().ended(user())));
  ASSERT_EQ(ended.entries.size(), 2u);
  EXPECT_EQ(ended.entries[0].id, first.added()->capture.id);
  EXPECT_EQ(ended.entries[0].ending, Ending::Dropped);
  EXPECT_EQ(ended.entries[0].ended_at, kStart + std::chrono::seconds(5));
  EXPECT_EQ(ended.entries[0].merchant_id, "M1");
  EXPECT_EQ(ended.entries[0].amount, (Money{100, "EUR"}));
  EXPECT_EQ(ended.entries[1].ending, Ending::Settled);
  EXPECT_EQ(ended.entries[1].ended_at, kStart + std::chrono::seconds(10));
  EXPECT_TRUE(must(run(questions().ended(user("U2")))).entries.empty());
}

TEST_P(QuestionsTest, TheTracesOfAUsersCapturesGoWithTheUser) {
  const auto added = run(store_.add_capture(user(), capture())).value();
  ASSERT_TRUE(run(store_.settle_capture(user(), added.added()->capture.id)));
  ASSERT_TRUE(run(store_.erase_user(user())));
  EXPECT_TRUE(must(run(questions().ended(user()))).entries.empty());
}

TEST_P(QuestionsTest, ATraceCostsNoRequest) {
  settings_.max_pending_captures = 1;
  use_settings(settings_);
  ASSERT_TRUE(run(store_.link(card(), user(), "4242")));
  const auto first = run(store_.record_capture(purchase("square:P1"))).value();
  EXPECT_EQ(requests_of(store_.record_capture(purchase("square:P2"), RecordOptions().held(first.held()))),
            1u);
  EXPECT_EQ(must(run(questions().ended(user()))).entries.size(), 1u);
}

TEST_P(QuestionsTest, WhatRingsLoseIsCounted) {
  settings_.max_pending_captures = 2;
  use_settings(settings_);
  ASSERT_TRUE(run(store_.add_capture(user(), capture(1))));
  ASSERT_TRUE(run(store_.add_capture(user(), capture(2))));
  ASSERT_TRUE(run(store_.add_capture(user(), capture(3))));
  EXPECT_EQ(ring_losses(store_).dropped, 1u);
  EXPECT_EQ(ring_losses(store_).expired, 0u);
  advance(settings_.pending_lifetime);
  const auto fresh = run(store_.add_capture(user(), capture(4))).value();
  EXPECT_EQ(ring_losses(store_).dropped, 1u);
  EXPECT_EQ(ring_losses(store_).expired, 2u) << "the two that were left";
  ASSERT_TRUE(run(store_.settle_capture(user(), fresh.added()->capture.id)));
  EXPECT_EQ(ring_losses(store_).expired, 2u) << "what was settled is not lost, and nothing is counted twice";
}

TEST_P(QuestionsTest, AWriteThatIsRepeatedCountsItsLossesOnce) {
  settings_.max_pending_captures = 1;
  use_settings(settings_);
  ASSERT_TRUE(run(store_.add_capture(user(), capture(1))));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(run(store_.add_capture(user(), capture(2), AddCaptureOptions(request("again")))));
  }
  EXPECT_EQ(ring_losses(store_).dropped, 1u);
}

TEST_P(QuestionsTest, ADamagedPageTokenIsRefusedWithTheWayOut) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(store_.get_or_init(user("U" + std::to_string(i)))));
  const auto token = must(run(questions().users(PageOptions().limit(1)))).next;
  ASSERT_TRUE(token);
  for (const auto& wrong : {std::string("x"), std::string(), token->substr(0, token->size() - 4),
                            token->substr(4), std::string(200, 'A')}) {
    const auto refused = run(questions().users(PageOptions().after(wrong)));
    ASSERT_TRUE(refused_with(refused, ErrorCode::InvalidArgument)) << wrong;
    EXPECT_THAT(refused.error().message, HasSubstr("without one, the answer begins at its first page"));
  }
}

TEST_P(QuestionsTest, AnotherQuestionsPageTokenIsRefusedByName) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(store_.get_or_init(user("U" + std::to_string(i)))));
  const auto token = must(run(questions().users(PageOptions().limit(1)))).next;
  const auto refused = run(questions().pending(PendingOptions().after(token)));
  ASSERT_TRUE(refused_with(refused, ErrorCode::InvalidArgument));
  EXPECT_THAT(refused.error().message, HasSubstr("belongs to another question, users"));
}

TEST_P(QuestionsTest, AnotherStoresPageTokenIsRefused) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(store_.get_or_init(user("U" + std::to_string(i)))));
  const auto token = must(run(questions().users(PageOptions().limit(1)))).next;
  const auto other = GetParam().make(runner_.executor());
  Questions elsewhere(store::store_over(other, settings_, clock_));
  const auto refused = run(elsewhere.users(PageOptions().after(token)));
  ASSERT_TRUE(refused_with(refused, ErrorCode::InvalidArgument));
  EXPECT_THAT(refused.error().message, HasSubstr("another store's"));
}

TEST_P(QuestionsTest, AnItemThatCannotBeReadIsCountedAndPassedOver) {
  ASSERT_TRUE(run(store_.add_capture(user("U1"), capture())));
  auto rotten = must(run(store_.add_capture(user("U2"), capture()))).added()->capture;
  auto row = this->row(store::pending_key("U2", rotten.id)).value();
  row.attributes.set("capture_data", "{");
  place(row);
  const auto page = must(run(questions().pending()));
  EXPECT_EQ(page.entries.size(), 1u);
  EXPECT_EQ(page.unreadable, 1u);
}

}  // namespace
}  // namespace loopstate::testing
