// Roles and secrets over real connections, at moto's Security Token Service and Secrets Manager.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp is POSIX
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "aws/secrets_manager.hpp"
#include "fake_surroundings.hpp"

namespace loopstate::aws {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

std::string moto_endpoint() {
  if (const char* set = std::getenv("MOTO_ENDPOINT")) return set;
  std::ifstream file(LOOPSTATE_MOTO_FILE);
  std::string pid, port;
  if (!(file >> pid >> port)) return "";
  return "http://127.0.0.1:" + port;
}

class MotoTest : public testing::Test {
 protected:
  void SetUp() override {
    if (moto_endpoint().empty()) GTEST_SKIP() << "no moto; run by ctest, or tools/moto run";
    std::string name = (fs::temp_directory_path() / "loopstate-moto-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    world_.variables = {{"AWS_ENDPOINT_URL", moto_endpoint()}, {"AWS_REGION", "eu-west-1"}};
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  std::string write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  Surroundings surroundings() {
    return real_surroundings([this](std::string_view name) -> std::optional<std::string> {
      const auto found = world_.variables.find(name);
      return found == world_.variables.end() ? std::nullopt : std::optional(found->second);
    });
  }
  static Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(60); }

  Result<CredentialsPtr> fetch_credentials() {
    auto source = make_source_chain(surroundings());
    if (!source) return std::unexpected(source.error());
    return world_.run((*source)->fetch(soon()));
  }
  Result<crypto::Secret> fetch_secret(std::string name) {
    auto manager = SecretsManager::create(surroundings());
    if (!manager) return std::unexpected(manager.error());
    return world_.run((*manager)->fetch(std::move(name), soon()));
  }
  /// Creates a secret with its own name; `value` is a member of the request. Returns the reply.
  std::string create_secret(const std::string& name, std::string_view value, std::string_view region) {
    http::ClientRequest request("POST", "/");
    request.add("Content-Type", "application/x-amz-json-1.1");
    request.add("X-Amz-Target", "secretsmanager.CreateSecret");
    // moto takes the Region from here and checks nothing.
    request.add("Authorization",
                fmt::format("AWS4-HMAC-SHA256 Credential=TEST/20260101/{}/secretsmanager/aws4_request, "
                            "SignedHeaders=host, Signature=0",
                            region));
    request.body = fmt::format(R"({{"Name":"{}",{}}})", name, value);
    const auto endpoint = http::parse_endpoint(moto_endpoint(), "moto").value();
    auto client = surroundings().connect(endpoint).value();
    const auto made = world_.run(client->send(std::move(request), soon(), http::Repeat::Never));
    return made ? made->body : made.error().error.message;
  }
  void use_keys() {
    world_.variables["AWS_ACCESS_KEY_ID"] = "AKIAMOTO";
    world_.variables["AWS_SECRET_ACCESS_KEY"] = "k";
  }
  static std::string fresh_name() {
    static int count = 0;
    return fmt::format("test/{}-{}", ::getpid(), ++count);
  }

  World world_;
  fs::path folder_;
};

TEST_F(MotoTest, RoleOfAProfileIsAssumedWithItsSourceProfile) {
  world_.variables["AWS_CONFIG_FILE"] =
      write("config",
            "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = b\n"
            "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n"
            "role_session_name = s\n");
  world_.variables["AWS_PROFILE"] = "role";
  const auto credentials = fetch_credentials();
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_THAT((*credentials)->access_key_id, StartsWith("ASIA"));
  EXPECT_FALSE((*credentials)->secret_access_key.empty());
  EXPECT_FALSE((*credentials)->session_token.empty());
  ASSERT_TRUE((*credentials)->expires_at);
  EXPECT_GT(*(*credentials)->expires_at, system_clock().now());
}

TEST_F(MotoTest, RoleOfAWebIdentityIsAssumedWithItsToken) {
  world_.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = write("token", "header.payload.signature");
  world_.variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/web";
  const auto credentials = fetch_credentials();
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_THAT((*credentials)->access_key_id, StartsWith("ASIA"));
  EXPECT_FALSE((*credentials)->session_token.empty());
}

TEST_F(MotoTest, SecretIsReadByNameAndByArn) {
  use_keys();
  const auto name = fresh_name();
  const auto made = create_secret(name, R"("SecretString":"line\n\"quoted\" \u00fc")", "eu-west-1");
  const auto by_name = fetch_secret(name);
  ASSERT_TRUE(by_name) << by_name.error().message;
  EXPECT_EQ(by_name->reveal(), "line\n\"quoted\" \xc3\xbc");
  const auto begin = made.find("arn:");
  ASSERT_NE(begin, std::string::npos) << made;
  const auto by_arn = fetch_secret(made.substr(begin, made.find('"', begin) - begin));
  ASSERT_TRUE(by_arn) << by_arn.error().message;
  EXPECT_EQ(by_arn->reveal(), by_name->reveal());
}

TEST_F(MotoTest, SecretThatIsBytesIsRead) {
  use_keys();
  const auto name = fresh_name();
  create_secret(name, R"("SecretBinary":"AAEC/w==")", "eu-west-1");
  const auto secret = fetch_secret(name);
  ASSERT_TRUE(secret) << secret.error().message;
  EXPECT_EQ(secret->reveal(), std::string_view("\0\1\2\xff", 4));
}

TEST_F(MotoTest, RegionOfTheArnIsTheOneThatIsAsked) {
  use_keys();
  const auto name = fresh_name();
  const auto made = create_secret(name, R"("SecretString":"far")", "ap-south-1");
  const auto begin = made.find("arn:");
  ASSERT_NE(begin, std::string::npos) << made;
  const auto by_arn = fetch_secret(made.substr(begin, made.find('"', begin) - begin));
  ASSERT_TRUE(by_arn) << by_arn.error().message;
  EXPECT_EQ(by_arn->reveal(), "far");
  const auto by_name = fetch_secret(name);
  ASSERT_FALSE(by_name);
  EXPECT_EQ(by_name.error().code, ErrorCode::NotFound);
  EXPECT_THAT(by_name.error().message, HasSubstr("in Region eu-west-1"));
}

TEST_F(MotoTest, SecretIsReadWithARoleThatWasAssumed) {
  const auto name = fresh_name();
  create_secret(name, R"("SecretString":"s")", "eu-west-1");
  world_.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = write("token", "header.payload.signature");
  world_.variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/web";
  const auto secret = fetch_secret(name);
  ASSERT_TRUE(secret) << secret.error().message;
  EXPECT_EQ(secret->reveal(), "s");
}

}  // namespace
}  // namespace loopstate::aws
