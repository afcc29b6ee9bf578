// The shared files, the Region and the endpoint.
#include "aws/config_file.hpp"

#include <gtest/gtest.h>

#include "aws/region.hpp"

namespace loopstate::aws {
namespace {

Environment environment_of(std::map<std::string, std::string, std::less<>> variables) {
  return [variables](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

SharedFiles files_of(std::string_view config, std::string_view credentials = "") {
  return SharedFiles(parse_config(config, "config").value(),
                     parse_config(credentials, "credentials").value());
}

TEST(ConfigFile, ReadsSectionsSettingsAndComments) {
  const auto file =
      parse_config(
          "# a comment\n[default]\nRegion = eu-west-1 ; here\nurl=http://x/#y\n\n[profile  dev]\r\na=b=c\r\n",
          "f")
          .value();
  EXPECT_EQ(file.at("default").at("region"), "eu-west-1");
  EXPECT_EQ(file.at("default").at("url"), "http://x/#y");
  EXPECT_EQ(file.at("profile dev").at("a"), "b=c");
}

TEST(ConfigFile, ReadsNestedSettings) {
  const auto file =
      parse_config("[services local]\ndynamodb =\n  endpoint_url = http://localhost:8000\nregion = x\n", "f")
          .value();
  EXPECT_EQ(file.at("services local").at("dynamodb.endpoint_url"), "http://localhost:8000");
  EXPECT_EQ(file.at("services local").at("region"), "x");
}

TEST(ConfigFile, NamesTheLineThatIsWrong) {
  for (const auto* text : {"a = b\n", "[default\n", "[default]\nnonsense\n", "[default]\n= x\n"}) {
    const auto refused = parse_config(text, "the-file");
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
    EXPECT_NE(refused.error().message.find("the-file line "), std::string::npos);
  }
}

TEST(ConfigFile, CredentialsFileComesFirst) {
  const auto files =
      files_of("[profile dev]\naws_access_key_id = c\nregion = r\n", "[dev]\naws_access_key_id = k\n");
  EXPECT_EQ(files.profile("dev")->at("aws_access_key_id"), "k");
  EXPECT_EQ(files.profile("dev")->at("region"), "r");
  EXPECT_FALSE(files.profile("other"));
}

TEST(ConfigFile, NamedFileHasToBeThere) {
  const auto refused = SharedFiles::load(environment_of({{"AWS_CONFIG_FILE", "/nowhere/config"}}));
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  EXPECT_TRUE(SharedFiles::load(environment_of({{"HOME", "/nowhere"}})));
}

TEST(Region, ComesFromTheEnvironmentThenTheProfile) {
  const auto files = files_of("[default]\nregion = eu-north-1\n[profile dev]\nregion = eu-south-1\n");
  EXPECT_EQ(find_region(environment_of({{"AWS_REGION", "eu-west-1"}, {"AWS_DEFAULT_REGION", "x"}}), files),
            "eu-west-1");
  EXPECT_EQ(find_region(environment_of({{"AWS_DEFAULT_REGION", "eu-west-2"}}), files), "eu-west-2");
  EXPECT_EQ(find_region(environment_of({}), files), "eu-north-1");
  EXPECT_EQ(find_region(environment_of({{"AWS_PROFILE", "dev"}}), files), "eu-south-1");
  EXPECT_EQ(find_region(environment_of({}), files_of("")).error().code, ErrorCode::InvalidArgument);
}

TEST(Region, CannotSmuggleAHostIn) {
  for (const auto* region : {"eu.west", "evil.example/", "EU", "-a", "a-", "a b", "@x"}) {
    EXPECT_FALSE(find_region(environment_of({{"AWS_REGION", region}}), files_of(""))) << region;
  }
}

std::string dynamodb_url(std::map<std::string, std::string, std::less<>> variables,
                         std::string_view config = "", std::string region = "eu-west-1") {
  const auto found = find_dynamodb_endpoint(environment_of(std::move(variables)), files_of(config), region);
  return found ? found->url : std::string(to_string(found.error().code));
}

TEST(Endpoint, IsTheRegions) {
  EXPECT_EQ(dynamodb_url({}), "https://dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(dynamodb_url({}, "", "cn-north-1"), "https://dynamodb.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(dynamodb_url({{"AWS_USE_FIPS_ENDPOINT", "true"}}),
            "https://dynamodb-fips.eu-west-1.amazonaws.com");
  EXPECT_EQ(dynamodb_url({{"AWS_USE_DUALSTACK_ENDPOINT", "true"}}), "https://dynamodb.eu-west-1.api.aws");
}

TEST(Endpoint, ConfiguredOnesComeInTheirOrder) {
  const std::string config =
      "[default]\nservices = here\nendpoint_url = http://d\n[services here]\ndynamodb =\n  endpoint_url = "
      "http://c\n";
  EXPECT_EQ(
      dynamodb_url({{"AWS_ENDPOINT_URL_DYNAMODB", "http://a"}, {"AWS_ENDPOINT_URL", "http://b"}}, config),
      "http://a");
  EXPECT_EQ(dynamodb_url({{"AWS_ENDPOINT_URL", "http://b"}}, config), "http://b");
  EXPECT_EQ(dynamodb_url({}, config), "http://c");
  EXPECT_EQ(dynamodb_url({}, "[default]\nendpoint_url = http://d\n"), "http://d");
  EXPECT_EQ(dynamodb_url({{"AWS_ENDPOINT_URL", "http://b"}, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}}),
            "https://dynamodb.eu-west-1.amazonaws.com");
}

TEST(Endpoint, IsTheAccountsWhereItIsKnown) {
  const std::pair<const std::string, std::string> account{"AWS_ACCOUNT_ID", "123456789012"};
  EXPECT_EQ(dynamodb_url({account}), "https://123456789012.ddb.eu-west-1.amazonaws.com");
  EXPECT_EQ(dynamodb_url({account, {"AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled"}}),
            "https://dynamodb.eu-west-1.amazonaws.com");
  EXPECT_EQ(dynamodb_url({account, {"AWS_ENDPOINT_URL", "http://b"}}), "http://b");
  EXPECT_EQ(dynamodb_url({account, {"AWS_USE_FIPS_ENDPOINT", "true"}}),
            "https://dynamodb-fips.eu-west-1.amazonaws.com");
  EXPECT_EQ(dynamodb_url({account}, "", "cn-north-1"), "https://dynamodb.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(dynamodb_url({{"AWS_ACCOUNT_ID_ENDPOINT_MODE", "required"}}), "InvalidArgument");
  EXPECT_EQ(dynamodb_url({{"AWS_ACCOUNT_ID", "x.evil.example"}}), "https://dynamodb.eu-west-1.amazonaws.com");
}

}  // namespace
}  // namespace loopstate::aws
