// The server's protocol, over real loopback sockets.
#include "http/server/server_fixture.hpp"

#include <atomic>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>

namespace loopstate::http {
namespace {

using std::chrono::milliseconds;

Task<ServerResponse> echo(ServerRequest request) {
  ServerResponse response;
  response.content_type = "text/plain";
  response.body = request.method + " " + std::string(request.path()) + " " + request.body;
  co_return response;
}

std::string post(std::string_view path, std::string_view body, std::string_view more_headers = "") {
  return fmt::format("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n{}\r\n{}", path, body.size(),
                     more_headers, body);
}

constexpr std::string_view kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

/// Short time-outs for what a test lets time out, the usual ones for everything else.
ServerLimits impatient() {
  ServerLimits limits;
  limits.header_timeout = milliseconds(60);
  limits.body_timeout = milliseconds(60);
  limits.idle_timeout = milliseconds(60);
  return limits;
}

TEST(Server, GivesTheHandlerTheRawBodyAndKeepsTheConnection) {
  RunningServer running({}, echo);
  RawClient client(running.port());
  for (int i = 0; i < 3; ++i) {
    client.send(post("/hook?q=1", std::string("{\"a\":\0 }", 8)));
    const auto reply = client.read();
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, std::string("POST /hook {\"a\":\0 }", 19));
    EXPECT_TRUE(reply.has("Date: "));
  }
}

TEST(Server, ReadsChunkedBodies) {
  RunningServer running({}, echo);
  RawClient client(running.port());
  client.send(
      "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.read().body, "POST /c abcde");
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  RunningServer running({}, echo);
  RawClient client(running.port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += post(fmt::format("/{}", i), fmt::format("body{}", i));
  client.send(all);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.read().body, fmt::format("POST /{} body{}", i, i));
}

TEST(Server, AnswersHeadWithTheLengthAndNoBody) {
  RunningServer running({}, echo);
  RawClient client(running.port());
  client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto head = client.read(false);
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.has("Content-Length: 8"));
  client.send(kGet);
  EXPECT_EQ(client.read().body, "GET /a ");
}

TEST(Server, ClosesAfterHttp10AndAfterConnectionClose) {
  RunningServer running({}, echo);
  RawClient old(running.port());
  old.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.read().status, 200);
  EXPECT_TRUE(old.ended());
  RawClient polite(running.port());
  polite.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(polite.read().has("Connection: close"));
  EXPECT_TRUE(polite.ended());
}

TEST(Server, AsksForTheBodyOfWhoWaitsForLeave) {
  RunningServer running({}, echo);
  RawClient client(running.port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read(false).status, 100);
  client.send("body");
  EXPECT_EQ(client.read().body, "POST /a body");
}

TEST(Server, RefusesATooLargeBodyBeforeAskingForIt) {
  ServerLimits limits;
  limits.body_bytes_max = 100;
  RunningServer running(limits, echo);
  RawClient client(running.port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read().status, 413);
  EXPECT_TRUE(client.ended());
}

TEST(Server, Answers413ThoughTheClientIsStillSending) {
  ServerLimits limits;
  limits.body_bytes_max = 1000;
  RunningServer running(limits, echo);
  RawClient known(running.port());
  known.send(post("/a", std::string(300'000, 'x')));
  EXPECT_EQ(known.read().status, 413);
  RawClient chunked(running.port());
  chunked.send("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) chunked.send("64\r\n" + std::string(100, 'y') + "\r\n");
  EXPECT_EQ(chunked.read().status, 413);
}

TEST(Server, TakesABodyOfExactlyTheLimit) {
  ServerLimits limits;
  limits.body_bytes_max = 1000;
  RunningServer running(limits, echo);
  RawClient client(running.port());
  client.send(post("/a", std::string(1000, 'x')));
  EXPECT_EQ(client.read().status, 200);
}

TEST(Server, Answers431ForTooManyHeaders) {
  RunningServer running({}, echo);
  RawClient client(running.port());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(20'000, 'h') + "\r\n\r\n");
  EXPECT_EQ(client.read().status, 431);
  EXPECT_TRUE(client.ended());
}

TEST(Server, Answers400ForWhatIsNoHttp) {
  RunningServer running({}, echo);
  for (const std::string_view bad :
       {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "NONSENSE\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n", "GET /a HTTP/1.1\r\nNo colon\r\n\r\n", "GET /a HTTP/1.1\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    RawClient client(running.port());
    client.send(bad);
    client.end_sending();
    EXPECT_EQ(client.read().status, 400) << bad;
    EXPECT_TRUE(client.ended());
  }
}

TEST(Server, Answers417ForAnUnknownExpectation) {
  RunningServer running({}, echo);
  RawClient client(running.port());
  client.send("GET /a HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n");
  EXPECT_EQ(client.read().status, 417);
}

TEST(Server, AnswersAClientThatHasShutItsSendingSide) {
  RunningServer running({}, echo);
  RawClient client(running.port());
  client.send(post("/a", "whole"));
  client.end_sending();
  EXPECT_EQ(client.read().body, "POST /a whole");
  EXPECT_TRUE(client.ended());
}

TEST(Server, ARequestCutShortIsMalformed) {
  RunningServer running({}, echo);
  RawClient client(running.port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  client.end_sending();
  EXPECT_EQ(client.read().status, 400);
}

TEST(Server, ASlowHeaderGets408AndOthersAreServedMeanwhile) {
  RunningServer running(impatient(), echo);
  RawClient slow(running.port());
  slow.send("POST /a HTTP/1.1\r\nHos");
  RawClient brisk(running.port());
  brisk.send(kGet);
  EXPECT_EQ(brisk.read().status, 200);
  EXPECT_EQ(slow.read().status, 408);
  EXPECT_TRUE(slow.ended());
}

TEST(Server, ASlowBodyGets408) {
  RunningServer running(impatient(), echo);
  RawClient slow(running.port());
  slow.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  EXPECT_EQ(slow.read().status, 408);
  EXPECT_TRUE(slow.ended());
}

TEST(Server, AnIdleConnectionIsClosedWithoutAWord) {
  RunningServer running(impatient(), echo);
  RawClient silent(running.port());
  EXPECT_TRUE(silent.ended());
  RawClient kept(running.port());
  kept.send(kGet);
  EXPECT_EQ(kept.read().status, 200);
  EXPECT_TRUE(kept.ended());
}

TEST(Server, AThrowingHandlerIsA500AndTheConnectionGoesOn) {
  RunningServer running({}, [](ServerRequest request) -> Task<ServerResponse> {
    if (request.path() == "/bad") throw std::runtime_error("broken");
    co_return ServerResponse{};
  });
  RawClient client(running.port());
  client.send("GET /bad HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(client.read().status, 500);
  client.send(kGet);
  EXPECT_EQ(client.read().status, 200);
}

TEST(Server, AClientThatResetsHurtsNobody) {
  RunningServer running({}, echo);
  for (int i = 0; i < 20; ++i) {
    RawClient rude(running.port());
    rude.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
    rude.reset();
  }
  RawClient client(running.port());
  client.send(kGet);
  EXPECT_EQ(client.read().status, 200);
}

/// Answers nothing until it is opened.
class HeldRequests {
 public:
  ServerHandler handler() {
    return [this](ServerRequest request) -> Task<ServerResponse> {
      if (request.path() == "/held") {
        asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
        {
          const std::lock_guard lock(mutex_);
          waiting_.push_back(&timer);
        }
        changed_.notify_all();
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      }
      co_return ServerResponse{};
    };
  }

  void await(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() >= count; });
  }

  void open(asio::io_context& io) {
    asio::post(io, [this] {
      const std::lock_guard lock(mutex_);
      for (auto* timer : waiting_) timer->cancel();
    });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<asio::steady_timer*> waiting_;
};

constexpr std::string_view kHeld = "GET /held HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(Server, RefusesMoreThanItsConnectionsWith503WhenAllAreServed) {
  ServerLimits limits;
  limits.connections_max = 2;
  HeldRequests held;
  RunningServer running(limits, held.handler());
  RawClient first(running.port());
  RawClient second(running.port());
  for (auto* client : {&first, &second}) client->send(kHeld);
  held.await(2);
  {
    RawClient third(running.port());
    third.send(kGet);
    const auto reply = third.read();
    EXPECT_EQ(reply.status, 503);
    EXPECT_TRUE(reply.has("Retry-After: "));
    EXPECT_TRUE(third.ended());
  }
  held.open(running.io());
  for (auto* client : {&first, &second}) EXPECT_EQ(client->read().status, 200);
}

TEST(Server, TheConnectionThatIsIdleLongestMakesRoom) {
  ServerLimits limits;
  limits.connections_max = 2;
  RunningServer running(limits, echo);
  RawClient first(running.port());
  RawClient second(running.port());
  for (auto* client : {&first, &second}) {
    client->send(kGet);
    EXPECT_EQ(client->read().status, 200);
  }
  first.send(kGet);  // now the second has been idle longer
  EXPECT_EQ(first.read().status, 200);
  RawClient third(running.port());
  third.send(kGet);
  EXPECT_EQ(third.read().status, 200);
  EXPECT_TRUE(second.ended());
  first.send(kGet);
  EXPECT_EQ(first.read().status, 200);
}

TEST(Server, ConnectionsThatSayNothingLockNobodyOut) {
  ServerLimits limits;
  limits.connections_max = 8;
  limits.connections_per_peer_max = 8;
  RunningServer running(limits, echo);
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 4; ++i) silent.push_back(std::make_unique<RawClient>(running.port()));
    RawClient provider(running.port());
    provider.send(kGet);
    EXPECT_EQ(provider.read().status, 200) << round;
  }
}

TEST(Server, OnePeerHasItsBound) {
  ServerLimits limits;
  limits.connections_per_peer_max = 1;
  HeldRequests held;
  RunningServer running(limits, held.handler());
  RawClient first(running.port());
  first.send(kHeld);
  held.await(1);
  RawClient second(running.port());
  second.send(kGet);
  EXPECT_EQ(second.read().status, 503);
  RawClient other(running.port(), "127.0.0.2");
  other.send(kGet);
  EXPECT_EQ(other.read().status, 200) << "another peer is served";
  held.open(running.io());
  EXPECT_EQ(first.read().status, 200);
}

TEST(Server, WhereABodyEndsIsNeverInDoubt) {
  RunningServer running({}, echo);
  for (const std::string_view headers :
       {"Transfer-Encoding: gzip", "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: identity", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        "Transfer-Encoding: chunked\r\nContent-Length: 5", "Transfer-Encoding: "}) {
    RawClient client(running.port());
    client.send(fmt::format("POST /a HTTP/1.1\r\nHost: x\r\n{}\r\n\r\n{}", headers, kGet));
    EXPECT_EQ(client.read().status, 400) << headers;
    EXPECT_TRUE(client.ended()) << "a second request was read out of the body: " << headers;
  }
  RawClient old(running.port());
  old.send("POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(old.read().status, 400);
}

TEST(Server, ManyClientsOnSeveralThreads) {
  RunningServer running({}, echo, 4);
  std::vector<std::thread> clients;
  std::atomic<int> good{0};
  for (int c = 0; c < 8; ++c) {
    clients.emplace_back([&, c] {
      RawClient client(running.port());
      for (int i = 0; i < 50; ++i) {
        const auto body = fmt::format("{}-{}", c, i);
        client.send(post("/a", body));
        if (client.read().body == "POST /a " + body) ++good;
      }
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(good, 400);
}

TEST(ServerAddress, NamesWhatIsWrong) {
  EXPECT_EQ(ServerAddress::parse("[::1]:8080")->host, "::1");
  EXPECT_EQ(ServerAddress::parse("127.0.0.1:0")->port, 0);
  for (const std::string_view bad :
       {"8080", "127.0.0.1:", "127.0.0.1:70000", "::1:80", ":80", "a:-1", "a:1x"}) {
    const auto wrong = ServerAddress::parse(bad);
    ASSERT_FALSE(wrong) << bad;
    EXPECT_EQ(wrong.error().code, ErrorCode::InvalidArgument);
    EXPECT_THAT(wrong.error().message, testing::HasSubstr("expected HOST:PORT"));
  }
}

TEST(ServerListen, SaysThatTheAddressIsTaken) {
  RunningServer running({}, echo);
  asio::io_context io;
  const auto second = Server::listen(io.get_executor(), {"127.0.0.1", running.port()}, {}, echo, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::StorageFailure);
  const auto nowhere = Server::listen(io.get_executor(), {"not.an.address", 0}, {}, echo, {});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::InvalidArgument);
}

}  // namespace
}  // namespace loopstate::http
