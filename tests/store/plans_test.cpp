// Plans: from what is known to the steps of a transaction and the answer, without a table.
#include <gtest/gtest.h>

#include <algorithm>

#include "store/rows/capture_row.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/keys.hpp"
#include "store/rules/mark_plan.hpp"
#include "store/rules/record_plan.hpp"
#include "store/rules/refund_plan.hpp"
#include "store/rules/ring_plan.hpp"
#include "times.hpp"

namespace loopstate::store {
namespace {

constexpr Timestamp kNow = from_unix_seconds(1'700'000'000);
const std::string kUser = "U1";

WriteCall call_of(std::string id = "w1") {
  WriteCall call;
  call.call.now = kNow;
  call.write_id = std::move(id);
  return call;
}

Capture capture_of(std::string id, std::uint64_t amount = 500) {
  Capture capture;
  capture.id = std::move(id);
  capture.merchant_id = "shop";
  capture.amount.minor_units = amount;
  capture.amount.currency = "EUR";
  capture.created_at = kNow;
  capture.expires_at = kNow + 1000s;
  capture.kept_until = kNow + 1000s;
  return capture;
}

std::string id_of(int number) {
  return capture_id(kNow - 100s + std::chrono::seconds(number), "c" + std::to_string(number)) + "~" +
         std::to_string(unix_seconds(kNow + 1000s));
}

// A user with this many pending captures; what a read of all rows finds, or what a caller holds.
UserView view_of_user(int captures, bool whole) {
  UserView view;
  view.context = new_context(*UserId::parse(kUser), kNow - 50s);
  store::row_of(*view.context).stored = true;
  store::row_of(*view.context).write_ids = {"before"};
  store::row_of(*view.context).ring_read_at = kNow - 50s;
  view.ring.emplace();
  for (int number = 0; number < captures; ++number) {
    view.ring->push_back(id_of(number));
    view.rows.emplace(id_of(number), capture_of(id_of(number)));
  }
  store::row_of(*view.context).ring = view.ring;
  view.whole = whole;
  return view;
}

Card card_of(std::string user = kUser) {
  Card card;
  card.fingerprint = Fingerprint{"card-1"};
  card.user = *UserId::parse(user);
  return card;
}

RecordWork purchase_of() {
  RecordWork work{
      {TransactionId{"pay-1"}, Fingerprint{"card-1"}, capture_of(id_of(99)), {}, {}}, {}, call_of()};
  work.purchase.event.event_type = "purchase";
  return work;
}

KnownPurchase known_card(std::optional<UserView> user) {
  KnownPurchase known;
  known.card = card_of();
  known.card_state = KnownPurchase::CardState::Linked;
  known.user = std::move(user);
  return known;
}

template <typename Answer>
bool reads(const Result<Plan<Answer>>& plan) {
  return plan && std::holds_alternative<Read>(*plan);
}

template <typename Answer>
const Settled<Answer>* settled(const Result<Plan<Answer>>& plan) {
  return plan ? std::get_if<Settled<Answer>>(&*plan) : nullptr;
}

template <typename Answer>
const Write<Answer>* write_of(const Result<Plan<Answer>>& plan) {
  return plan ? std::get_if<Write<Answer>>(&*plan) : nullptr;
}

std::size_t count(const Steps& steps, Role role) {
  return static_cast<std::size_t>(std::ranges::count(steps.roles(), role));
}

Refusals refusals_of(std::vector<Refusals::One> refused) {
  return Refusals(std::move(refused));
}

RefundLedger ledger_with(std::uint64_t amount) {
  RefundRecord report;
  report.refund = TransactionId{"refund-0"};
  report.payment = TransactionId{"pay-1"};
  report.amount.minor_units = amount;
  report.amount.currency = "EUR";
  auto ledger = with_report(RefundLedger{}, report, "earlier", kNow - 10s);
  return ledger ? *ledger : RefundLedger{};
}

ProcessedRow mark_row(std::uint64_t amount = 500, std::uint64_t refunded = 0) {
  ProcessedRow mark;
  mark.record.transaction = TransactionId{"pay-1"};
  mark.record.user = *UserId::parse(kUser);
  mark.record.cred_amount = amount;
  mark.record.result = id_of(0);
  mark.write_id = "another call";
  mark.currency = "EUR";
  mark.refunded = refunded;
  return mark;
}

TEST(RecordPlan, WithoutTheCardItReads) {
  EXPECT_TRUE(reads(plan_record(purchase_of(), KnownPurchase{})));
}

TEST(RecordPlan, ACardThatIsNobodysIsAnsweredWithoutAWrite) {
  KnownPurchase known;
  known.card_state = KnownPurchase::CardState::Unlinked;
  known.mark_read = true;
  const auto plan = plan_record(purchase_of(), known);
  ASSERT_NE(settled(plan), nullptr);
  EXPECT_TRUE(settled(plan)->answer.unknown_card());
  EXPECT_TRUE(settled(plan)->is_first);
}

TEST(RecordPlan, AMarkThatStandsIsADuplicateWhateverElseIsKnown) {
  auto known = known_card(view_of_user(0, true));
  known.payment.mark = mark_row();
  const auto plan = plan_record(purchase_of(), known);
  ASSERT_NE(settled(plan), nullptr);
  EXPECT_TRUE(settled(plan)->answer.duplicate());
  EXPECT_EQ(settled(plan)->answer.user()->text(), kUser);
}

TEST(RecordPlan, WhatTheCallerHoldsIsEnoughForAWrite) {
  const auto plan = plan_record(purchase_of(), known_card(view_of_user(2, false)));
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  ASSERT_TRUE(write->answer.recorded());
  EXPECT_EQ(write->answer.recorded()->version, 2u);
  EXPECT_EQ(write->user, kUser);
  for (const auto role : {Role::Context, Role::Mark, Role::Refunds, Role::Card, Role::Capture}) {
    EXPECT_EQ(count(write->steps, role), 1u) << static_cast<int>(role);
  }
  ASSERT_TRUE(write->answer.held().captures());
  EXPECT_EQ(write->answer.held().captures()->size(), 3u);
}

TEST(RecordPlan, AFullRingLetsItsOldestGoAndHandsItBack) {
  const auto plan = plan_record(purchase_of(), known_card(view_of_user(10, true)));
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  ASSERT_EQ(write->answer.recorded()->dropped.size(), 1u);
  EXPECT_EQ(write->answer.recorded()->dropped.front().id, id_of(0));
  EXPECT_EQ(count(write->steps, Role::Capture), 2u);
  EXPECT_EQ(count(write->steps, Role::Ended), 1u) << "what is left of it";
  EXPECT_EQ(write->steps.lost().dropped, 1u);
}

TEST(RecordPlan, AFullRingWhoseOldestRowIsNotKnownIsRead) {
  auto view = view_of_user(10, false);
  view.rows.erase(id_of(0));
  EXPECT_TRUE(reads(plan_record(purchase_of(), known_card(std::move(view)))));
}

TEST(RecordPlan, WhatWasRefundedBeforeComesOffTheCaptureAndTheMark) {
  auto known = known_card(view_of_user(0, true));
  known.payment.refunds = ledger_with(200);
  const auto plan = plan_record(purchase_of(), known);
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  const auto* mark = std::get_if<table::Put>(write->steps.find(Role::Mark));
  ASSERT_NE(mark, nullptr);
  EXPECT_EQ(mark->item.uint64("refunded_cents"), 200u);
  ASSERT_TRUE(write->answer.held().captures());
  EXPECT_EQ(write->answer.held().captures()->front().refunded.minor_units, 200u);
  EXPECT_EQ(write->answer.held().context()->recent_events.size(), 2u);
}

TEST(RecordPlan, ARefusalOfWhatIsOnlyHeldIsReadAgainBeforeAnybodyIsTold) {
  auto work = purchase_of();
  work.purchase.capture.expires_at = work.purchase.capture.kept_until = kNow - 1s;
  EXPECT_TRUE(reads(plan_record(work, known_card(view_of_user(0, false)))));
  const auto plan = plan_record(work, known_card(view_of_user(0, true)));
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::InvalidArgument);
}

TEST(RecordPlan, ARefusedCardTellsWhoseItIsNow) {
  auto known = known_card(view_of_user(1, true));
  const auto row = card_row(card_of("U2"));
  ASSERT_TRUE(learn_purchase(known, refusals_of({{Role::Card, row.key, row}})));
  EXPECT_EQ(known.card->user.text(), "U2");
  EXPECT_FALSE(known.user);  // the other user's state
}

TEST(RecordPlan, ACardThatWasUnlinkedMeanwhileIsNobodys) {
  auto known = known_card(view_of_user(1, true));
  ASSERT_TRUE(learn_purchase(known, refusals_of({{Role::Card, card_key("card-1"), std::nullopt}})));
  const auto plan = plan_record(purchase_of(), known);
  ASSERT_NE(settled(plan), nullptr);
  EXPECT_TRUE(settled(plan)->answer.unknown_card());
  // An earlier call under the same request id may have recorded it nevertheless.
  EXPECT_FALSE(settled(plan)->is_first);
}

TEST(RecordPlan, ARefusedContextIsKnownFromItsRefusal) {
  auto known = known_card(view_of_user(1, true));
  auto current = *known.user->context;
  current.version = 7;
  const auto row = context_row(current);
  ASSERT_TRUE(learn_purchase(known, refusals_of({{Role::Context, row.key, row}})));
  ASSERT_TRUE(known.user);
  EXPECT_EQ(known.user->context->version, 7u);
  EXPECT_FALSE(known.user->whole);
}

TEST(RecordPlan, ACaptureThatAForeignWriterTookAwayIsReadAnew) {
  auto known = known_card(view_of_user(10, true));
  ASSERT_TRUE(
      learn_purchase(known, refusals_of({{Role::Capture, pending_key(kUser, id_of(0)), std::nullopt}})));
  EXPECT_FALSE(known.user);
}

TEST(RecordPlan, OfAnErasedUserNothingIsPlannedAnyMore) {
  auto known = known_card(view_of_user(1, true));
  table::Item tombstone;
  tombstone.key = context_key(kUser);
  for (const auto* name : {"version", "updated_at", "erased_at"}) {
    tombstone.attributes.set(name, table::Value::time(kNow));
  }
  const auto learnt = learn_purchase(known, refusals_of({{Role::Context, tombstone.key, tombstone}}));
  ASSERT_FALSE(learnt);
  EXPECT_EQ(learnt.error().code, ErrorCode::Erased);
}

RefundWork refund_of(std::uint64_t amount) {
  RefundWork work;
  work.record.refund = TransactionId{"refund-1"};
  work.record.payment = TransactionId{"pay-1"};
  work.record.amount.minor_units = amount;
  work.record.amount.currency = "EUR";
  work.call = call_of();
  return work;
}

TEST(RefundPlan, AReportOfAPaymentThatNobodyRecordedWaitsInTheLedger) {
  KnownRefunds known;
  EXPECT_TRUE(reads(plan_refund(refund_of(100), known)));
  known.read = true;
  const auto plan = plan_refund(refund_of(100), known);
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  EXPECT_EQ(write->answer.state(), RefundOutcome::State::UnknownPayment);
  EXPECT_EQ(write->steps.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<table::Check>(*write->steps.find(Role::Mark)));
}

TEST(RefundPlan, OfAPendingCaptureMarkAndContextAndCaptureChangeTogether) {
  KnownRefunds known;
  known.read = true;
  known.payment = mark_row();
  EXPECT_TRUE(reads(plan_refund(refund_of(100), known)));
  known.user = view_of_user(1, true);
  const auto plan = plan_refund(refund_of(100), known);
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  EXPECT_EQ(write->answer.state(), RefundOutcome::State::Recorded);
  ASSERT_TRUE(write->answer.change());
  EXPECT_EQ(write->answer.change()->refunded->minor_units, 100u);
  for (const auto role : {Role::Context, Role::Refunds, Role::Mark, Role::Capture}) {
    EXPECT_EQ(count(write->steps, role), 1u) << static_cast<int>(role);
  }
}

TEST(RefundPlan, MoreThanWasPaidTakesOffWhatWasPaid) {
  KnownRefunds known;
  known.read = true;
  known.payment = mark_row(500);
  known.user = view_of_user(1, true);
  const auto plan = plan_refund(refund_of(900), known);
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  EXPECT_EQ(write->answer.state(), RefundOutcome::State::ExceedsPayment);
  ASSERT_TRUE(write->answer.change());
  ASSERT_TRUE(write->answer.change()->refunded);
  EXPECT_EQ(write->answer.change()->refunded->minor_units, 500u);
}

// Another report may have changed the row since it was read, as it did the mark.
TEST(RefundPlan, ACaptureThatSeemsToNeedNoChangeIsChecked) {
  KnownRefunds known;
  known.read = true;
  known.payment = mark_row(500, 200);
  known.user = view_of_user(1, true);
  auto& capture = known.user->rows.at(id_of(0));
  capture.refunded = capture.amount;
  const auto plan = plan_refund(refund_of(300), known);
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  ASSERT_TRUE(write->answer.change());
  const auto* step = write->steps.find(Role::Capture);
  ASSERT_NE(step, nullptr);
  EXPECT_TRUE(std::holds_alternative<table::Check>(*step));
}

TEST(RefundPlan, AnotherReportThatCameBetweenIsReadWithThePayment) {
  KnownRefunds known;
  known.read = true;
  known.payment = mark_row();
  known.user = view_of_user(1, true);
  ASSERT_TRUE(learn_refunds(known, refusals_of({{Role::Refunds, refund_ledger_key("pay-1"), std::nullopt}})));
  EXPECT_TRUE(reads(plan_refund(refund_of(100), known)));
}

TEST(SettlingPlan, OnlyRowsThatWereReadSayThatACaptureIsNotThere) {
  const SettlingWork work{kUser, id_of(5), call_of()};
  KnownRing known;
  known.user = view_of_user(1, false);
  EXPECT_TRUE(reads(plan_settling(work, known)));
  known.user = view_of_user(1, true);
  const auto plan = plan_settling(work, known);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, ErrorCode::NotFound);
}

TEST(SettlingPlan, RingAndRowGoTogether) {
  const SettlingWork work{kUser, id_of(0), call_of()};
  KnownRing known;
  known.user = view_of_user(2, true);
  const auto plan = plan_settling(work, known);
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  EXPECT_EQ(write->answer.id, id_of(0));
  EXPECT_EQ(count(write->steps, Role::Context), 1u);
  EXPECT_TRUE(std::holds_alternative<table::Erase>(*write->steps.find(Role::Capture)));
  EXPECT_TRUE(std::holds_alternative<table::Put>(*write->steps.find(Role::Ended)));
  EXPECT_EQ(write->steps.lost().dropped, 0u);
}

MarkWork mark_work() {
  MarkWork work;
  work.user = kUser;
  work.call = call_of();
  auto capture = capture_of(id_of(0));
  work.mark = mark_of(TransactionId{"pay-1"}, kUser, capture, work.call, 1000s);
  work.result = capture.id;
  return work;
}

TEST(MarkPlan, WithoutEarlyRefundsItIsTheMarkAlone) {
  const auto plan = plan_mark(mark_work(), KnownMark{});
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  EXPECT_EQ(write->steps.size(), 2u);
  EXPECT_EQ(count(write->steps, Role::Context), 0u);
}

TEST(MarkPlan, EarlyRefundsGoIntoTheUsersState) {
  KnownMark known;
  known.payment.refunds = ledger_with(200);
  EXPECT_TRUE(reads(plan_mark(mark_work(), known)));
  known.user = view_of_user(1, true);
  const auto plan = plan_mark(mark_work(), known);
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  EXPECT_EQ(count(write->steps, Role::Context), 1u);
  EXPECT_EQ(count(write->steps, Role::Capture), 1u);
}

TEST(MarkPlan, AnErasedUserGetsTheMarkAndNoEvent) {
  KnownMark known;
  known.payment.refunds = ledger_with(200);
  known.erased = true;
  const auto plan = plan_mark(mark_work(), known);
  const auto* write = write_of(plan);
  ASSERT_NE(write, nullptr);
  EXPECT_EQ(count(write->steps, Role::Context), 0u);
}

TEST(MarkPlan, AClaimThatWasTakenOverMarksNothing) {
  KnownMark known;
  known.claim_refused = true;
  const auto plan = plan_mark(mark_work(), known);
  ASSERT_NE(settled(plan), nullptr);
  EXPECT_EQ(settled(plan)->answer.how, Marked::How::ClaimRefused);
}

}  // namespace
}  // namespace loopstate::store
