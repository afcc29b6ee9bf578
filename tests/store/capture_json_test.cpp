#include "store/documents/capture_json.hpp"

#include <gtest/gtest.h>

#include "store/fixture_items.hpp"
#include "times.hpp"

namespace loopstate::store {
namespace {

using testing::rust_text;

TEST(CaptureJson, ReadsTheRustCratesCaptureAndWritesItBack) {
  const auto text = rust_text("PENDING#", "capture_data");
  const auto capture = capture_from_stored_json(text);
  ASSERT_TRUE(capture) << capture.error().message;
  EXPECT_EQ(capture->merchant_name, "Café");
  EXPECT_EQ(capture->amount.minor_units, 1250u);
  EXPECT_EQ(capture->location->longitude.text(), "13.405");
  EXPECT_EQ(capture->expires_at, from_unix_seconds(1795662276));
  EXPECT_EQ(stored_json(*capture), text);
}

TEST(CaptureJson, WritesNullForWhatIsNotThere) {
  Capture capture;
  capture.merchant_id = "M";
  EXPECT_EQ(stored_json(capture),
            R"({"merchant_id":"M","merchant_name":null,"amount_cents":0,"card_last4":null,"proof_data":null,)"
            R"("proof_type":null,"location":null,"created_at":0,"expires_at":0})");
  EXPECT_EQ(*capture_from_stored_json(stored_json(capture)), capture);
}

TEST(CaptureJson, ShowsWhatTheRowHoldsBesideTheJson) {
  Capture capture;
  capture.id = "00000000001795575876#x";
  capture.merchant_id = "M";
  capture.amount.currency = "EUR";
  capture.refunded = {5, "EUR"};
  const auto shown = to_json(capture);
  EXPECT_TRUE(shown.starts_with(R"({"id":"00000000001795575876#x","merchant_id":"M")")) << shown;
  EXPECT_TRUE(shown.ends_with(R"("currency":"EUR","refunded_cents":5})")) << shown;
  EXPECT_EQ(*capture_from_json(shown), capture);
}

TEST(CaptureJson, LetsAPersonLeaveOutWhatTheStoreFillsIn) {
  const auto capture = capture_from_json(R"({"merchant_id":"M","amount_cents":7,"extra":1.10})");
  ASSERT_TRUE(capture) << capture.error().message;
  EXPECT_EQ(capture->unknown[0].second.text(), "1.10");
  EXPECT_EQ(capture_from_json(R"({"merchant_id":"M"})").error().message, "field amount_cents: missing");
  EXPECT_FALSE(capture_from_stored_json(R"({"merchant_id":"M","amount_cents":7})"));
}

TEST(CaptureJson, TakesACurrencyThatIsOneOrNull) {
  const auto in = [](std::string_view currency) {
    return capture_from_json(R"({"merchant_id":"M","amount_cents":7,"currency":)" + std::string(currency) +
                             "}");
  };
  EXPECT_EQ(in("\"KWD\"")->amount, (Money{7, "KWD"}));
  EXPECT_EQ(in("null")->amount, Money{7});
  EXPECT_EQ(in("\"eur\"").error().message, "field currency: expected three capital letters, as in ISO 4217");
}

TEST(CaptureJson, TakesPlacesOnlyAsNumbersThatFitADouble) {
  const auto at = [](std::string_view latitude) {
    return capture_from_json(R"({"merchant_id":"M","amount_cents":7,"location":{"latitude":)" +
                             std::string(latitude) + R"(,"longitude":1,"accuracy_m":2.50}})");
  };
  EXPECT_EQ(at("52.520000000000000001")->location->latitude.text(), "52.520000000000000001");
  EXPECT_EQ(at("\"52\"").error().message, "field location.latitude: expected a number, found a string");
  EXPECT_EQ(at("1e400").error().message, "field location.latitude: expected a number that fits a double");
  EXPECT_EQ(at("-1").value().location->accuracy_m.text(), "2.50");
}

}  // namespace
}  // namespace loopstate::store
