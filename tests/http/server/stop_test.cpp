// Stopping: what is in flight finishes, within a bound.
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>

#include "http/server/server_fixture.hpp"

namespace loopstate::http {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kGetA = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

/// A handler that reports when it was entered, and answers when it is released.
class Gate {
 public:
  ServerHandler handler() {
    return [this](ServerRequest) { return wait(); };
  }
  void wait_until_entered() { entered_.get_future().wait(); }
  /// From any thread.
  void open() { open_.store(true); }
  bool was_cancelled() const { return cancelled_.load(); }

 private:
  Task<ServerResponse> wait() {
    entered_.set_value();
    asio::steady_timer timer(co_await asio::this_coro::executor);
    while (!open_.load() && !cancelled_.load()) {
      boost::system::error_code error;
      timer.expires_after(milliseconds(1));
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
      if (error) cancelled_.store(true);
    }
    ServerResponse response;
    response.body = "done";
    co_return response;
  }

  std::promise<void> entered_;
  std::atomic<bool> open_{false};
  std::atomic<bool> cancelled_{false};
};

/// A server whose handler has been entered for `client`, and has not been released.
struct InFlight {
  InFlight() {
    client.send(kGetA);
    gate.wait_until_entered();
  }

  Gate gate;
  RunningServer running{{}, gate.handler()};
  RawClient client{running.port()};
};

TEST(ServerStop, FinishesWhatIsInFlightThenCloses) {
  InFlight call;
  call.running.server().stop(std::chrono::minutes(5));
  call.running.settle();
  call.gate.open();
  const auto reply = call.client.read();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "done");
  EXPECT_TRUE(reply.has("Connection: close"));
  EXPECT_TRUE(call.client.ended());
  call.running.finish(std::chrono::minutes(5));
  EXPECT_FALSE(call.gate.was_cancelled());
}

TEST(ServerStop, ClosesIdleConnectionsAtOnce) {
  Gate gate;
  gate.open();
  RunningServer running({}, gate.handler());
  RawClient kept(running.port());
  kept.send(kGetA);
  EXPECT_EQ(kept.read().status, 200);
  running.finish(std::chrono::minutes(5));
  EXPECT_TRUE(kept.ended());
}

TEST(ServerStop, AcceptsNoMore) {
  Gate gate;
  RunningServer running({}, gate.handler());
  const auto port = running.port();
  running.finish(std::chrono::minutes(5));
  EXPECT_THROW(RawClient{port}, boost::system::system_error);
}

TEST(ServerStop, CancelsAndCutsWhatOutlastsTheGrace) {
  InFlight call;
  call.running.finish(milliseconds(20));
  EXPECT_TRUE(call.gate.was_cancelled());
  EXPECT_EQ(call.client.read().status, 0);
}

TEST(ServerStop, ASecondCallCutsTheGraceShort) {
  InFlight call;
  call.running.server().stop(std::chrono::minutes(5));
  call.running.finish(milliseconds(0));
  EXPECT_TRUE(call.gate.was_cancelled());
}

}  // namespace
}  // namespace loopstate::http
