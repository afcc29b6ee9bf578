#include "loopstate/pepper.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/card_row.hpp"
#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Cards : public StoreTest {
 protected:
  Result<Card> link(std::string_view to = "U1", std::string last4 = "4242", bool transfer = false,
                    CallOptions options = {}) {
    return run(
        store_.link(card(), user(to), std::move(last4), LinkOptions(std::move(options)).transfer(transfer)));
  }
  Result<Card> transfer(std::string_view to) { return link(to, "4242", true); }
  std::vector<Card> cards_of(std::string_view owner) { return must(run(store_.cards_of(user(owner)))); }
  // As the Rust crate links: without the user's own item.
  void link_as_rust(std::string_view to) {
    place(store::card_row({card(), *UserId::parse(to), "1111", kStart - 100s}));
  }
};
LOOPSTATE_STORE_SUITE(Cards);

TEST_P(Cards, AreFoundByTheirFingerprint) {
  const Card linked = must(link());
  EXPECT_EQ(linked, (Card{Fingerprint{"loop_fp_1"}, UserId{"U1"}, "4242", kStart}));
  table_->take_calls();
  EXPECT_EQ(must(run(store_.lookup(card()))), linked);
  EXPECT_EQ(table_->take_calls(), 1u);
}

TEST_P(Cards, ThatNobodyLinkedAreNotFound) {
  EXPECT_ERROR(run(store_.lookup(card())), NotFound);
}

TEST_P(Cards, AreLinkedInOneRequest) {
  must(link());
  EXPECT_EQ(table_->take_calls(), 1u);
}

TEST_P(Cards, HaveBothItemsWithTheAttributesOfTheTable) {
  must(link());
  const auto meta = row(store::card_key("loop_fp_1"));
  ASSERT_TRUE(meta);
  EXPECT_EQ(meta->attributes, (table::Attributes{{"fingerprint", "loop_fp_1"},
                                                 {"user_pubkey", "U1"},
                                                 {"card_last4", "4242"},
                                                 {"linked_at", table::Value::time(kStart)}}));
  const auto own = row(store::user_card_key("U1", "loop_fp_1"));
  ASSERT_TRUE(own);
  EXPECT_EQ(own->attributes,
            (table::Attributes{{"card_last4", "4242"}, {"linked_at", table::Value::time(kStart)}}));
}

TEST_P(Cards, OfAUserAreListedByFingerprint) {
  for (const auto fp : {"c", "a", "b"}) must(run(store_.link(card(fp), user(), "")));
  must(run(store_.link(card("d"), user("U2"), "")));
  table_->take_calls();
  const auto cards = cards_of("U1");
  EXPECT_EQ(table_->take_calls(), 1u);
  ASSERT_EQ(cards.size(), 3u);
  EXPECT_EQ(cards[0], (Card{Fingerprint{"a"}, UserId{"U1"}, "", kStart}));
  EXPECT_EQ(cards[1].fingerprint.text(), "b");
  EXPECT_EQ(cards[2].fingerprint.text(), "c");
  EXPECT_THAT(cards_of("U9"), IsEmpty());
}

TEST_P(Cards, OfSomebodyElseAreNotTakenOver) {
  must(link("U1"));
  EXPECT_ERROR(link("U2"), CardLinkedElsewhere);
  EXPECT_EQ(must(run(store_.lookup(card()))).user.text(), "U1");
  EXPECT_THAT(cards_of("U2"), IsEmpty());
}

TEST_P(Cards, AreNotNamedInRefusals) {
  must(link("U1"));
  const auto refused = link("U2");
  EXPECT_EQ(refused.error().message.find("loop_fp"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("U1"), std::string::npos);
}

TEST_P(Cards, LinkedAgainKeepTheirTimeAndTakeTheNewDigits) {
  must(link("U1", "4242"));
  advance(50s);
  EXPECT_EQ(must(link("U1", "1111")), (Card{Fingerprint{"loop_fp_1"}, UserId{"U1"}, "1111", kStart}));
  EXPECT_EQ(must(run(store_.lookup(card()))), (Card{Fingerprint{"loop_fp_1"}, UserId{"U1"}, "1111", kStart}));
  EXPECT_THAT(cards_of("U1"), ElementsAre(Card{Fingerprint{"loop_fp_1"}, UserId{"U1"}, "1111", kStart}));
}

TEST_P(Cards, LinkedAgainUnchangedCostOneRequest) {
  must(link());
  advance(50s);
  table_->take_calls();
  EXPECT_EQ(must(link()).linked_at, kStart);
  EXPECT_EQ(table_->take_calls(), 1u);
}

TEST_P(Cards, AreTransferredInTwoRequests) {
  must(link("U1"));
  advance(50s);
  table_->take_calls();
  EXPECT_EQ(must(transfer("U2")), (Card{Fingerprint{"loop_fp_1"}, UserId{"U2"}, "4242", kStart + 50s}));
  EXPECT_EQ(table_->take_calls(), 2u);
  EXPECT_EQ(must(run(store_.lookup(card()))).user.text(), "U2");
  EXPECT_THAT(cards_of("U1"), IsEmpty());
  EXPECT_EQ(cards_of("U2").size(), 1u);
}

TEST_P(Cards, ThatTheRustCrateLinkedAreTransferred) {
  link_as_rust("U1");
  must(transfer("U2"));
  EXPECT_EQ(must(run(store_.lookup(card()))).user.text(), "U2");
  EXPECT_EQ(cards_of("U2").size(), 1u);
}

TEST_P(Cards, ThatTheRustCrateLinkedGetTheUsersItemWhenLinkedAgain) {
  link_as_rust("U1");
  EXPECT_EQ(must(link("U1", "1111")).linked_at, kStart - 100s);
  EXPECT_THAT(cards_of("U1"),
              ElementsAre(Card{Fingerprint{"loop_fp_1"}, UserId{"U1"}, "1111", kStart - 100s}));
}

TEST_P(Cards, OfTheRustCratesFixtureAreRead) {
  place_rust_items();
  EXPECT_EQ(must(run(store_.lookup(card("loop_fp_U1")))),
            (Card{Fingerprint{"loop_fp_U1"}, UserId{"U1"}, "4242", from_unix_seconds(1795575876)}));
}

TEST_P(Cards, AreLinkedWhereAnItemOfTheUsersWasLeftBehind) {
  place(store::user_card_row({Fingerprint{"loop_fp_1"}, UserId{"U1"}, "9999",
                              from_unix_seconds(5)}));  // the Rust crate only unlinks the card's item
  EXPECT_EQ(must(link()).linked_at, kStart);
  EXPECT_THAT(cards_of("U1"), ElementsAre(Card{Fingerprint{"loop_fp_1"}, UserId{"U1"}, "4242", kStart}));
}

TEST_P(Cards, AreUnlinkedInOneRequestWhenTheUserIsNamed) {
  must(link());
  table_->take_calls();
  EXPECT_EQ(must(run(store_.unlink(card(), UnlinkOptions().owner(user())))).user.text(), "U1");
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_ERROR(run(store_.lookup(card())), NotFound);
  EXPECT_THAT(cards_of("U1"), IsEmpty());
}

TEST_P(Cards, AreUnlinkedInTwoRequestsWhenNobodyIsNamed) {
  const Card linked = must(link());
  table_->take_calls();
  EXPECT_EQ(must(run(store_.unlink(card()))), linked);
  EXPECT_THAT(table_->take_calls(), after_reading(2));
  EXPECT_FALSE(row(store::card_key("loop_fp_1")));
  EXPECT_FALSE(row(store::user_card_key("U1", "loop_fp_1")));
}

TEST_P(Cards, ThatTheRustCrateLinkedAreUnlinked) {
  link_as_rust("U1");
  must(run(store_.unlink(card(), UnlinkOptions().owner(user()))));
  EXPECT_FALSE(row(store::card_key("loop_fp_1")));
}

TEST_P(Cards, OfSomebodyElseAreNotUnlinked) {
  must(link("U1"));
  EXPECT_ERROR(run(store_.unlink(card(), UnlinkOptions().owner(user("U2")))), CardLinkedElsewhere);
  EXPECT_EQ(cards_of("U1").size(), 1u);
}

TEST_P(Cards, ThatNobodyLinkedAreNotUnlinked) {
  EXPECT_ERROR(run(store_.unlink(card(), UnlinkOptions().owner(user()))), NotFound);
  EXPECT_ERROR(run(store_.unlink(card())), NotFound);
}

TEST_P(Cards, ThatChangeHandsWhileTheyAreUnlinkedAreUnlinkedFromTheNewOwner) {
  must(link("U1"));
  table_->before_next_call([&] { must(transfer("U2")); }, 1);
  EXPECT_EQ(must(run(store_.unlink(card()))).user.text(), "U2");
  EXPECT_FALSE(row(store::user_card_key("U2", "loop_fp_1")));
  EXPECT_FALSE(row(store::card_key("loop_fp_1")));
}

TEST_P(Cards, WhoseDigitsChangeWhileTheyAreUnlinkedAreAnsweredAsTheyWent) {
  must(link("U1", "4242"));
  table_->before_next_call([&] { must(link("U1", "1111")); }, 1);
  EXPECT_EQ(must(run(store_.unlink(card()))).last4, "1111");
  EXPECT_FALSE(row(store::card_key("loop_fp_1")));
}

TEST_P(Cards, ThatTheRustCrateTookAwayLeaveNoItemOfTheirOldOwnersOnceUnlinked) {
  must(link("U1"));
  link_as_rust("U2");
  EXPECT_ERROR(run(store_.unlink(card(), UnlinkOptions().owner(user("U1")))), CardLinkedElsewhere);
  EXPECT_THAT(cards_of("U1"), IsEmpty());
  EXPECT_EQ(must(run(store_.lookup(card()))).user.text(), "U2");
}

TEST_P(Cards, ThatTheRustCrateUnlinkedLeaveNoItemOfTheirOldOwnersOnceUnlinked) {
  must(link("U1"));
  remove(store::card_key("loop_fp_1"));
  EXPECT_ERROR(run(store_.unlink(card(), UnlinkOptions().owner(user("U1")))), NotFound);
  EXPECT_THAT(cards_of("U1"), IsEmpty());
}

TEST_P(Cards, ThatAnErasureDidNotFindAreFreeForTheNextOwner) {
  link_as_rust("U1");
  place_tombstone("U1");
  EXPECT_EQ(must(link("U2")), (Card{Fingerprint{"loop_fp_1"}, UserId{"U2"}, "4242", kStart}));
  EXPECT_EQ(must(run(store_.lookup(card()))).user.text(), "U2");
}

TEST_P(Cards, OfAnErasedOwnerWhoIsBroughtBackMeanwhileAreNotTaken) {
  link_as_rust("U1");
  place_tombstone("U1");
  table_->before_next_call([&] { must(run(store_.get_or_init(user("U1"), InitOptions().revive()))); }, 2);
  EXPECT_ERROR(link("U2"), CardLinkedElsewhere);
  EXPECT_EQ(must(run(store_.lookup(card()))).user.text(), "U1");
}

TEST_P(Cards, LinkedByTwoAtOnceBelongToOne) {
  for (int round = 0; round < 20; ++round) {
    const auto fp = card("race" + std::to_string(round));
    std::vector<Task<Result<LinkedCard>>> calls;
    for (const auto name : {"U1", "U2"}) calls.push_back(store_.link(fp, user(name), ""));
    const auto answers = run_together(std::move(calls));
    EXPECT_NE(answers[0].has_value(), answers[1].has_value());
    const auto& winner = answers[0] ? answers[0] : answers[1];
    EXPECT_ERROR(answers[0] ? answers[1] : answers[0], CardLinkedElsewhere);
    EXPECT_EQ(must(run(store_.lookup(fp))).user.text(), winner->user.text());
  }
}

TEST_P(Cards, LinkedBySomebodyJustBeforeAreNotTakenOver) {
  table_->before_next_call([&] { must(link("U2")); });
  EXPECT_ERROR(link("U1"), CardLinkedElsewhere);
  EXPECT_EQ(must(run(store_.lookup(card()))).user.text(), "U2");
}

TEST_P(Cards, TransferredFromAnOwnerWhoLostThemMeanwhileEndWithTheLastCaller) {
  must(link("U1"));
  table_->before_next_call([&] { must(transfer("U3")); }, 1);
  EXPECT_EQ(must(transfer("U2")).user.text(), "U2");
  EXPECT_THAT(cards_of("U1"), IsEmpty());
  EXPECT_THAT(cards_of("U3"), IsEmpty());
  EXPECT_EQ(cards_of("U2").size(), 1u);
}

TEST_P(Cards, UnlinkedWhileTheyAreTransferredAreLinkedAnew) {
  must(link("U1"));
  table_->before_next_call([&] { must(run(store_.unlink(card(), UnlinkOptions().owner(user("U1"))))); }, 1);
  EXPECT_EQ(must(transfer("U2")).user.text(), "U2");
  EXPECT_EQ(must(run(store_.lookup(card()))).user.text(), "U2");
}

TEST_P(Cards, AreNotLinkedToAnErasedUser) {
  place_tombstone("U1");
  EXPECT_ERROR(link("U1"), Erased);
  must(link("U2"));
  EXPECT_ERROR(transfer("U1"), Erased);
  EXPECT_EQ(must(run(store_.lookup(card()))).user.text(), "U2");
  EXPECT_FALSE(row(store::user_card_key("U1", "loop_fp_1")));
}

TEST_P(Cards, LinkedUnderARepeatedRequestAreLinkedOnce) {
  table_->lose_replies(1);
  EXPECT_ERROR(link("U1", "4242", {}, request("r1")), OutcomeUnknown);
  advance(9s);
  EXPECT_EQ(must(link("U1", "4242", {}, request("r1"))).linked_at, kStart);
}

TEST_P(Cards, SurviveRepliesThatAreLost) {
  table_->repeat_writes(true);
  must(link("U1"));
  must(link("U1", "1111"));
  must(transfer("U2"));
  EXPECT_EQ(cards_of("U2").size(), 1u);
  EXPECT_EQ(must(run(store_.unlink(card(), UnlinkOptions().owner(user("U2"))))).user.text(), "U2");
  EXPECT_THAT(cards_of("U2"), IsEmpty());
}

TEST_P(Cards, TakeFourDigitsOrNone) {
  for (const auto last4 : {"424", "42424", "abcd", "42 2", "-424"})
    EXPECT_ERROR(link("U1", last4), InvalidArgument);
  EXPECT_EQ(table_->take_calls(), 0u);
  must(link("U1", ""));
}

TEST_P(Cards, WithARequestIdOutOfBoundsAreRefused) {
  EXPECT_ERROR(link("U1", "", {}, request("")), InvalidArgument);
  EXPECT_ERROR(link("U1", "", {}, request("has space")), InvalidArgument);
}

TEST_P(Cards, ThatAreTransferredWhileTheyMoveStayWithTheirNewOwner) {
  const auto next = card("loop_fp_next");
  must(link("U1"));
  table_->before_next_call([&] { must(transfer("U2")); }, 1);
  EXPECT_ERROR(run(move_card(store_, card(), next, CallOptions())), NotFound);
  EXPECT_EQ(must(run(store_.lookup(card()))).user, user("U2"));
  EXPECT_ERROR(run(store_.lookup(next)), NotFound);
  EXPECT_THAT(cards_of("U1"), IsEmpty());
  must(run(move_card(store_, card(), next, CallOptions())));
  EXPECT_EQ(must(run(store_.lookup(next))).user, user("U2"));
  EXPECT_ERROR(run(store_.lookup(card())), NotFound);
}

TEST_P(Cards, WhoseItemIsCorruptAreNamed) {
  table::Item broken{store::card_key("loop_fp_1"), {{"user_pubkey", table::Value::number(std::int64_t{5})}}};
  place(broken);
  EXPECT_ERROR(run(store_.lookup(card())), CorruptItem);
  EXPECT_ERROR(link(), CorruptItem);
  EXPECT_ERROR(run(store_.unlink(card(), UnlinkOptions().owner(user()))), CorruptItem);
  EXPECT_EQ(row(broken.key), broken);
}

}  // namespace
}  // namespace loopstate::testing
