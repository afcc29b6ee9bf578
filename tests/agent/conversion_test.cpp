#include "agent/conversion.hpp"

#include "times.hpp"

namespace loopstate::agent {
namespace {

webhook::Purchase purchase_of(Money amount) {
  return webhook::Purchase{.provider = webhook::Provider::Square,
                           .transaction = *TransactionId::parse("square:p1"),
                           .fingerprint = *Fingerprint::parse("loop_fp_00"),
                           .merchant = *MerchantId::parse("M1"),
                           .merchant_name = std::nullopt,
                           .amount = amount,
                           .card_last4 = "",
                           .card_brand = "",
                           .occurred_at = from_unix_seconds(5)};
}

TEST(Records, ALongMerchantNameIsCutBetweenCharacters) {
  auto purchase = purchase_of({100, "EUR"});
  std::string name;
  for (int i = 0; i < 400; ++i) name += "é";
  purchase.merchant_name = name;
  const auto record = record_of(purchase);
  EXPECT_LT(record.event.summary.size(), 300u);
  EXPECT_EQ(record.event.summary.size() % 2, std::string("1.00 EUR at ").size() % 2);
}

TEST(Records, WhatIsNotKnownIsNotInvented) {
  const auto record = record_of(purchase_of({100, "EUR"}));
  EXPECT_FALSE(record.capture.card_last4);
  EXPECT_FALSE(record.capture.merchant_name);
  EXPECT_EQ(record.capture.created_at, Timestamp{});
}

}  // namespace
}  // namespace loopstate::agent
