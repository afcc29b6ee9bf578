// What follows from a set of reports about one payment, in whatever order and however often they came.
#include "store/rows/refund_ledger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "store/rows/refund_ledger_row.hpp"
#include "times.hpp"

namespace loopstate::store {
namespace {

using Kind = RefundRecord::Kind;
using State = RefundRecord::State;
using Reports = std::vector<RefundRecord>;

constexpr Timestamp kNow{std::chrono::seconds{1'800'000'000}};

RefundRecord report(std::string_view id, std::uint64_t cents, Kind kind, State state, std::int64_t at = 0,
                    std::int64_t begun_at = 0) {
  return RefundRecord{*TransactionId::parse(id),
                      *TransactionId::parse("p"),
                      {cents, "EUR"},
                      kind,
                      state,
                      from_unix_seconds(begun_at),
                      from_unix_seconds(at),
                      {}};
}

RefundRecord refund(std::string_view id, std::uint64_t cents, std::int64_t at = 100) {
  return report(id, cents, Kind::Refund, State::Taken, at);
}
RefundRecord failure(std::string_view id, std::uint64_t cents, std::int64_t at = 200,
                     std::int64_t begun = 0) {
  return report(id, cents, Kind::Refund, State::GivenBack, at, begun);
}
RefundRecord total(std::uint64_t cents, std::int64_t at) {
  return report("total:" + std::to_string(cents), cents, Kind::RunningTotal, State::Taken, at);
}
RefundRecord dispute(State state, std::int64_t at, std::uint64_t cents = 1000) {
  return report("dispute", cents, Kind::Dispute, state, at);
}

RefundLedger ledger_of(const Reports& reports) {
  RefundLedger ledger;
  for (const auto& each : reports) {
    if (auto next = with_report(ledger, each, "w", kNow)) ledger = std::move(*next);
  }
  return ledger;
}

RefundBalance balance(const Reports& reports, std::uint64_t paid = 1000, Currency currency = "EUR") {
  return balance_of(ledger_of(reports), Paid{paid, currency});
}

std::uint64_t refunded(const Reports& reports, std::uint64_t paid = 1000) {
  return balance(reports, paid).refunded;
}

/// Every order of the reports, and random ones in which some are repeated.
void expect_in_any_order(Reports reports, std::uint64_t cents) {
  std::vector<std::size_t> order(reports.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  do {
    Reports arrived;
    for (const auto i : order) arrived.push_back(reports[i]);
    ASSERT_EQ(refunded(arrived), cents);
  } while (std::ranges::next_permutation(order).found);
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    auto arrived = reports;
    for (std::size_t i = 0; i < reports.size(); ++i) arrived.push_back(reports[random() % reports.size()]);
    std::ranges::shuffle(arrived, random);
    ASSERT_EQ(refunded(arrived), cents);
  }
}

TEST(RefundLedger, RefundsAddUpToWhatWasPaidAndNoMore) {
  EXPECT_EQ(refunded({refund("a", 300), refund("b", 200)}), 500u);
  const auto over = balance({refund("a", 800), refund("b", 500)});
  EXPECT_EQ(over.refunded, 1000u);
  EXPECT_EQ(over.excess, 300u);
}

TEST(RefundLedger, NoSumOverflows) {
  const auto most = balance({refund("a", UINT64_MAX), refund("b", UINT64_MAX), total(UINT64_MAX, 5)});
  EXPECT_EQ(most.refunded, 1000u);
  EXPECT_EQ(most.excess, UINT64_MAX - 1000);
  EXPECT_EQ(balance({refund("a", UINT64_MAX), refund("b", 1)}, UINT64_MAX).refunded, UINT64_MAX);
}

TEST(RefundLedger, NothingOfAPaymentOfNothing) {
  EXPECT_EQ(refunded({refund("a", 5)}, 0), 0u);
}

TEST(RefundLedger, ARefundThatFailedIsUndoneInAnyOrder) {
  expect_in_any_order({refund("a", 300, 100), failure("a", 300, 200), refund("b", 50, 150)}, 50);
}

TEST(RefundLedger, AFailureThatIsToldAgainLaterIsTheSame) {
  const auto ledger = ledger_of({refund("a", 300), failure("a", 300, 200)});
  EXPECT_FALSE(with_report(ledger, failure("a", 300, 900), "w", kNow));
  EXPECT_FALSE(with_report(ledger, refund("a", 300), "w", kNow));
}

TEST(RefundLedger, WhatAFailureFreesIsThereForTheNextRefund) {
  EXPECT_EQ(refunded({refund("a", 1000), failure("a", 1000), refund("b", 400)}), 400u);
}

TEST(RefundLedger, AFailedRefundComesOffTheRunningTotalThatHasIt) {
  expect_in_any_order({total(300, 100), failure("a", 300, 200, 100)}, 0);
  expect_in_any_order({total(300, 100), total(500, 150), failure("a", 300, 200, 100)}, 200);
}

TEST(RefundLedger, AFailedRefundNeverHidesTheNext) {
  expect_in_any_order({total(300, 100), failure("a", 300, 200, 100), total(200, 300)}, 200);
  expect_in_any_order({total(300, 100), failure("a", 300, 200, 100), total(300, 300)}, 300);
  expect_in_any_order(
      {total(300, 100), failure("a", 300, 200, 100), total(200, 300), failure("b", 200, 400, 300)}, 0);
}

TEST(RefundLedger, ARefundThatNeverWasInATotalDoesNotComeOffIt) {
  // Begun after the total, and abandoned before it moved money.
  expect_in_any_order({total(300, 100), failure("b", 200, 400, 350)}, 300);
}

TEST(RefundLedger, TotalsOfOneSecondGrow) {
  expect_in_any_order({total(300, 100), total(500, 100)}, 500);
  expect_in_any_order({total(300, 100), failure("a", 300, 100, 100)}, 0);
}

TEST(RefundLedger, WithinOneSecondATotalThatFellAfterAFailureIsTheNext) {
  EXPECT_EQ(refunded({total(300, 100), failure("a", 300, 100), total(200, 100)}), 200u);
  EXPECT_EQ(refunded({total(300, 100), failure("a", 300, 100), total(200, 100), total(300, 100)}), 200u);
  EXPECT_EQ(refunded({total(300, 100), failure("a", 300, 101), total(200, 101)}), 200u);
  auto next = total(300, 100);
  next.refund = *TransactionId::parse("total:300:of-another-refund");
  EXPECT_EQ(refunded({total(300, 100), failure("a", 300, 100), next}), 300u);
  EXPECT_EQ(refunded({total(300, 100), failure("a", 300, 101), total(300, 101)}), 300u);
}

TEST(RefundLedger, AFailureThatIsDatedBeforeItsRefundHoldsByItsArrival) {
  EXPECT_EQ(refunded({total(300, 100), failure("a", 300, 20, 99)}), 0u);
  EXPECT_EQ(refunded({failure("a", 300, 20, 99), total(300, 100)}), 0u);
  EXPECT_EQ(refunded({total(300, 100), failure("a", 300, 20, 99), total(200, 200)}), 200u);
}

TEST(RefundLedger, ATotalThatLostItsWayIsCoveredByTheNext) {
  EXPECT_EQ(refunded({total(900, 300)}), 900u);
  EXPECT_EQ(refunded({total(900, 300), total(100, 100)}), 900u);
  EXPECT_FALSE(with_report(ledger_of({total(900, 300)}), total(100, 100), "w", kNow));
}

TEST(RefundLedger, ALostDisputeIsARefundInAnyOrder) {
  expect_in_any_order({dispute(State::Taken, 100), dispute(State::Lost, 300)}, 1000);
  expect_in_any_order({dispute(State::Lost, 300), refund("a", 300)}, 1000);
}

TEST(RefundLedger, AWonDisputeGivesTheMoneyBackInAnyOrder) {
  expect_in_any_order(
      {dispute(State::Taken, 100), dispute(State::GivenBack, 300), dispute(State::GivenBack, 301)}, 0);
}

TEST(RefundLedger, OfTwoEndsOfADisputeTheLaterHolds) {
  expect_in_any_order({dispute(State::Taken, 100), dispute(State::Lost, 300), dispute(State::GivenBack, 400)},
                      0);
  expect_in_any_order({dispute(State::Taken, 100), dispute(State::GivenBack, 300), dispute(State::Lost, 400)},
                      1000);
  expect_in_any_order(
      {dispute(State::GivenBack, 200), dispute(State::Lost, 300), dispute(State::GivenBack, 400)}, 0);
}

TEST(RefundLedger, RefundsTotalsFailuresAndDisputesInAnyOrder) {
  expect_in_any_order(
      {total(300, 100), failure("a", 300, 200, 100), total(200, 300), dispute(State::Taken, 150, 100),
       dispute(State::GivenBack, 250, 100), refund("r", 70, 120)},
      270);
}

TEST(RefundLedger, OnlyThePaymentsCurrencyCounts) {
  auto other = refund("b", 500);
  other.amount.currency = "USD";
  auto other_total = total(700, 900);
  other_total.amount.currency = "USD";
  expect_in_any_order({refund("a", 300), other, total(100, 100), other_total}, 400);
  EXPECT_FALSE(counts_in(ledger_of({}), Paid{1000, "EUR"}, "USD"));
}

TEST(RefundLedger, WithoutAPaymentsCurrencyTheEarliestReportsIsTaken) {
  auto other = refund("b", 500, 50);
  other.amount.currency = "USD";
  EXPECT_EQ(balance({refund("a", 300, 100), other}, 1000, {}).refunded, 500u);
  EXPECT_EQ(balance({other, refund("a", 300, 100)}, 1000, {}).currency, Currency{"USD"});
  other.amount.currency = {};
  EXPECT_EQ(balance({refund("a", 300, 100), other}, 1000, {}).refunded, 800u);
}

TEST(RefundLedger, GrowsWithRefundsAndNotWithHowOftenTheirTotalIsTold) {
  RefundLedger ledger;
  const auto take = [&](std::string_view id, std::uint64_t cents, std::int64_t at) {
    if (auto next = with_report(ledger, report(id, cents, Kind::RunningTotal, State::Taken, at), "w", kNow))
      ledger = std::move(*next);
  };
  for (int i = 1; i <= 5'000; ++i) take("grows" + std::to_string(i), static_cast<std::uint64_t>(i), 100 + i);
  for (int i = 1; i <= 5'000; ++i) take("again" + std::to_string(9'999 - i), 5'000, 6'000);
  EXPECT_LE(ledger.entries.size(), 4u);
  EXPECT_EQ(balance_of(ledger, Paid{9'000, "EUR"}).refunded, 5'000u);
}

TEST(RefundLedger, KeepsTheTotalsThatAFailureCameBetween) {
  // When it failed is unknown. That 900 came before it shows that 880 fell after it.
  const Reports reports{total(100, 100), total(900, 101), failure("r1", 100, 150, 160), total(950, 202),
                        total(880, 203)};
  const auto ledger = ledger_of(reports);
  EXPECT_NE(find_entry(ledger, total(900, 101)), nullptr);
  EXPECT_EQ(refunded(reports), 880u);
}

TEST(RefundLedger, ATotalThatWasDroppedIsNoNewsWhenItComesAgain) {
  auto ledger = ledger_of({total(100, 100), total(200, 101), total(300, 102)});
  EXPECT_EQ(find_entry(ledger, total(200, 101)), nullptr);
  EXPECT_FALSE(with_report(ledger, total(200, 101), "w", kNow));
}

TEST(RefundLedger, IsTheSameAfterItWasARow) {
  auto ledger = ledger_of({refund("a", UINT64_MAX, 100), failure("b", 20, 200, 150), total(30, 300),
                           dispute(State::Lost, 400), dispute(State::Taken, 10)});
  ledger.expires_at = from_unix_seconds(77);
  const auto put = put_refund_ledger("p", std::nullopt, ledger);
  const auto read = refund_ledger_from_row(put.item);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->entries, ledger.entries);
  EXPECT_EQ(read->revision, ledger.revision);
  EXPECT_EQ(read->expires_at, from_unix_seconds(77));
}

TEST(RefundLedger, ARowThatIsNoneIsNamed) {
  for (const auto* text :
       {"x", "{}", "[1]", R"([{"id":"a"}])", R"([{"id":"a","kind":"gift","state":"taken","amount_cents":1}])",
        R"([{"id":"a","kind":"refund","state":"taken","amount_cents":-1}])"}) {
    auto put = put_refund_ledger("p", std::nullopt, RefundLedger{});
    put.item.attributes.set("refunds", std::string(text));
    const auto read = refund_ledger_from_row(put.item);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, ErrorCode::CorruptItem);
    EXPECT_TRUE(read.error().message.contains("TXN#p")) << read.error().message;
  }
}

}  // namespace
}  // namespace loopstate::store
