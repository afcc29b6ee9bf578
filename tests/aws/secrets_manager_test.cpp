// Reading a secret: where it is requested, what the replies mean, and that its value is in no message.
#include "aws/secrets_manager.hpp"

#include <gmock/gmock.h>

#include <fmt/format.h>

#include "aws/secret_reply.hpp"
#include "fake_surroundings.hpp"
#include "fault_proxy/blocking_server.hpp"

namespace loopstate::aws {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kArn = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:prod/pepper-AbCdEf";
constexpr std::string_view kValue =
    R"({"ARN":"a","Name":"pepper","SecretString":"c2VjcmV0\n\"x\"","VersionId":"1"})";

std::string error_body(std::string_view type, std::string_view message = "said 7Up") {
  return "{\"__type\":\"com.amazonaws#" + std::string(type) + "\",\"Message\":\"" + std::string(message) +
         "\"}";
}

class SecretsManagerTest : public testing::Test {
 protected:
  World make(FakeServers::Answer answer) {
    World world(std::move(answer));
    world.variables = {{"AWS_ACCESS_KEY_ID", "AKIA"},
                       {"AWS_SECRET_ACCESS_KEY", "k"},
                       {"AWS_SESSION_TOKEN", "t"},
                       {"AWS_REGION", "eu-west-1"}};
    return world;
  }
  Result<crypto::Secret> fetch(World& world, std::string_view name, Deadline deadline = Deadline::max()) {
    auto manager = SecretsManager::create(world.surroundings()).value();
    manager->random = [] { return 0.0; };
    return world.run(manager->fetch(std::string(name), deadline));
  }
  Error refused(std::uint16_t status, std::string body) {
    World world = make([=](const FakeServers::Seen&) { return reply(status, body); });
    auto secret = fetch(world, "pepper");
    return secret ? Error() : secret.error();
  }
};

TEST_F(SecretsManagerTest, TextIsGivenBackUnescaped) {
  World world = make([](const FakeServers::Seen&) { return reply(200, std::string(kValue)); });
  EXPECT_EQ(fetch(world, "prod/pepper").value().reveal(), "c2VjcmV0\n\"x\"");
  ASSERT_EQ(world.seen().size(), 1u);
  const auto& seen = world.seen()[0];
  EXPECT_EQ(seen.url, "https://secretsmanager.eu-west-1.amazonaws.com");
  EXPECT_EQ(seen.body, R"({"SecretId":"prod/pepper"})");
  EXPECT_THAT(seen.headers, HasSubstr("X-Amz-Target: secretsmanager.GetSecretValue\r\n"));
  EXPECT_THAT(seen.headers, HasSubstr("Content-Type: application/x-amz-json-1.1\r\n"));
  EXPECT_THAT(seen.headers, HasSubstr("/eu-west-1/secretsmanager/aws4_request"));
  EXPECT_THAT(seen.headers, HasSubstr("X-Amz-Security-Token: t\r\n"));
}

TEST_F(SecretsManagerTest, BytesAreDecoded) {
  World world = make([](const FakeServers::Seen&) { return reply(200, R"({"SecretBinary":"AAEC/w=="})"); });
  EXPECT_EQ(fetch(world, "pepper").value().reveal(), std::string_view("\0\1\2\xff", 4));
}

TEST_F(SecretsManagerTest, RegionOfAnArnWinsOverTheConfiguredOne) {
  World world = make([](const FakeServers::Seen&) { return reply(200, std::string(kValue)); });
  ASSERT_TRUE(fetch(world, kArn));
  EXPECT_EQ(world.seen()[0].url, "https://secretsmanager.ap-south-1.amazonaws.com");
  EXPECT_THAT(world.seen()[0].headers, HasSubstr("/ap-south-1/secretsmanager/"));
  world.variables.erase("AWS_REGION");
  EXPECT_TRUE(fetch(world, kArn));
  EXPECT_THAT(fetch(world, "pepper").error().message, HasSubstr("AWS_REGION"));
}

TEST_F(SecretsManagerTest, EndpointOfItsOwnVariableComesFirst) {
  World world = make([](const FakeServers::Seen&) { return reply(200, std::string(kValue)); });
  world.variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1";
  ASSERT_TRUE(fetch(world, "pepper"));
  world.variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = "http://127.0.0.1:2";
  ASSERT_TRUE(fetch(world, "pepper"));
  EXPECT_EQ(world.seen()[0].url, "http://127.0.0.1:1");
  EXPECT_EQ(world.seen()[1].url, "http://127.0.0.1:2");
}

TEST_F(SecretsManagerTest, WhatIsNoNameIsRefusedBeforeAnythingIsSent) {
  World world = make([](const FakeServers::Seen&) { return reply(200, std::string(kValue)); });
  for (const auto* name : {"", "a b", "a\"b", "arn:aws:s3:::bucket", "arn:aws:secretsmanager:EU:1:secret:x",
                           "arn:aws:secretsmanager:eu-west-1:1:secret:"}) {
    EXPECT_EQ(fetch(world, name).error().code, ErrorCode::InvalidArgument) << name;
  }
  EXPECT_EQ(fetch(world, std::string(513, 'a')).error().code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(world.seen().empty());
}

TEST_F(SecretsManagerTest, EachRefusalIsTypedAndSaysWhatToDo) {
  const struct {
    std::string_view type;
    ErrorCode code;
    std::string_view says;
  } cases[] = {
      {"ResourceNotFoundException", ErrorCode::NotFound, "no secret \"pepper\" in Region eu-west-1"},
      {"AccessDeniedException", ErrorCode::AccessDenied, "allow secretsmanager:GetSecretValue"},
      {"UnrecognizedClientException", ErrorCode::AccessDenied, "check the key and the Region"},
      {"DecryptionFailure", ErrorCode::AccessDenied, "kms:Decrypt"},
      {"InvalidRequestException", ErrorCode::NotFound, "about to be deleted"},
      {"ExpiredTokenException", ErrorCode::CredentialsExpired, "the environment have expired"},
      {"RequestTimeTooSkewed", ErrorCode::ClockSkew, "clock is wrong"},
  };
  for (const auto& [type, code, says] : cases) {
    const auto error = refused(400, error_body(type));
    EXPECT_EQ(error.code, code) << type;
    EXPECT_THAT(error.message, HasSubstr(says));
    EXPECT_FALSE(error.retryable) << type;
    EXPECT_THAT(error.message, Not(HasSubstr("7Up"))) << "the server's own text may have anything in it";
  }
  EXPECT_EQ(refused(400, error_body("InvalidSignatureException", "Signature expired: ...")).code,
            ErrorCode::ClockSkew);
  EXPECT_EQ(refused(404, "<html>").code, ErrorCode::ProtocolError);
  EXPECT_EQ(refused(403, "<html>").code, ErrorCode::AccessDenied);
}

TEST_F(SecretsManagerTest, NoMessageHasAnyOfTheValue) {
  for (const auto* body : {R"({"SecretString":"hunter2)", R"({"SecretBinary":"hunter2"})",
                           R"({"SecretString":{"x":"hunter2"}})", R"(["hunter2"])"}) {
    const auto error = refused(200, body);
    EXPECT_EQ(error.code, ErrorCode::ProtocolError) << body;
    EXPECT_THAT(error.message, Not(HasSubstr("hunter2")));
  }
}

TEST_F(SecretsManagerTest, PassingFailuresAreTriedThreeTimesAtMost) {
  int count = 0;
  World passing = make([&](const FakeServers::Seen&) {
    ++count;
    if (count == 1) return nobody();
    if (count == 2) return reply(400, error_body("ThrottlingException"));
    return reply(200, std::string(kValue));
  });
  EXPECT_TRUE(fetch(passing, "pepper"));
  World lasting =
      make([&](const FakeServers::Seen&) { return reply(500, error_body("InternalServiceError")); });
  const auto secret = fetch(lasting, "pepper");
  EXPECT_EQ(secret.error().code, ErrorCode::Unavailable);
  EXPECT_TRUE(secret.error().retryable);
  EXPECT_EQ(lasting.seen().size(), 3u);
  World denied =
      make([&](const FakeServers::Seen&) { return reply(400, error_body("AccessDeniedException")); });
  EXPECT_FALSE(fetch(denied, "pepper"));
  EXPECT_EQ(denied.seen().size(), 1u);
}

TEST_F(SecretsManagerTest, ExpiredCredentialsAreFetchedAnewOnce) {
  World world =
      make([](const FakeServers::Seen&) { return reply(400, error_body("ExpiredTokenException")); });
  EXPECT_EQ(fetch(world, "pepper").error().code, ErrorCode::CredentialsExpired);
  EXPECT_EQ(world.seen().size(), 2u);
}

TEST_F(SecretsManagerTest, DeadlineThatIsOverWaitsForNoRetry) {
  World world = make([](const FakeServers::Seen&) { return nobody(); });
  EXPECT_FALSE(fetch(world, "pepper", std::chrono::steady_clock::now()));
  EXPECT_EQ(world.seen().size(), 1u);
}

void serve_secrets(testing_net::tcp::socket& socket, int) {
  const auto answer = fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", kValue.size(), kValue);
  std::string buffer;
  boost::system::error_code error;
  while (!error && testing_net::read_message(socket, buffer)) {
    boost::asio::write(socket, boost::asio::buffer(answer), error);
  }
}

Task<bool> fetch_all(SecretsManager& manager, std::vector<std::string> names) {
  for (auto& name : names) {
    const auto secret = co_await manager.fetch(std::move(name), Deadline::max());
    if (!secret) co_return false;
  }
  co_return true;
}

TEST_F(SecretsManagerTest, SecretsOfOneServerComeOverOneConnection) {
  testing_net::BlockingServer server(serve_secrets);
  World world = make(nullptr);
  world.variables["AWS_ENDPOINT_URL"] = fmt::format("http://127.0.0.1:{}", server.port());
  auto manager = SecretsManager::create(real_surroundings(world.surroundings().environment)).value();
  // If the endpoint is given, the Region of an ARN does not select another server.
  EXPECT_TRUE(world.run(fetch_all(*manager, {"prod/pepper", "prod/square", std::string(kArn)})));
  EXPECT_EQ(server.connections(), 1);
}

TEST(RealSurroundings, KeepOneClientForEachServerAndForgetThemWhenThereAreTooMany) {
  const auto surroundings = real_surroundings([](std::string_view) { return std::nullopt; });
  const auto connect = [copy = surroundings](std::uint16_t port) {
    return copy.connect(http::Endpoint{false, "127.0.0.1", port}).value();
  };
  const std::weak_ptr<http::Transport> first = connect(1);
  const auto held = connect(2);
  EXPECT_EQ(connect(1), first.lock());
  EXPECT_EQ(surroundings.connect(http::Endpoint{false, "127.0.0.1", 2}).value(), held);
  for (std::uint16_t port = 3; port <= kClientsMax; ++port) connect(port);
  EXPECT_FALSE(first.expired());
  connect(kClientsMax + 1);
  EXPECT_TRUE(first.expired());
  EXPECT_NE(connect(2), held);
}

}  // namespace
}  // namespace loopstate::aws
