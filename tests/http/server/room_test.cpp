// Clients that keep a place without doing anything with it.
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "http/server/server_fixture.hpp"

namespace loopstate::http {
namespace {

constexpr std::string_view kShort = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::chrono::minutes kNever{60};
constexpr std::chrono::seconds kPatience{30};

ServerLimits one_place() {
  ServerLimits limits;
  limits.connections_max = 1;
  limits.header_timeout = kNever;
  limits.body_timeout = kNever;
  limits.write_timeout = kNever;
  limits.linger_timeout = kNever;
  return limits;
}

Task<ServerResponse> small(ServerRequest) {
  co_return ServerResponse();
}

/// More than the system accepts from a server whose client does not read.
Task<ServerResponse> vast(ServerRequest request) {
  ServerResponse response;
  if (request.path() == "/vast") response.body.assign(64u << 20, 'x');
  co_return response;
}

/// Comes back until it is served, as a provider does.
int status_in_the_end(RunningServer& running, std::unique_ptr<RawClient>& client) {
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    client = std::make_unique<RawClient>(running.port(), "127.0.0.2");
    client->send(kShort);
    const int status = client->read().status;
    if (status == 200 || std::chrono::steady_clock::now() > limit) return status;
    std::this_thread::yield();
  }
}

TEST(ServerRoom, AnAnswerThatIsNotTakenMakesRoom) {
  RunningServer running(one_place(), vast);
  RawClient greedy(running.port());
  greedy.send("GET /vast HTTP/1.1\r\nHost: x\r\n\r\n");
  std::unique_ptr<RawClient> provider;
  EXPECT_EQ(status_in_the_end(running, provider), 200);
}

TEST(ServerRoom, WhoMakesRoomIsGoneAtOnce) {
  RunningServer running(one_place(), small);
  RawClient dribbling(running.port());
  dribbling.send("GET /a HTTP/1.1\r\nHost: x\r\nA:");
  std::unique_ptr<RawClient> provider;
  EXPECT_EQ(status_in_the_end(running, provider), 200);
  EXPECT_TRUE(dribbling.ended());
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  while (running.server().connections() > 1 && std::chrono::steady_clock::now() < limit) {
    std::this_thread::yield();
  }
  EXPECT_EQ(running.server().connections(), 1u) << "it lingers, though there was nothing to be heard out";
}

/// 404 for everything but /a.
Task<ServerResponse> only_a(ServerRequest request) {
  ServerResponse response;
  response.status = request.path() == "/a" ? 200 : 404;
  co_return response;
}

TEST(ServerRoom, AConnectionThatIsOnlyRefusedIsClosed) {
  RunningServer running(one_place(), only_a);
  RawClient asking(running.port());
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += "GET /b HTTP/1.1\r\nHost: x\r\n\r\n";
  asking.send(requests);
  asking.end_sending();
  int answers = 0;
  while (asking.read().status == 404) ++answers;
  EXPECT_EQ(answers, 8);
}

TEST(ServerRoom, ASuccessInBetweenKeepsAConnectionOpen) {
  RunningServer running(one_place(), only_a);
  RawClient client(running.port());
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 7; ++j) {
      client.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
      EXPECT_EQ(client.read().status, 404);
    }
    client.send(kShort);
    EXPECT_EQ(client.read().status, 200);
  }
}

TEST(ServerRoom, YoungConnectionsOfAFloodMakeRoomForAnotherPeerAtOnce) {
  auto limits = one_place();
  limits.connections_max = 12;
  limits.connections_per_peer_max = 12;
  RunningServer running(limits, small);
  RawClient known(running.port(), "127.0.0.3");
  known.send(kShort);
  EXPECT_EQ(known.read().status, 200);
  std::vector<std::unique_ptr<RawClient>> flood;
  for (int i = 0; i < 11; ++i) {
    flood.push_back(std::make_unique<RawClient>(running.port()));
    flood.back()->send("GET /a HTTP/1.1\r\nHost: x\r\nA:");  // on its way, and not yet a second old
  }
  while (running.server().connections() < 12) std::this_thread::yield();
  RawClient provider(running.port(), "127.0.0.2");
  provider.send(kShort);
  EXPECT_EQ(provider.read().status, 200);
  known.send(kShort);
  EXPECT_EQ(known.read().status, 200) << "whoever is known stays, though idle";
}

/// While it lives, no more descriptors than are open now.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    auto limit = before_;
    limit.rlim_cur = 256;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (int fd = dup(0); fd >= 0; fd = dup(0)) taken_.push_back(fd);
  }
  ~NoMoreDescriptors() {
    for (const int fd : taken_) close(fd);
    setrlimit(RLIMIT_NOFILE, &before_);
  }
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST(ServerRoom, IdleConnectionsMakeRoomWhereTheDescriptorsEndBeforeThePlacesDo) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "the sanitizer looks at memory through a pipe, for which no descriptor is left";
#endif
  auto limits = one_place();
  limits.connections_max = 1000;
  RunningServer running(limits, small);
  // One for the provider, and one for the listener, which takes a descriptor before it checks who is there.
  RawClient silent(running.port());
  RawClient too(running.port());
  while (running.server().connections() < 2) std::this_thread::yield();
  const int provider = socket(AF_INET, SOCK_STREAM, 0);
  const timeval patience{kPatience.count(), 0};
  setsockopt(provider, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  const NoMoreDescriptors none;
  const asio::ip::tcp::endpoint server(asio::ip::make_address("127.0.0.1"), running.port());
  ASSERT_EQ(connect(provider, server.data(), static_cast<socklen_t>(server.size())), 0);
  ASSERT_EQ(send(provider, kShort.data(), kShort.size(), 0), static_cast<ssize_t>(kShort.size()));
  char first = 0;
  EXPECT_EQ(recv(provider, &first, 1, 0), 1) << "nobody made room";
  close(provider);
}

}  // namespace
}  // namespace loopstate::http
