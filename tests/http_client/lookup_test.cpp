#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cstring>
#include <future>
#include <string>
#include <thread>

#include "http/client_lookup.hpp"

namespace loopstate::http {
namespace {

using boost::asio::ip::udp;

/// Answers questions for one name, on loopback; everything else does not exist. RFC 1035, section 4.
class NameServer {
 public:
  NameServer(std::string name, std::string ipv4, std::string ipv6)
      : name_(std::move(name)),
        ipv4_(std::move(ipv4)),
        ipv6_(std::move(ipv6)),
        socket_(io_, udp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        thread_([this] { serve(); }) {}
  ~NameServer() {
    stopping_ = true;
    udp::socket waker(io_, udp::v4());
    waker.send_to(boost::asio::buffer("", 0), socket_.local_endpoint());
    thread_.join();
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(socket_.local_endpoint().port()); }

 private:
  void serve() {
    std::array<char, 512> packet{};
    while (true) {
      udp::endpoint from;
      const auto count = socket_.receive_from(boost::asio::buffer(packet), from);
      if (stopping_) return;
      const std::string reply = answer(std::string(packet.data(), count));
      socket_.send_to(boost::asio::buffer(reply), from);
    }
  }

  std::string answer(const std::string& question) const {
    std::string name;
    std::size_t at = 12;
    while (question.at(at) != 0) {
      const auto length = static_cast<std::size_t>(question.at(at));
      name += question.substr(at + 1, length) + ".";
      at += length + 1;
    }
    const char type = question.at(at + 2);
    const std::string asked = question.substr(12, at + 5 - 12);
    const bool known = name == name_ + ".";
    std::string data = !known ? "" : type == 1 ? ipv4_ : type == 28 ? ipv6_ : "";
    std::string reply = question.substr(0, 2);
    reply += '\x81';                   // an answer
    reply += known ? '\x80' : '\x83';  // no error; no such name
    reply += std::string("\0\1\0", 3) + (data.empty() ? '\0' : '\1') + std::string(4, '\0') + asked;
    if (data.empty()) return reply;
    reply += std::string("\xc0\x0c\0", 3) + type + std::string("\0\1\0\0\0\x3c\0", 7);
    reply += static_cast<char>(data.size());
    return reply + data;
  }

  std::string name_;
  std::string ipv4_;  ///< as bytes; empty: none
  std::string ipv6_;
  boost::asio::io_context io_;
  udp::socket socket_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

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
