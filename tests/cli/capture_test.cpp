#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using CaptureCommands = CliTest;

std::string capture_of(int cents) {
  return R"({"merchant_id":"M1","currency":"EUR","amount_cents":)" + std::to_string(cents) + "}";
}

TEST_F(CaptureCommands, AddAnswersItsIdAndWhatWasDropped) {
  const auto added = json(kDone, {"capture", "add", "U1", "-"}, capture_of(1));
  EXPECT_TRUE(added.boolean({"first"}));
  EXPECT_EQ(added.member("dropped").size(), 0u);
  const auto listed = json(kDone, {"capture", "list", "U1"});
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed.at(0).string({"id"}), added.string({"id"}));
  EXPECT_EQ(listed.at(0).string({"currency"}), "EUR");
  EXPECT_EQ(listed.at(0).number({"amount_cents"}), 1);
}

TEST_F(CaptureCommands, AFullRingDropsItsOldestNeverTheNewOne) {
  for (int i = 0; i < 10; ++i) json(kDone, {"capture", "add", "U1", "-"}, capture_of(i));
  const auto added = json(kDone, {"capture", "add", "U1", "-"}, capture_of(10));
  ASSERT_EQ(added.member("dropped").size(), 1u);
  EXPECT_EQ(added.member("dropped").at(0).number({"amount_cents"}), 0);
  const auto listed = json(kDone, {"capture", "list", "U1"});
  ASSERT_EQ(listed.size(), 10u);
  EXPECT_EQ(listed.at(0).number({"amount_cents"}), 10);
}

TEST_F(CaptureCommands, OnePaymentIsNeverPendingTwice) {
  const auto first = json(kDone, {"capture", "add", "U1", "-", "--txn", "t1"}, capture_of(5));
  const auto second = json(kRefused, {"capture", "add", "U1", "-", "--txn", "t1"}, capture_of(5));
  EXPECT_FALSE(second.boolean({"first"}));
  EXPECT_EQ(json(kDone, {"capture", "list", "U1"}).size(), 1u);
  EXPECT_TRUE(json(kDone, {"txn", "check", "t1"}).boolean({"processed"}));
}

TEST_F(CaptureCommands, AmountsArePrintedAsTheirCurrencyWritesThem) {
  struct Printed {
    std::string currency;
    std::string text;
  };
  for (const auto& [currency, printed] :
       {Printed{"ISK", "12500 ISK"}, Printed{"UGX", "12500 UGX"}, Printed{"UYI", "12500 UYI"},
        Printed{"MGA", "125.00 MGA"}, Printed{"CLF", "1.2500 CLF"}, Printed{"UYW", "1.2500 UYW"},
        Printed{"KWD", "12.500 KWD"}, Printed{"JPY", "12500 JPY"}, Printed{"EUR", "125.00 EUR"}}) {
    json(kDone, {"capture", "add", currency, "-"},
         R"({"merchant_id":"M1","amount_cents":12500,"currency":")" + currency + "\"}");
    const auto listed = text({"capture", "list", currency});
    EXPECT_TRUE(listed.out.contains(" " + printed + " ")) << listed.out;
  }
}

TEST_F(CaptureCommands, SettleTakesItOut) {
  const auto id = json(kDone, {"capture", "add", "U1", "-"}, capture_of(5)).string({"id"});
  EXPECT_EQ(json(kDone, {"capture", "settle", "U1", id}).number({"amount_cents"}), 5);
  EXPECT_EQ(json(kDone, {"capture", "list", "U1"}).size(), 0u);
  fails(kNotThere, "NotFound", {"capture", "settle", "U1", id});
}

TEST_F(CaptureCommands, BadDocumentsAreRefused) {
  for (const auto* bad :
       {"{}", R"({"merchant_id":"M1"})", R"({"merchant_id":"M1","amount_cents":-5})",
        R"({"merchant_id":"M1","amount_cents":1.5})", R"({"merchant_id":"M1","amount_cents":"5"})",
        R"({"merchant_id":"","amount_cents":5})",
        R"({"merchant_id":"M1","amount_cents":5,"currency":"euro"})",
        R"({"merchant_id":"M1","amount_cents":5,"card_last4":"42"})",
        R"({"merchant_id":"M1","amount_cents":5} x)"}) {
    fails(kMisused, "InvalidArgument", {"capture", "add", "U1", "-"}, bad);
  }
  EXPECT_EQ(json(kDone, {"capture", "list", "U1"}).size(), 0u);
}

TEST_F(CaptureCommands, AddTakesOffARefundThatCameBeforeItsPayment) {
  json(kDone, {"import", "-"},
       R"({"pk":{"S":"TXN#square:p1"},"sk":{"S":"REFUNDED"},"revision":{"N":"1"},"ttl":{"N":"4102444800"},)"
       R"("refunds":{"S":"[{\"id\":\"square:r1:refund\",\"kind\":\"refund\",\"state\":\"taken\",)"
       R"(\"amount_cents\":300,\"currency\":\"EUR\",\"reported_at\":1795575900}]"}})");
  json(kDone, {"capture", "add", "U1", "-", "--txn", "square:p1"},
       R"({"merchant_id":"M1","amount_cents":1000})");
  EXPECT_EQ(json(kDone, {"capture", "list", "U1"}).at(0).number({"refunded_cents"}), 300);
  EXPECT_EQ(json(kDone, {"context", "get", "U1"}).member("recent_events").at(0).string({"event_type"}),
            "refund");
}

}  // namespace
}  // namespace loopstate::cli_test
