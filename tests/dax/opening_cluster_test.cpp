// What a cluster is opened with, what can be wrong with that, and what `doctor` says.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <fstream>

#include "dax/cluster_fixture.hpp"
#include "dynamodb/test_server.hpp"
#include "open/open_table.hpp"

namespace loopstate::dax {

using table::Finding;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class OpeningCluster : public ClusterFixture {
 protected:
  Error refusal(const std::string& endpoint, const Environment& environment = test_environment()) {
    options.endpoint = endpoint;
    const auto opened = open_on_cluster(options, environment);
    const auto answer = run(opened->get(kKey, call()));
    if (answer) return Error{ErrorCode::Internal, "it was answered", false, nullptr};
    EXPECT_THAT(answer.error().message, Not(HasSubstr(std::string(kTestSecret))));
    return answer.error();
  }
  Environment trusting(const std::string& authority) {
    return test_environment({{"AWS_CA_BUNDLE", authority}});
  }
  std::vector<Finding> findings(const std::string& endpoint,
                                const Environment& environment = test_environment()) {
    options.endpoint = endpoint;
    return run(open_on_cluster(options, environment)->diagnose(call()));
  }
};

TEST_F(OpeningCluster, IsDoneWithoutAskingAnybody) {
  start();
  open_on_cluster(options);
  EXPECT_EQ(cluster->count("calls"), 0u);
}

TEST_F(OpeningCluster, NeedsARegionAndSaysSo) {
  options.endpoint = "dax://127.0.0.1:1";
  const auto opened = open_dax(options, test_environment({{"AWS_REGION", ""}}));
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, HasSubstr("AWS_REGION"));
}

TEST_F(OpeningCluster, IsPossibleOverTls) {
  start(2);
  place("a");
  options.endpoint = cluster->tls_endpoint(0, "localhost");
  const auto encrypted = open_on_cluster(options, trusting(cluster->authority()));
  EXPECT_EQ(run(encrypted->get(kKey, call())).value(), item("a"));
}

TEST_F(OpeningCluster, IsPossibleOverIpv6) {
  start();
  place("a");
  options.endpoint = cluster->ipv6_endpoint();
  EXPECT_EQ(run(open_on_cluster(options)->get(kKey, call())).value(), item("a"));
}

TEST_F(OpeningCluster, TakesTheFirstSeedThatAnswers) {
  start();
  place("a");
  options.endpoint = "dax://127.0.0.1:1," + cluster->endpoint();
  EXPECT_EQ(run(open_on_cluster(options)->get(kKey, call())).value(), item("a"));
}

TEST_F(OpeningCluster, WithACertificateOfNobodyWeTrustIsRefusedForGood) {
  start();
  const Error error = refusal(cluster->tls_endpoint());
  EXPECT_EQ(error.code, ErrorCode::TlsFailed);
  EXPECT_FALSE(error.retryable);
  EXPECT_THAT(error.message, HasSubstr("AWS_CA_BUNDLE"));
}

TEST_F(OpeningCluster, WithoutTheEncryptionThatTheClusterWantsSaysWhatToSet) {
  start();
  std::string plain = cluster->tls_endpoint();
  const Error error = refusal(plain.erase(3, 1));
  EXPECT_EQ(error.code, ErrorCode::ConnectionFailed);
  EXPECT_THAT(error.message, HasSubstr("daxs://"));
}

TEST_F(OpeningCluster, WithACertificateForAnotherNameIsRefusedForGood) {
  start(1, R"("misnamed":true)");
  const Error error = refusal(cluster->tls_endpoint(), trusting(cluster->authority()));
  EXPECT_EQ(error.code, ErrorCode::TlsFailed);
  EXPECT_FALSE(error.retryable);
  EXPECT_THAT(error.message, HasSubstr("DAX_ENDPOINT"));
}

TEST_F(OpeningCluster, WithWrongCredentialsIsRefused) {
  start();
  const Error error = refusal(cluster->endpoint(), test_environment({{"AWS_SECRET_ACCESS_KEY", "another"}}));
  EXPECT_EQ(error.code, ErrorCode::AccessDenied);
  EXPECT_THAT(error.message, AllOf(HasSubstr("credentials"), Not(HasSubstr("another"))));
}

TEST_F(OpeningCluster, InAnotherRegionIsRefused) {
  start();
  const Error error = refusal(cluster->endpoint(), test_environment({{"AWS_REGION", "eu-west-1"}}));
  EXPECT_EQ(error.code, ErrorCode::AccessDenied);
  EXPECT_FALSE(error.retryable);
  EXPECT_THAT(error.message, HasSubstr("region"));
}

TEST_F(OpeningCluster, FetchesItsCredentialsOnceForItselfAndTheTable) {
  start();
  std::string folder = testing::TempDir() + "/loopstate-dax-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/source") << "#!/bin/sh\necho fetched >> " << folder << "/log\n"
                                    << R"(echo '{"Version":1,"AccessKeyId":")" << kTestKeyId
                                    << R"(","SecretAccessKey":")" << kTestSecret << "\"}'\n";
  std::ofstream(folder + "/config") << "[default]\ncredential_process = sh " << folder << "/source\n";
  const Environment environment =
      test_environment({{"AWS_ACCESS_KEY_ID", ""},
                        {"AWS_SECRET_ACCESS_KEY", ""},
                        {"AWS_PROFILE", "default"},
                        {"AWS_CONFIG_FILE", folder + "/config"},
                        {"AWS_ENDPOINT_URL_DYNAMODB", dynamodb::server_endpoint()}});
  Settings settings;
  settings.url = "dynamodb:" + options.table;
  settings.dax_endpoint = cluster->endpoint();
  const auto opened = open_table(settings, OpenMode::Existing, environment).value();
  EXPECT_TRUE(run(opened->get(kKey, call())).has_value());
  EXPECT_TRUE(run(opened->scan({}, call())).has_value());
  EXPECT_EQ(calls("getItem"), 1u);
  std::ifstream log(folder + "/log");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(log), {}), "fetched\n");
  std::filesystem::remove_all(folder);
}

TEST_F(OpeningCluster, AtAnEndpointThatIsNoClusterIsRefusedForGood) {
  start();
  const std::string http = dynamodb::server_endpoint();
  const Error error = refusal("dax" + http.substr(http.find(':')));
  EXPECT_EQ(error.code, ErrorCode::ProtocolError);
  EXPECT_FALSE(error.retryable);
  EXPECT_THAT(error.message, HasSubstr("not a DAX cluster"));
}

TEST_F(OpeningCluster, AtAnEndpointWhereNobodyIsSaysWhere) {
  start();
  const Error error = refusal("dax://127.0.0.1:1");
  EXPECT_EQ(error.code, ErrorCode::ConnectionFailed);
  EXPECT_THAT(error.message, HasSubstr("dax://127.0.0.1:1"));
}

TEST_F(OpeningCluster, OfATableThatIsNotThereSaysSo) {
  start();
  options.table = "missing";
  EXPECT_EQ(refusal(cluster->endpoint()).code, ErrorCode::TableNotFound);
}

TEST_F(OpeningCluster, TheDoctorIsContentWithAHealthyOne) {
  start(2);
  std::string all;
  for (const Finding& finding : findings(cluster->endpoint())) {
    EXPECT_EQ(finding.level, Finding::Level::Good) << finding.subject << ": " << finding.detail;
    all += finding.subject + ": " + finding.detail + "\n";
  }
  EXPECT_THAT(all, AllOf(HasSubstr("names 2 nodes"), HasSubstr("(leader)"), HasSubstr("(replica)"),
                         HasSubstr("seen through it")));
}

TEST_F(OpeningCluster, TheDoctorsItemIsGoneAfterwards) {
  start();
  findings(cluster->endpoint());
  EXPECT_EQ(run(open_service(options.table)->get({"LOOPSTATE#PROBE", "DAX"}, call())).value(), std::nullopt);
}

TEST_F(OpeningCluster, TheDoctorNamesTheNodeThatIsAway) {
  start(2);
  cluster->tell("away", R"("node":1,"listed":true)");
  int bad = 0;
  for (const Finding& finding : findings(cluster->endpoint())) {
    if (finding.level == Finding::Level::Good) continue;
    ++bad;
    EXPECT_THAT(finding.subject, HasSubstr("DAX node"));
    EXPECT_THAT(finding.advice, HasSubstr("VPC"));
  }
  EXPECT_EQ(bad, 1);
}

TEST_F(OpeningCluster, TheDoctorSaysWhatToDoAboutEach) {
  start();
  const auto tls = findings(cluster->tls_endpoint());
  ASSERT_EQ(tls.size(), 1u);
  EXPECT_THAT(tls[0].advice, HasSubstr("AWS_CA_BUNDLE"));
  const auto denied = findings(cluster->endpoint(), test_environment({{"AWS_SECRET_ACCESS_KEY", "another"}}));
  ASSERT_EQ(denied.size(), 1u);
  EXPECT_THAT(denied[0].advice, HasSubstr("dax:"));
}

}  // namespace loopstate::dax
