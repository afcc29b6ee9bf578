#include "agent/route.hpp"

namespace loopstate::agent {
namespace {

TEST(Route, WebhooksByProvider) {
  for (const auto provider : webhook::kProviders) {
    const auto found = route("POST", "/webhooks/" + std::string(webhook::to_string(provider)));
    EXPECT_EQ(found.endpoint, Endpoint::Webhook);
    EXPECT_EQ(found.provider, provider);
    EXPECT_TRUE(found.method_allowed);
  }
}

TEST(Route, AGatewaysPrefixAndASlashAtTheEndDoNotMatter) {
  EXPECT_EQ(route("POST", "/prod/v1/webhooks/fidel/").provider, webhook::Provider::Fidel);
  EXPECT_EQ(route("GET", "/prod/healthz").endpoint, Endpoint::Health);
}

TEST(Route, OtherPathsAreNothing) {
  for (const std::string_view path :
       {"", "/", "/webhooks", "/webhooks/paypal", "/square", "/webhooks/square/x", "/webhook/square", "//",
        "/webhooks//square", "/healthz/x", "webhooks/square/../../x"}) {
    EXPECT_EQ(route("POST", path).endpoint, Endpoint::None) << path;
  }
}

TEST(Route, MethodsThatDoNotFitNameTheOnesThatDo) {
  const auto hook = route("GET", "/webhooks/square");
  EXPECT_FALSE(hook.method_allowed);
  EXPECT_EQ(hook.allow, "POST");
  const auto health = route("POST", "/healthz");
  EXPECT_FALSE(health.method_allowed);
  EXPECT_EQ(health.allow, "GET, HEAD");
  EXPECT_TRUE(route("HEAD", "/metrics").method_allowed);
}

}  // namespace
}  // namespace loopstate::agent
