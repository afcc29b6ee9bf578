// The vectors were made with the providers' own SDKs (Square, Stripe) or by their documented formula (Fidel).
#include "webhook/signing.hpp"

#include <gtest/gtest.h>

#include "times.hpp"

namespace loopstate::webhook {
namespace {

TEST(SquareSignature, MatchesSquaresHelpers) {
  EXPECT_EQ(square_signature("asdf1234", "https://example.com/webhook", R"({"hello":"world"})"),
            "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=");
}

TEST(StripeSignature, MatchesStripesLibraries) {
  EXPECT_EQ(stripe_signature("whsec_x", "1700000000", "{}"),
            "be8cb8325f2202445260a855532f967e30ad2a9394ce28da66ee02880ddcb661");
  EXPECT_EQ(stripe_signature_header("whsec_test", from_unix_seconds(1'700'000'000),
                                    R"({"id":"t1","amount":5.44,"currency":"GBP"})"),
            "t=1700000000,v1=4e472416482af2505538df70bcac7a3b3eba275300bd430b2c4b16912985cd7c");
}

TEST(FidelSignature, MatchesTheDocumentedFormula) {
  EXPECT_EQ(fidel_signature("fidel_secret", "https://example.com/webhooks/fidel?event=auth", "1700000000000",
                            R"({"id":"t1","amount":5.44,"currency":"GBP"})"),
            "y1Jvl/FJN4fG1xmhw6UoZ720orGUIHIJb3H6SG3TLrM=");
}

}  // namespace
}  // namespace loopstate::webhook
