// The pepper and the store: which peppers are accepted, and how cards get from one to the next.
#include "agent/pepper.hpp"

#include <gmock/gmock.h>

#include "agent_fixture.hpp"

namespace loopstate::agent {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::string_view kNextPepper = "fedcba9876543210fedcba9876543210";
constexpr std::string_view kThirdPepper = "00000000000000001111111111111111";

PepperRecord row_of(std::string current, std::string previous = "") {
  return {"salt", std::move(current), std::move(previous), kNow};
}

Result<PepperVerdict> judge(const std::optional<PepperRecord>& row, std::string current,
                            std::string previous = "") {
  return judge_pepper(row, {std::move(current), std::move(previous)}, "salt", kNow + 60s);
}

std::string refusal(const Result<PepperVerdict>& verdict) {
  if (verdict) return "accepted: " + verdict->said;
  EXPECT_EQ(verdict.error().code, ErrorCode::InvalidArgument);
  return verdict.error().message;
}

TEST(JudgePepper, TheFirstOneBecomesTheStores) {
  const auto verdict = judge(std::nullopt, "a");
  ASSERT_TRUE(verdict && verdict->next);
  EXPECT_EQ(verdict->next->current, "a");
  EXPECT_EQ(verdict->next->previous, "");
  EXPECT_EQ(verdict->next->salt, "salt");
  EXPECT_EQ(verdict->next->since, kNow + 60s);
}

TEST(JudgePepper, TheStoresOwnChangesNothing) {
  const auto verdict = judge(row_of("a"), "a");
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->next);
  EXPECT_FALSE(verdict->warns);
}

TEST(JudgePepper, AnotherIsRefusedAndSaysHowToReplaceOne) {
  EXPECT_THAT(refusal(judge(row_of("a"), "b")), HasSubstr("is not the one under which this store's cards"));
  EXPECT_THAT(refusal(judge(row_of("a"), "b")), HasSubstr("LOOPSTATE_PREVIOUS_PEPPER beside the new one"));
  EXPECT_THAT(refusal(judge(row_of("a"), "b", "c")), HasSubstr("neither"));
}

TEST(JudgePepper, ANewOneIsTakenOnBesideTheStoresOwn) {
  const auto verdict = judge(row_of("a"), "b", "a");
  ASSERT_TRUE(verdict && verdict->next);
  EXPECT_EQ(verdict->next->current, "b");
  EXPECT_EQ(verdict->next->previous, "a");
  EXPECT_EQ(verdict->next->since, kNow + 60s);
  const auto again = judge(verdict->next, "b", "a");
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->next);
}

TEST(JudgePepper, TheOneBeforeIsNotForgottenWhileCardsMayNeedIt) {
  const auto verdict = judge(row_of("b", "a"), "b");
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->warns);
  EXPECT_FALSE(verdict->next);
  EXPECT_THAT(refusal(judge(row_of("b", "a"), "b", "c")),
              HasSubstr("from which this store's cards are being moved"));
  EXPECT_THAT(refusal(judge(row_of("b", "a"), "a")), HasSubstr("had before"));
  EXPECT_THAT(refusal(judge(row_of("b", "a"), "c", "b")), HasSubstr("pepper finish"));
}

TEST(JudgePepper, AMoveCanBeTakenBack) {
  const auto verdict = judge(row_of("b", "a"), "a", "b");
  ASSERT_TRUE(verdict && verdict->next);
  EXPECT_EQ(verdict->next->current, "a");
  EXPECT_EQ(verdict->next->previous, "b");
}

TEST(JudgePepper, AfterTheMoveThePreviousOneIsNotNeeded) {
  const auto verdict = judge(row_of("b"), "b", "a");
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->warns);
  EXPECT_THAT(verdict->said, HasSubstr("unset it"));
}

class Pepper : public AgentTest {
 protected:
  static SettingsPtr settings_of(std::string_view pepper, std::string_view previous = "",
                                 std::chrono::seconds keep_unknown = {}) {
    auto webhooks = test_settings();
    webhooks.pepper = crypto::Secret::copy_of(pepper);
    webhooks.previous_pepper = crypto::Secret::copy_of(previous);
    return settings_with(std::move(webhooks), keep_unknown);
  }
  static Fingerprint under(std::string_view pepper, std::string_view card_id) {
    return webhook::card_fingerprint(crypto::Secret::copy_of(card_id), crypto::Secret::copy_of(pepper));
  }
  Result<PepperVerdict> settle(SettingsPtr settings, PepperMode mode = PepperMode::Settle) {
    return runner.run(settle_pepper(store, std::move(settings), mode, clock.now(), {}));
  }
  std::optional<PepperRecord> stored() { return *runner.run(read_pepper(store, {})); }
  std::optional<UserId> owner(const Fingerprint& card) {
    const auto found = runner.run(store.lookup(card));
    return found ? std::optional(found->user) : std::nullopt;
  }
};

TEST_F(Pepper, IsStoredAsACheckValueOfEightDigitsUnderASaltOfItsOwn) {
  ASSERT_TRUE(settle(settings_of(kPepper)));
  const auto row = stored();
  ASSERT_TRUE(row);
  EXPECT_THAT(row->current, SizeIs(8));
  EXPECT_THAT(row->salt, SizeIs(32));
  EXPECT_EQ(row->previous, "");
  EXPECT_EQ(row->since, kNow);
  ASSERT_TRUE(settle(settings_of(kPepper)));
  EXPECT_EQ(stored()->salt, row->salt);
}

TEST_F(Pepper, IsOnlyLookedAtByDoctor) {
  EXPECT_TRUE(settle(settings_of(kPepper), PepperMode::Look));
  EXPECT_FALSE(stored());
}

TEST_F(Pepper, OfAnotherStoreIsRefused) {
  ASSERT_TRUE(settle(settings_of(kPepper)));
  EXPECT_EQ(settle(settings_of(kNextPepper)).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(settle(settings_of(kNextPepper, kThirdPepper)).error().code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(settle(settings_of(kNextPepper, kPepper)));
  EXPECT_EQ(settle(settings_of(kPepper)).error().code, ErrorCode::InvalidArgument) << "an agent left behind";
}

TEST_F(Pepper, ThatIsNotSettledYetKeepsDeliveriesFromBeingAcknowledged) {
  ASSERT_TRUE(settle(settings_of(kPepper)));
  agent->use(settings_of(kNextPepper), PepperState::Unsettled);
  const auto answer = handle(square(square_payment({})));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.outcome, Outcome::Failed);
  EXPECT_THAT(log_lines(), Contains(HasSubstr("is not the one under which this store's cards are linked")));
  agent->use(settings_of(kPepper), PepperState::Unsettled);
  EXPECT_EQ(handle(square(square_payment({}))).outcome, Outcome::UnknownCard);
}

TEST_F(Pepper, ThatOthersHaveReplacedSinceTheStartLosesNoPayment) {
  link("sq0-card", "U1");
  agent->use(settings_of(kPepper, "", 900s), PepperState::Unsettled);
  EXPECT_EQ(handle(square(square_payment({.id = "before"}))).outcome, Outcome::Recorded);
  auto other = make_agent();
  other->use(settings_of(kNextPepper, kPepper), PepperState::Unsettled);
  auto moving = square(square_payment({.id = "moving"}));
  EXPECT_EQ(runner.run(other->handle(std::move(moving), "r2", Deadline::max())).outcome, Outcome::Recorded);
  const auto answer = handle(square(square_payment({.id = "after"})));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.outcome, Outcome::Failed);
  EXPECT_THAT(log_lines(), Contains(HasSubstr("is the one that this store had before")));
  auto repeated = square(square_payment({.id = "after"}));
  EXPECT_EQ(runner.run(other->handle(std::move(repeated), "r3", Deadline::max())).outcome, Outcome::Recorded);
  EXPECT_THAT(snapshot("U1").captures, SizeIs(3));
}

TEST_F(Pepper, ThatOthersHaveReplacedLinksNoCard) {
  agent->use(settings_of(kPepper), PepperState::Unsettled);
  const auto linking = fidel(webhook::FidelKind::CardLinked, fidel_card_linked("fidel-card", "U1"));
  EXPECT_EQ(handle(linking).outcome, Outcome::CardLinked);
  ASSERT_TRUE(settle(settings_of(kNextPepper, kPepper)));
  EXPECT_EQ(handle(fidel(webhook::FidelKind::CardLinked, fidel_card_linked("second", "U1"))).status, 500);
  EXPECT_THAT(snapshot("U1").cards, SizeIs(1));
}

TEST_F(Pepper, ThatIsNoLongerTheStoresMakesTheAgentUnhealthy) {
  const auto health = [&] {
    pass_a_second();
    return runner.run(agent->check_store(Deadline::max()));
  };
  agent->use(settings_of(kPepper), PepperState::Unsettled);
  EXPECT_TRUE(health());
  ASSERT_TRUE(settle(settings_of(kNextPepper, kPepper)));
  const auto well = health();
  ASSERT_FALSE(well);
  EXPECT_THAT(well.error().message, HasSubstr("is the one that this store had before"));
  agent->use(settings_of(kNextPepper, kPepper), PepperState::Unsettled);
  EXPECT_TRUE(health());
}

TEST_F(Pepper, IsNotSetBackByAnAgentThatOthersHaveLeftBehind) {
  ASSERT_TRUE(settle(settings_of(kPepper)));
  agent->use(settings_of(kNextPepper, kPepper), PepperState::Unsettled);
  EXPECT_EQ(handle(square(square_payment({}))).outcome, Outcome::UnknownCard);
  ASSERT_TRUE(settle(settings_of(kPepper, kNextPepper)));
  const auto taken_back = stored();
  EXPECT_EQ(handle(square(square_payment({}))).status, 500);
  EXPECT_EQ(stored()->current, taken_back->current);
}

TEST_F(Pepper, OfADeliveryThatBeganBeforeTheSecretsWereReadAgainLosesNoPayment) {
  link("sq0-card", "U1");
  agent->use(settings_of(kPepper), PepperState::Unsettled);
  model->before_next(table::ModelTable::Kind::BatchGet, [&] {
    agent->use(settings_of(kNextPepper, kPepper), PepperState::Unsettled);
    EXPECT_TRUE(settle(settings_of(kNextPepper, kPepper)));
    const auto moved = runner.run(
        move_card(store, under(kPepper, "sq0-card"), under(kNextPepper, "sq0-card"), CallOptions()));
    EXPECT_TRUE(moved);
  });
  EXPECT_EQ(handle(square(square_payment({}))).status, 500);
  EXPECT_EQ(handle(square(square_payment({}))).outcome, Outcome::Recorded);
}

TEST_F(Pepper, IsNotAskedAboutForACardThatIsFound) {
  link("sq0-card", "U1");
  agent->use(settings_of(kPepper), PepperState::Unsettled);
  EXPECT_EQ(handle(square(square_payment({}))).outcome, Outcome::Recorded);
  EXPECT_FALSE(stored()) << "nobody has settled it, which writes the check value";
  SquarePayment other;
  other.id = "other";
  other.card = "stranger";
  EXPECT_EQ(handle(square(square_payment(other))).outcome, Outcome::UnknownCard);
  EXPECT_TRUE(stored());
}

TEST_F(Pepper, TheNewOneFindsCardsOfTheOldAndMovesThem) {
  link("sq0-card", "U1");
  clock.advance(60s);
  agent->use(settings_of(kNextPepper, kPepper), PepperState::Unsettled);
  const auto answer = handle(square(square_payment({}), clock.now()));
  EXPECT_EQ(answer.outcome, Outcome::Recorded);
  EXPECT_THAT(snapshot("U1").captures, SizeIs(1));
  EXPECT_EQ(owner(under(kNextPepper, "sq0-card")), UserId{"U1"});
  EXPECT_EQ(owner(under(kPepper, "sq0-card")), std::nullopt);
  ASSERT_THAT(snapshot("U1").cards, SizeIs(1));
  EXPECT_EQ(snapshot("U1").cards[0].linked_at, kNow) << "when its owner linked it";
  EXPECT_EQ(handle(square(square_payment({}), clock.now())).outcome, Outcome::Duplicate);
}

TEST_F(Pepper, TheNewOneKeepsPurchasesThatNeitherKnows) {
  agent->use(settings_of(kNextPepper, kPepper, 900s), PepperState::Settled);
  EXPECT_EQ(handle(square(square_payment({}))).outcome, Outcome::WaitingForLink);
  const auto linked = runner.run(store.link(under(kNextPepper, "sq0-card"), UserId{"U1"}, "4242"));
  ASSERT_TRUE(linked);
  EXPECT_THAT(linked->recorded, SizeIs(1));
}

TEST_F(Pepper, ACardThatIsLinkedAnewIsMovedFirst) {
  link("fidel-card", "U1");
  agent->use(settings_of(kNextPepper, kPepper), PepperState::Settled);
  EXPECT_EQ(handle(fidel(webhook::FidelKind::CardLinked, fidel_card_linked("fidel-card", "U1"))).outcome,
            Outcome::CardLinked);
  EXPECT_THAT(snapshot("U1").cards, SizeIs(1));
  EXPECT_EQ(handle(fidel(webhook::FidelKind::CardLinked, fidel_card_linked("fidel-card", "U2"))).outcome,
            Outcome::CardNotLinked);
}

TEST_F(Pepper, PurchasesThatWaitUnderEitherAreRecordedByTheLink) {
  const auto pay = [&](std::string_view id) {
    return handle(fidel(webhook::FidelKind::Clearing, fidel_transaction(id, "fidel-card", "12.5"))).outcome;
  };
  const auto link_to = [&](std::string_view user) {
    return handle(fidel(webhook::FidelKind::CardLinked, fidel_card_linked("fidel-card", user))).outcome;
  };
  agent->use(settings_of(kPepper, "", 900s), PepperState::Unsettled);
  EXPECT_EQ(pay("before"), Outcome::WaitingForLink);
  agent->use(settings_of(kNextPepper, kPepper, 900s), PepperState::Unsettled);
  EXPECT_EQ(pay("after"), Outcome::WaitingForLink);
  EXPECT_EQ(link_to("U1"), Outcome::CardLinked);
  EXPECT_THAT(snapshot("U1").captures, SizeIs(2));
  EXPECT_THAT(snapshot("U1").cards, SizeIs(1));
  EXPECT_EQ(owner(under(kNextPepper, "fidel-card")), UserId{"U1"});
  EXPECT_EQ(owner(under(kPepper, "fidel-card")), std::nullopt);
  EXPECT_EQ(pay("before"), Outcome::Duplicate);
  EXPECT_EQ(link_to("U2"), Outcome::CardNotLinked);
  EXPECT_EQ(owner(under(kPepper, "fidel-card")), std::nullopt);
}

TEST_F(Pepper, PurchasesThatWaitUnderThePreviousOneAreRecordedThoughTheCardIsLinked) {
  agent->use(settings_of(kPepper, "", 900s), PepperState::Unsettled);
  EXPECT_EQ(handle(fidel(webhook::FidelKind::Clearing, fidel_transaction("t", "fidel-card", "12.5"))).outcome,
            Outcome::WaitingForLink);
  agent->use(settings_of(kNextPepper, kPepper, 900s), PepperState::Unsettled);
  ASSERT_TRUE(runner.run(store.link(under(kNextPepper, "fidel-card"), UserId{"U1"}, "4242")));
  EXPECT_EQ(handle(fidel(webhook::FidelKind::CardLinked, fidel_card_linked("fidel-card", "U1"))).outcome,
            Outcome::CardLinked);
  EXPECT_THAT(snapshot("U1").captures, SizeIs(1));
  EXPECT_THAT(snapshot("U1").cards, SizeIs(1));
}

TEST_F(Pepper, ManyDeliveriesAtOnceMoveACardOnce) {
  link("sq0-card", "U1");
  agent->use(settings_of(kNextPepper, kPepper), PepperState::Settled);
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 8; ++i) {
    auto delivery = square(square_payment({.id = "pay" + std::to_string(i)}));
    answers.push_back(boost::asio::co_spawn(runner.executor(),
                                            agent->handle(std::move(delivery), "r", Deadline::max()),
                                            boost::asio::use_future));
  }
  for (auto& answer : answers) EXPECT_EQ(answer.get().outcome, Outcome::Recorded);
  EXPECT_THAT(snapshot("U1").captures, SizeIs(8));
  EXPECT_THAT(snapshot("U1").cards, SizeIs(1));
}

}  // namespace
}  // namespace loopstate::agent
