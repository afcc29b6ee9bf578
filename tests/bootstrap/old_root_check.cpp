// old_root_check ROOT: `bootstrap` in another root, whose C library is older: names, TLS, an event.
// tools/old-root-check makes the root and runs this; tools/arm64-check does so with a root that has no C
// library at all.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "bootstrap/bootstrap_fixture.hpp"
#include "http/client/name_server.hpp"
#include "http/client/test_authority.hpp"
#include "lambda/runtime_api_stub.hpp"

namespace loopstate::function {
namespace {

// No name server on the machine listens here.
constexpr std::string_view kNameServer = "127.0.0.77";

std::filesystem::path g_root;

class OldRoot : public testing::Test {
 protected:
  OldRoot() {
    table.link("sq0-card", "U1");
    write("etc/hosts", "127.0.0.1 localhost\n127.0.0.1 by-file.test\n");
    write("etc/resolv.conf", "nameserver " + std::string(kNameServer) + "\n");
    write("tmp/authority.pem", authority.certificate());
  }

  static void write(const std::string& file, const std::string& text) {
    std::ofstream(g_root / file) << text;
  }

  ProxyOptions certified_for(const std::string& names) const {
    const auto identity = authority.issue(names);
    return {std::chrono::milliseconds(0), identity.certificate, identity.key};
  }

  /// A payment, through a host of that name.
  void capture_through(const std::string& host) {
    CountingProxy proxy(table.endpoint(), certified_for("DNS:by-file.test,DNS:by-server.test"));
    RuntimeApiStub stub;
    stub.add_event("r1", square_event("function-url", fresh_square_payment("pay-" + host, "sq0-card")));
    auto environment =
        function_environment(table.name(), "https://" + host + ":" + std::to_string(proxy.port()));
    environment["AWS_LAMBDA_RUNTIME_API"] = stub.address();
    environment["AWS_CA_BUNDLE"] = "/tmp/authority.pem";
    const TemporaryFolder folder;
    const ChildProcess child = start_bootstrap_in(g_root.string(), "tmp", environment, folder.file("log"));
    const auto replies = stub.wait_for("/r1/response", 1);
    ASSERT_EQ(replies.size(), 1u) << text_of_file(folder.file("log"));
    EXPECT_TRUE(replies[0].body.contains(R"(\"outcome\":\"recorded\")"))
        << replies[0].body << text_of_file(folder.file("log"));
    EXPECT_EQ(proxy.connections(), 1);
  }

  http::TestAuthority authority;
  FunctionTable table;
};

TEST_F(OldRoot, FindsTheTableInTheFileOfHosts) {
  capture_through("by-file.test");
}

TEST_F(OldRoot, FindsTheTableByItsNameServer) {
  const http::NameServer server("by-server.test", std::string("\x7f\0\0\1", 4), "",
                                {boost::asio::ip::make_address(std::string(kNameServer)), 53});
  capture_through("by-server.test");
}

}  // namespace
}  // namespace loopstate::function

int main(int count, char** words) {
  testing::InitGoogleTest(&count, words);
  if (count != 2) {
    std::fputs("usage: old_root_check ROOT\n", stderr);
    return 2;
  }
  loopstate::function::g_root = words[1];
  return RUN_ALL_TESTS();
}
