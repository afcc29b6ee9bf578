// The test server as C++ tests control it.
#include <gtest/gtest.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "dax/test_cluster.hpp"

namespace loopstate::dax {

namespace {

using boost::asio::ip::tcp;

// A connection that sends `bytes`; returns what it gets until the server closes it, or `wanted` bytes.
std::string exchange(std::uint16_t port, const std::string& bytes, std::size_t wanted) {
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), port});
  boost::asio::write(socket, boost::asio::buffer(bytes));
  std::string reply(wanted, '\0');
  boost::system::error_code closed;
  reply.resize(boost::asio::read(socket, boost::asio::buffer(reply), closed));
  return reply;
}

const std::string kGreeting =
    std::string("\x67J7yne5G\x00\x60", 10) + "\xa1\x69UserAgent\x64test" + std::string("\x00", 1);
const std::string kEndpoints = "\x01\x1a\x1b\x2b\xcf\x02";

}  // namespace

class TestClusterTest : public testing::Test {
 protected:
  void SetUp() override {
    if (server_endpoint().empty()) GTEST_SKIP() << "no DAX server; run by ctest, or tools/dax-server run";
  }
};

TEST_F(TestClusterTest, HasItsOwnNodesAndCounts) {
  TestCluster one(2), other;
  const std::string reply = exchange(one.port(1), kGreeting + kEndpoints, 6);
  EXPECT_EQ(reply, "\x84\x04\x17\x18\x1f\x18") << "not authorized: codes 4, 23, 31, 33";
  EXPECT_EQ(one.count_on(1, "calls", "endpoints"), 1U);
  EXPECT_EQ(one.count_on(0, "calls", "endpoints"), 0U);
  EXPECT_EQ(one.count("calls"), 2U) << "the greeting, and the call";
  EXPECT_EQ(other.count("calls"), 0U);
  EXPECT_EQ(one.complaints(), "");
}

TEST_F(TestClusterTest, BreaksWhatAFaultSays) {
  TestCluster cluster;
  const int dropped = cluster.fault("drop", R"("call":"endpoints")");
  EXPECT_EQ(exchange(cluster.port(), kGreeting + kEndpoints, 6), "");
  cluster.await_fault(dropped);
  cluster.await_calls("endpoints", 1);
  EXPECT_EQ(exchange(cluster.port(), kGreeting + kEndpoints, 1), "\x84");
}

TEST_F(TestClusterTest, SaysWhatAClientDidWrong) {
  TestCluster cluster;
  EXPECT_EQ(exchange(cluster.port(), "GET / HTTP/1.1\r\n\r\n", 1), "");
  EXPECT_NE(cluster.complaints(), "");
  EXPECT_THROW(cluster.tell("no such command"), std::runtime_error);
}

}  // namespace loopstate::dax
