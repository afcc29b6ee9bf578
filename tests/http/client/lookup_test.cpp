#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <future>
#include <string>

#include "http/client/lookup.hpp"
#include "http/client/name_server.hpp"

namespace loopstate::http {
namespace {

using boost::asio::ip::udp;

const std::string kIpv4("\x7f\0\0\x05", 4);
const std::string kIpv6(std::string(15, '\0') + '\1');

Result<Addresses> find(const std::string& host, const std::string& servers = "") {
  std::promise<Result<Addresses>> promise;
  look_up({true, host, 8443}, [&](Result<Addresses> found) { promise.set_value(std::move(found)); },
          {servers});
  return promise.get_future().get();
}

std::string texts(const Addresses& addresses) {
  std::string out;
  for (const auto& address : addresses) {
    out += address.address().to_string() + " " + std::to_string(address.port()) + "\n";
  }
  return out;
}

TEST(LookUp, FindsWhatTheFileOfHostsNames) {
  const auto found = find("localhost");
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_NE(texts(*found).find("127.0.0.1 8443\n"), std::string::npos) << texts(*found);
}

TEST(LookUp, AsksTheNameServer) {
  const NameServer server("table.test", kIpv4, "");
  const auto found = find("table.test", server.address());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(texts(*found), "127.0.0.5 8443\n");
}

TEST(LookUp, AsksForBothKindsOfAddresses) {
  const NameServer server("table.test", kIpv4, kIpv6);
  const auto found = find("table.test", server.address());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->size(), 2u);
  EXPECT_NE(texts(*found).find("127.0.0.5 8443\n"), std::string::npos) << texts(*found);
  EXPECT_NE(texts(*found).find("::1 8443\n"), std::string::npos) << texts(*found);
}

TEST(LookUp, AnIpv6AddressAloneIsEnough) {
  const NameServer server("table.test", "", kIpv6);
  const auto found = find("table.test", server.address());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(texts(*found), "::1 8443\n");
}

TEST(LookUp, ANameThatDoesNotExistIsNoReasonToAskAgain) {
  const NameServer server("table.test", kIpv4, kIpv6);
  const auto found = find("other.test", server.address());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::NameResolutionFailed);
  EXPECT_NE(found.error().message.find("other.test"), std::string::npos) << found.error().message;
  EXPECT_FALSE(found.error().retryable);
}

TEST(LookUp, AServerThatRefusesIsAskedAgainByTheCaller) {
  std::string gone;
  {
    boost::asio::io_context io;
    const udp::socket socket(io, udp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    gone = "127.0.0.1:" + std::to_string(socket.local_endpoint().port());
  }
  const auto found = find("table.test", gone);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::NameResolutionFailed);
  EXPECT_TRUE(found.error().retryable);
}

}  // namespace
}  // namespace loopstate::http
