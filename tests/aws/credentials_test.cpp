// Where credentials come from, and in which order.
#include <gmock/gmock.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX

#include <filesystem>
#include <fstream>

#include "aws/credential_json.hpp"
#include "aws/sts.hpp"
#include "fake_surroundings.hpp"
#include "times.hpp"

namespace loopstate::aws {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kDocument =
    R"({"Code":"Success","AccessKeyId":"ASIAX","SecretAccessKey":"s3cret","Token":"t0ken","Expiration":"2027-01-15T09:00:00Z"})";

class CredentialsTest : public testing::Test {
 protected:
  CredentialsTest() {
    std::string name = (fs::temp_directory_path() / "loopstate-aws-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~CredentialsTest() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  void use_config(World& world, std::string_view config) {
    world.variables["AWS_CONFIG_FILE"] = write("config", config);
    world.variables["HOME"] = folder_.string();
  }

  fs::path folder_;
};

TEST_F(CredentialsTest, EnvironmentComesFirstAndNobodyIsAsked) {
  World world;
  use_config(world, "[default]\naws_access_key_id = P\naws_secret_access_key = p\n");
  world.variables["AWS_ACCESS_KEY_ID"] = "AKIA";
  world.variables["AWS_SECRET_ACCESS_KEY"] = "k";
  world.variables["AWS_SESSION_TOKEN"] = "t";
  const auto credentials = world.fetch().value();
  EXPECT_EQ(credentials->access_key_id, "AKIA");
  EXPECT_EQ(credentials->secret_access_key.reveal(), "k");
  EXPECT_EQ(credentials->session_token, "t");
  EXPECT_TRUE(world.seen().empty());
}

TEST_F(CredentialsTest, HalfAKeyIsSaidToBeOne) {
  World world;
  world.variables["AWS_ACCESS_KEY_ID"] = "AKIA";
  EXPECT_THAT(world.fetch().error().message, HasSubstr("AWS_SECRET_ACCESS_KEY is not"));
  World other;
  use_config(other, "[default]\naws_access_key_id = P\n");
  EXPECT_THAT(other.fetch().error().message, HasSubstr("half of a key"));
}

TEST_F(CredentialsTest, ProfilesKeys) {
  World world;
  use_config(world,
             "[profile dev]\naws_access_key_id = P\naws_secret_access_key = p\naws_session_token = t\n");
  world.variables["AWS_PROFILE"] = "dev";
  const auto credentials = world.fetch().value();
  EXPECT_EQ(credentials->access_key_id, "P");
  EXPECT_EQ(credentials->source, "profile dev");
}

TEST_F(CredentialsTest, ProfileThatIsNotThereIsNamed) {
  World world;
  use_config(world, "");
  world.variables["AWS_PROFILE"] = "missing";
  EXPECT_THAT(world.fetch().error().message, HasSubstr("profile missing"));
}

TEST_F(CredentialsTest, RoleIsAssumedWithTheSourceProfile) {
  World world([](const FakeServers::Seen&) {
    return reply(200,
                 R"({"AssumeRoleResponse":{"AssumeRoleResult":{"AssumedRoleUser":{"Arn":"a"},"Credentials":{)"
                 R"("AccessKeyId":"ASIAR","SecretAccessKey":"r","SessionToken":"rt","Expiration":1.8E9}},)"
                 R"("ResponseMetadata":{"RequestId":"x"}}})");
  });
  use_config(
      world,
      "[default]\nregion = eu-west-1\n[profile base]\naws_access_key_id = B\naws_secret_access_key = b\n"
      "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\nexternal_id = "
      "e/1\n");
  world.variables["AWS_PROFILE"] = "role";
  world.variables["AWS_REGION"] = "eu-west-1";
  const auto credentials = world.fetch().value();
  EXPECT_EQ(credentials->access_key_id, "ASIAR");
  EXPECT_EQ(credentials->session_token, "rt");
  EXPECT_EQ(credentials->expires_at, from_unix_seconds(1'800'000'000));
  ASSERT_EQ(world.seen().size(), 1u);
  EXPECT_THAT(world.seen()[0].headers, HasSubstr("Accept: application/json\r\n"));
  EXPECT_EQ(world.seen()[0].url, "https://sts.eu-west-1.amazonaws.com");
  EXPECT_THAT(world.seen()[0].headers, HasSubstr("Credential=B/"));
  EXPECT_THAT(world.seen()[0].body, HasSubstr("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fr"));
  EXPECT_THAT(world.seen()[0].body, HasSubstr("ExternalId=e%2F1"));
}

TEST_F(CredentialsTest, RolesInACircleAreRefused) {
  World world;
  use_config(world,
             "[profile a]\nrole_arn = arn:a\nsource_profile = b\n[profile b]\nrole_arn = "
             "arn:b\nsource_profile = a\n");
  world.variables["AWS_PROFILE"] = "a";
  world.variables["AWS_REGION"] = "eu-west-1";
  EXPECT_THAT(world.fetch().error().message, HasSubstr("cycle"));
}

TEST_F(CredentialsTest, RefusedRoleIsAccessDeniedWithoutItsText) {
  const auto refused = credentials_from_sts(
      403, R"({"Error":{"Code":"AccessDenied","Message":"secret text","Type":"Sender"},"RequestId":"x"})",
      "profile x");
  EXPECT_EQ(refused.error().code, ErrorCode::AccessDenied);
  EXPECT_THAT(refused.error().message, Not(HasSubstr("secret text")));
  EXPECT_EQ(credentials_from_sts(200, "<xml/>", "x").error().code, ErrorCode::ProtocolError);
  EXPECT_EQ(credentials_from_sts(200, "{}", "x").error().code, ErrorCode::NoCredentials);
  EXPECT_TRUE(credentials_from_sts(500, "<html>", "x").error().retryable);
}

TEST_F(CredentialsTest, WebIdentityReadsItsTokenEachTime) {
  World world([](const FakeServers::Seen&) {
    return reply(200,
                 R"({"R":{"Credentials":{"AccessKeyId":"ASIAW","SecretAccessKey":"w","SessionToken":"t",)"
                 R"("Expiration":"2027-01-15T09:00:00Z"}}})");
  });
  world.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = write("token", "jwt-1");
  world.variables["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r";
  world.variables["AWS_REGION"] = "eu-west-1";
  auto source = make_source_chain(world.surroundings()).value();
  EXPECT_EQ(world.run(source->fetch(Deadline::max())).value()->access_key_id, "ASIAW");
  write("token", "jwt-2");
  (void)world.run(source->fetch(Deadline::max()));
  EXPECT_THAT(world.seen()[0].body, HasSubstr("WebIdentityToken=jwt-1"));
  EXPECT_THAT(world.seen()[1].body, HasSubstr("WebIdentityToken=jwt-2"));
  EXPECT_THAT(world.seen()[0].headers, Not(HasSubstr("Authorization")));
}

TEST_F(CredentialsTest, ProcessIsRunAndRead) {
  World world;
  use_config(world,
             "[default]\ncredential_process = echo "
             "'{\"Version\":1,\"AccessKeyId\":\"PRO\",\"SecretAccessKey\":\"x\",\"Expiration\":\"2027-01-"
             "15T09:00:00+00:00\"}'\n");
  const auto credentials = world.fetch().value();
  EXPECT_EQ(credentials->access_key_id, "PRO");
  EXPECT_EQ(credentials->expires_at, parse_timestamp("2027-01-15T09:00:00Z"));
}

TEST_F(CredentialsTest, ProcessThatFailsIsSaidTo) {
  const std::pair<std::string, std::string> failing[] = {{"exit 3", "status 3"},
                                                         {"echo not json", "not JSON"},
                                                         {"echo {}", "without an access key id"},
                                                         {"yes | head -c 100000", "too much"}};
  for (const auto& [command, why] : failing) {
    World world;
    use_config(world, "[default]\ncredential_process = " + command + "\n");
    EXPECT_THAT(world.fetch().error().message, HasSubstr(why)) << command;
  }
}

TEST_F(CredentialsTest, ProcessIsEndedAtTheDeadline) {
  World world;
  use_config(world, "[default]\ncredential_process = sleep 600\n");
  auto source = make_source_chain(world.surroundings()).value();
  const auto late =
      world.run(source->fetch(std::chrono::steady_clock::now() + std::chrono::milliseconds(30)));
  EXPECT_EQ(late.error().code, ErrorCode::DeadlineExceeded);
}

TEST_F(CredentialsTest, SsoSessionOfTheCache) {
  World world([](const FakeServers::Seen&) {
    return reply(
        200,
        R"({"roleCredentials":{"accessKeyId":"ASIAS","secretAccessKey":"s","sessionToken":"t","expiration":1800003600000}})");
  });
  use_config(world,
             "[default]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = dev\n[sso-session "
             "corp]\nsso_region = eu-west-1\n");
  EXPECT_THAT(world.fetch().error().message, HasSubstr("aws sso login"));
  // The SHA-1 of "corp".
  const std::string cache = ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
  write(cache, R"({"accessToken":"bearer","expiresAt":"2020-01-15T09:00:00Z"})");
  EXPECT_THAT(world.fetch().error().message, HasSubstr("session has expired"));
  write(cache, R"({"accessToken":"bearer","expiresAt":"2027-03-15T09:00:00Z"})");
  const auto credentials = world.fetch().value();
  EXPECT_EQ(credentials->access_key_id, "ASIAS");
  EXPECT_EQ(credentials->expires_at, from_unix_seconds(1'800'003'600));
  EXPECT_EQ(world.seen()[0].target, "/federation/credentials?account_id=1&role_name=dev");
  EXPECT_THAT(world.seen()[0].headers, HasSubstr("x-amz-sso_bearer_token: bearer"));
}

TEST_F(CredentialsTest, ContainerIsAskedWithItsToken) {
  World world([](const FakeServers::Seen&) { return reply(200, std::string(kDocument)); });
  world.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2/credentials/x";
  world.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = write("token", "tok\n");
  EXPECT_EQ(world.fetch().value()->session_token, "t0ken");
  EXPECT_EQ(world.seen()[0].target, "/v2/credentials/x");
  EXPECT_THAT(world.seen()[0].headers, HasSubstr("Authorization: tok\r\n"));
}

TEST_F(CredentialsTest, ContainerOverPlainHttpHasToBeLocal) {
  World world;
  world.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com/x";
  EXPECT_EQ(world.fetch().error().code, ErrorCode::InvalidArgument);
  World local([](const FakeServers::Seen&) { return reply(200, std::string(kDocument)); });
  local.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:9/x?y=z";
  EXPECT_TRUE(local.fetch());
  EXPECT_EQ(local.seen()[0].target, "/x?y=z");
}

TEST_F(CredentialsTest, InstanceIsAskedLastAndWithAToken) {
  World world([](const FakeServers::Seen& seen) {
    if (seen.method == "PUT") return reply(200, "imds-token");
    return reply(200, seen.target.ends_with("/") ? "my-role\n" : std::string(kDocument));
  });
  EXPECT_EQ(world.fetch().value()->access_key_id, "ASIAX");
  ASSERT_EQ(world.seen().size(), 3u);
  EXPECT_EQ(world.seen()[0].url, "http://169.254.169.254");
  EXPECT_THAT(world.seen()[2].headers, HasSubstr("X-aws-ec2-metadata-token: imds-token"));
  EXPECT_EQ(world.seen()[2].target, "/latest/meta-data/iam/security-credentials/my-role");
}

TEST_F(CredentialsTest, NowhereSaysWhatToDo) {
  World world;
  const auto none = world.fetch();
  EXPECT_EQ(none.error().code, ErrorCode::NoCredentials);
  EXPECT_THAT(none.error().message, HasSubstr("AWS_PROFILE"));
  World refusing([](const FakeServers::Seen&) { return reply(403, "forbidden"); });
  EXPECT_THAT(refusing.fetch().error().message,
              HasSubstr("metadata answered HTTP 403; set AWS_ACCESS_KEY_ID"));
  World without_role(
      [](const FakeServers::Seen& seen) { return seen.method == "PUT" ? reply(200, "t") : reply(404, ""); });
  EXPECT_THAT(without_role.fetch().error().message, HasSubstr("has no role; set AWS_ACCESS_KEY_ID"));
  World off;
  off.variables["AWS_EC2_METADATA_DISABLED"] = "true";
  EXPECT_EQ(off.fetch().error().code, ErrorCode::NoCredentials);
  EXPECT_TRUE(off.seen().empty());
}

TEST(CredentialJson, SaysWhatIsMissingAndNeverWhatIsThere) {
  const auto refused = credentials_from_json(R"({"AccessKeyId":"AKIAVERY","SecretAccessKey":""})",
                                             CredentialNames::Process, "p");
  EXPECT_THAT(refused.error().message, HasSubstr("secret access key"));
  EXPECT_THAT(refused.error().message, Not(HasSubstr("AKIAVERY")));
}

TEST(Timestamp, IsReadStrictly) {
  EXPECT_EQ(parse_timestamp("2015-08-30T12:36:00Z"), from_unix_seconds(1440938160));
  EXPECT_EQ(parse_timestamp("2015-08-30T12:36:00.123Z"), from_unix_seconds(1440938160));
  EXPECT_EQ(parse_timestamp("2015-08-30T14:36:00+02:00"), from_unix_seconds(1440938160));
  for (const auto* bad : {"", "2015-08-30", "2015-13-30T12:36:00Z", "2015-08-30T25:36:00Z",
                          "2015-08-30T12:36:00", "2015-08-30T12:36:00X"}) {
    EXPECT_FALSE(parse_timestamp(bad)) << bad;
  }
}

}  // namespace
}  // namespace loopstate::aws
