#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/ssl.hpp>
#include <filesystem>
#include <fstream>

#include "fault_proxy/blocking_server.hpp"
#include "http/client/client.hpp"
#include "http/client/test_authority.hpp"
#include "port/runner.hpp"

namespace loopstate::http {

namespace ssl = boost::asio::ssl;
using testing_net::BlockingServer;
using testing_net::tcp;

class Tls : public testing::Test {
 protected:
  Tls() {
    folder_ = std::filesystem::temp_directory_path() / ("loopstate-tls-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  ~Tls() override { std::filesystem::remove_all(folder_); }

  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name) << content;
    return folder_ / name;
  }

  /// A server with a certificate for `names` that answers each request with "ok".
  std::unique_ptr<BlockingServer> serve(const std::string& names, int highest_version = TLS1_3_VERSION) {
    const TestAuthority::Identity identity = authority_.issue(names);
    context_.use_certificate(boost::asio::buffer(identity.certificate), ssl::context::pem);
    context_.use_private_key(boost::asio::buffer(identity.key), ssl::context::pem);
    SSL_CTX_set_max_proto_version(context_.native_handle(), highest_version);
    SSL_CTX_set_security_level(context_.native_handle(), 0);  // so that it could speak an old version
    return std::make_unique<BlockingServer>([this](tcp::socket& socket, int) { answer(socket); });
  }

  void answer(tcp::socket& socket) {
    boost::system::error_code error;
    ssl::stream<tcp::socket&> stream(socket, context_);
    stream.handshake(ssl::stream_base::server, error);
    if (error) return;
    if (SSL_session_reused(stream.native_handle()) == 1) ++resumed_;
    std::string text;
    char chunk[4096];
    while (!error) {
      const std::size_t count = stream.read_some(boost::asio::buffer(chunk), error);
      text.append(chunk, count);
      if (text.find("\r\n\r\n") == std::string::npos) continue;
      text.clear();
      boost::asio::write(
          stream, boost::asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")), error);
    }
  }

  std::unique_ptr<Client> client(const BlockingServer& server, const std::string& host,
                                 const std::string& bundle) {
    ClientSettings settings;
    settings.ca_bundle = bundle;
    return Client::create({true, host, server.port()}, settings).value();
  }
  ClientOutcome send(Client& client) {
    return runner_.run(client.send(ClientRequest("GET", "/"),
                                   std::chrono::steady_clock::now() + std::chrono::seconds(20),
                                   Repeat::Harmless));
  }

  TestAuthority authority_;
  ssl::context context_{ssl::context::tls_server};
  std::atomic<int> resumed_{0};
  std::filesystem::path folder_;
  table::Runner runner_{1};
};

TEST_F(Tls, ACertificateOfTheGivenAuthorityIsTrusted) {
  const auto server = serve("DNS:localhost");
  const auto outcome = send(*client(*server, "localhost", file("ca.pem", authority_.certificate())));
  ASSERT_TRUE(outcome) << outcome.error().error.message;
  EXPECT_EQ(outcome->body, "ok");
}

TEST_F(Tls, AnAddressIsVerifiedToo) {
  const auto server = serve("IP:127.0.0.1");
  EXPECT_TRUE(send(*client(*server, "127.0.0.1", file("ca.pem", authority_.certificate()))));
}

TEST_F(Tls, AnotherAuthoritysCertificateIsRefused) {
  const auto server = serve("DNS:localhost");
  const auto outcome = send(*client(*server, "localhost", ""));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::TlsFailed);
  EXPECT_FALSE(outcome.error().error.retryable);
  EXPECT_FALSE(outcome.error().sent);
}

TEST_F(Tls, ACertificateForAnotherNameIsRefused) {
  const auto server = serve("DNS:example.com");
  const auto outcome = send(*client(*server, "localhost", file("ca.pem", authority_.certificate())));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::TlsFailed);
  EXPECT_NE(outcome.error().error.message.find("ostname mismatch"), std::string::npos)
      << outcome.error().error.message;
}

TEST_F(Tls, AVersionBefore12IsRefused) {
  const auto server = serve("DNS:localhost", TLS1_1_VERSION);
  const auto outcome = send(*client(*server, "localhost", file("ca.pem", authority_.certificate())));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::TlsFailed);
}

TEST_F(Tls, TheNextConnectionResumesTheSession) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    resumed_ = 0;
    const auto server = serve("DNS:localhost", version);
    const auto one = client(*server, "localhost", file("ca.pem", authority_.certificate()));
    ASSERT_TRUE(send(*one));
    server->cut_all();
    ASSERT_TRUE(send(*one));
    EXPECT_EQ(one->connections_opened(), 2u);
    EXPECT_EQ(resumed_, 1) << version;
  }
}

TEST_F(Tls, ABundleThatIsNotThereIsNamed) {
  ClientSettings settings;
  settings.ca_bundle = "/nonexistent/ca.pem";
  const auto made = Client::create({true, "localhost", 443}, settings);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(made.error().message.find("/nonexistent/ca.pem"), std::string::npos);
}

TEST_F(Tls, APlainServerIsATlsFailure) {
  BlockingServer server([](tcp::socket& socket, int) {
    std::string buffer;
    boost::system::error_code ignored;
    char chunk[64];
    socket.read_some(boost::asio::buffer(chunk), ignored);
    boost::asio::write(socket, boost::asio::buffer(std::string("HTTP/1.1 400 Bad Request\r\n\r\n")), ignored);
  });
  const auto outcome = send(*client(server, "localhost", ""));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error.code, ErrorCode::TlsFailed);
}

}  // namespace loopstate::http
