// The program as it is delivered: what it contains, and how it starts.
#include <elf.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>

#include "bootstrap/bootstrap_fixture.hpp"
#include "http/client/test_authority.hpp"
#include "lambda/runtime_api_stub.hpp"

namespace loopstate::function {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

#ifdef LOOPSTATE_STATIC_BOOTSTRAP
TEST(BootstrapProgram, NeedsNeitherALoaderNorALibrary) {
  const std::string file = text_of_file(bootstrap_command().back());
  Elf64_Ehdr header{};
  ASSERT_GE(file.size(), sizeof(header));
  std::memcpy(&header, file.data(), sizeof(header));
  for (int at = 0; at < header.e_phnum; ++at) {
    Elf64_Phdr segment{};
    std::memcpy(&segment, file.data() + header.e_phoff + sizeof(segment) * static_cast<std::size_t>(at),
                sizeof(segment));
    EXPECT_NE(segment.p_type, static_cast<Elf64_Word>(PT_INTERP));
    EXPECT_NE(segment.p_type, static_cast<Elf64_Word>(PT_DYNAMIC));
  }
}

TEST(BootstrapProgram, RunsInARootWithNothingElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may change the root";
  const TemporaryFolder root;
  RuntimeApiStub stub;
  stub.add_event("r1", "{}");
  auto environment = function_environment("users", "http://127.0.0.1:1");
  environment["AWS_LAMBDA_RUNTIME_API"] = stub.address();
  const TemporaryFolder folder;
  const ChildProcess child = start_bootstrap_in(root.file(""), "", environment, folder.file("log"));
  EXPECT_EQ(stub.wait_for("/r1/error", 1).size(), 1u) << text_of_file(folder.file("log"));
}
#endif

/// Starts it with these settings until it has reported why it does not start.
std::string init_error(std::map<std::string, std::string> environment) {
  RuntimeApiStub stub;
  environment["AWS_LAMBDA_RUNTIME_API"] = stub.address();
  const TemporaryFolder folder;
  ChildProcess child = start_bootstrap(environment, folder.file("log"));
  EXPECT_EQ(child.wait(), 1) << text_of_file(folder.file("log"));
  const auto calls = stub.calls_to("/runtime/init/error");
  EXPECT_EQ(calls.size(), 1u) << text_of_file(folder.file("log"));
  EXPECT_TRUE(stub.calls_to("/invocation/next").empty());
  return calls.empty() ? "" : calls[0].body;
}

TEST(BootstrapStart, ASettingThatIsWrongIsAnInitErrorThatNamesIt) {
  auto environment = function_environment("users", "http://127.0.0.1:1");
  environment["MAX_PENDING_CAPTURES"] = "many";
  EXPECT_THAT(init_error(environment),
              AllOf(HasSubstr("MAX_PENDING_CAPTURES"), HasSubstr(R"("errorType":"InvalidArgument")")));
}

TEST(BootstrapStart, AFileOfThisMachineIsNoStoreForAFunction) {
  auto environment = function_environment("users", "http://127.0.0.1:1");
  environment["LOOPSTATE_URL"] = "embedded:./loopstate.db";
  EXPECT_THAT(init_error(environment), HasSubstr("dynamodb:TABLE"));
}

TEST(BootstrapStart, ASecretThatIsNamedAndGivenIsRefused) {
  auto environment = function_environment("users", "http://127.0.0.1:1");
  environment["PEPPER_SECRET_NAME"] = "pepper";
  EXPECT_THAT(init_error(environment), HasSubstr("PEPPER_SECRET_NAME and LOOPSTATE_PEPPER are both set"));
}

TEST(BootstrapErrors, AFunctionErrorIsOneLineThatSaysWhy) {
  RuntimeApiStub stub;
  stub.add_event("r1", "{}");
  auto environment = function_environment("users", "http://127.0.0.1:1");
  environment["AWS_LAMBDA_RUNTIME_API"] = stub.address();
  const TemporaryFolder folder;
  ChildProcess child = start_bootstrap(environment, folder.file("log"));
  EXPECT_EQ(stub.wait_for("/r1/error", 1).size(), 1u);
  EXPECT_TRUE(stub.wait_until_waiting(1));
  child.signal(SIGTERM);
  EXPECT_EQ(child.wait(), 0);
  const auto log = text_of_file(folder.file("log"));
  const std::string name = R"("request_id":"r1")";
  const auto line = log.find(name);
  ASSERT_NE(line, std::string::npos) << log;
  EXPECT_EQ(log.find(name, line + 1), std::string::npos) << log;
  EXPECT_THAT(log, AllOf(HasSubstr("unsupported event"), HasSubstr(R"("error":"Unsupported")")));
}

/// Answers GetSecretValue: each secret's value by its name.
class SecretsStub {
 public:
  explicit SecretsStub(std::map<std::string, std::string> secrets)
      : secrets_(std::move(secrets)),
        server_([this](testing_net::tcp::socket& socket, int) { serve(socket); }) {}

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

 private:
  void serve(testing_net::tcp::socket& socket) {
    std::string buffer;
    while (const auto message = testing_net::read_message(socket, buffer)) {
      std::string body =
          R"({"__type":"ResourceNotFoundException","Message":"Secrets Manager can't find the specified secret."})";
      int status = 400;
      for (const auto& [name, value] : secrets_) {
        if (!message->body.contains('"' + name + '"')) continue;
        body = fmt::format(R"({{"Name":"{}","SecretString":"{}"}})", name, value);
        status = 200;
      }
      const auto reply = fmt::format(
          "HTTP/1.1 {} X\r\nContent-Type: application/x-amz-json-1.1\r\n"
          "Content-Length: {}\r\n\r\n{}",
          status, body.size(), body);
      boost::system::error_code error;
      boost::asio::write(socket, boost::asio::buffer(reply), error);
      if (error) return;
    }
  }

  std::map<std::string, std::string> secrets_;
  testing_net::BlockingServer server_;
};

/// With all secrets in Secrets Manager.
std::map<std::string, std::string> with_named_secrets(std::map<std::string, std::string> environment,
                                                      const std::string& endpoint) {
  environment.erase("LOOPSTATE_PEPPER");
  environment.erase("SQUARE_WEBHOOK_SIGNATURE_KEY");
  environment["PEPPER_SECRET_NAME"] = "loopstate/pepper";
  environment["SQUARE_WEBHOOK_SIGNATURE_KEY_SECRET_NAME"] = "loopstate/square";
  environment["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = endpoint;
  return environment;
}

TEST(BootstrapStart, ASecretThatIsNotThereIsAnInitErrorThatNamesItsVariable) {
  const SecretsStub secrets({{"loopstate/pepper", crypto::base64_encode(agent::kPepper)}});
  const auto error =
      init_error(with_named_secrets(function_environment("users", "http://127.0.0.1:1"), secrets.endpoint()));
  EXPECT_THAT(error, AllOf(HasSubstr("SQUARE_WEBHOOK_SIGNATURE_KEY_SECRET_NAME"),
                           HasSubstr("loopstate/square"), Not(HasSubstr(std::string(agent::kPepper)))));
}

class BootstrapTable : public testing::Test {
 protected:
  BootstrapTable() { table.link("sq0-card", "U1"); }

  /// The reply to one payment, from a process started with this environment.
  std::string capture(std::map<std::string, std::string> environment) {
    RuntimeApiStub stub;
    stub.add_event("r1", square_event("function-url", fresh_square_payment("p1", "sq0-card")));
    environment["AWS_LAMBDA_RUNTIME_API"] = stub.address();
    ChildProcess child = start_bootstrap(environment, folder.file("log"));
    const auto replies = stub.wait_for("/r1/response", 1);
    EXPECT_TRUE(stub.wait_until_waiting(1));
    child.signal(SIGTERM);
    EXPECT_EQ(child.wait(), 0);
    return replies.empty() ? "" : replies[0].body;
  }
  std::string log() const { return text_of_file(folder.file("log")); }

  FunctionTable table;
  TemporaryFolder folder;
};

TEST_F(BootstrapTable, SecretsComeFromSecretsManagerByTheirNames) {
  const SecretsStub secrets({{"loopstate/pepper", crypto::base64_encode(agent::kPepper)},
                             {"loopstate/square", std::string(agent::kSquareKey)}});
  EXPECT_THAT(
      capture(with_named_secrets(function_environment(table.name(), table.endpoint()), secrets.endpoint())),
      HasSubstr(R"(\"outcome\":\"recorded\")"))
      << log();
}

TEST_F(BootstrapTable, TheBundleOfAuthoritiesCanBeReplaced) {
  const http::TestAuthority authority;
  const auto identity = authority.issue("DNS:localhost");
  CountingProxy proxy(table.endpoint(), {std::chrono::milliseconds(0), identity.certificate, identity.key});
  auto environment = function_environment(table.name(), "https://localhost:" + std::to_string(proxy.port()));
  std::ofstream(folder.file("authority.pem")) << authority.certificate();
  environment["AWS_CA_BUNDLE"] = folder.file("authority.pem");
  EXPECT_THAT(capture(environment), HasSubstr(R"(\"outcome\":\"recorded\")")) << log();
  EXPECT_EQ(proxy.connections(), 1) << "made by the start, used by the event";
}

TEST_F(BootstrapTable, WithoutABundleOnlyAmazonsAuthoritiesAreTrusted) {
  const http::TestAuthority authority;
  const auto identity = authority.issue("DNS:localhost");
  CountingProxy proxy(table.endpoint(), {std::chrono::milliseconds(0), identity.certificate, identity.key});
  auto environment = function_environment(table.name(), "https://localhost:" + std::to_string(proxy.port()));
  // The system's, as OpenSSL finds them, would trust it.
  std::ofstream(folder.file("authority.pem")) << authority.certificate();
  environment["SSL_CERT_FILE"] = folder.file("authority.pem");
  EXPECT_THAT(capture(environment), HasSubstr(R"("statusCode":503)")) << log();
  EXPECT_THAT(log(), HasSubstr("the table cannot be reached yet"));
}

}  // namespace
}  // namespace loopstate::function
