// The sockets of an event loop that goes, and of a client that is closed at the same moment.
#include "http/client/connection_pools.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <future>
#include <memory>
#include <thread>

#include "async/run_to_end.hpp"

namespace loopstate::http {
namespace {

namespace asio = boost::asio;

/// Calls a function at the beginning of its end.
class Told final : public Connection {
 public:
  Told(const asio::any_io_executor& executor, std::function<void()> closing)
      : Connection(executor, nullptr), closing_(std::move(closing)) {}
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;
  ~Told() override { closing_(); }

 private:
  std::function<void()> closing_;
};

Task<Result<void>> use_once(std::shared_ptr<ConnectionPools> pools) {
  auto lease = co_await pools->take(Deadline::max(), false);
  if (!lease) co_return std::unexpected(lease.error());
  lease->keep();
  co_return Result<void>();
}

TEST(ConnectionPools, TheLoopOfAThreadThatEndsOutlivesTheSocketsThatAClosedClientCloses) {
  asio::io_context server;
  asio::ip::tcp::acceptor acceptor(server, {asio::ip::address_v4::loopback(), 0});
  std::promise<void> closing;
  std::promise<void> used;
  std::promise<void> gone;
  auto is_gone = gone.get_future();
  bool outlived = false;
  const auto tell = [&] {
    closing.set_value();
    // Without protection the loop is gone in microseconds.
    outlived = is_gone.wait_for(std::chrono::milliseconds(200)) == std::future_status::timeout;
  };
  const Endpoint endpoint{.host = "127.0.0.1", .port = acceptor.local_endpoint().port()};
  const auto pools = std::make_shared<ConnectionPools>(
      endpoint, Peer{"the server", "127.0.0.1"}, ClientSettings{}, nullptr,
      [&](const asio::any_io_executor& executor, const std::shared_ptr<TlsContext>& /*none*/) {
        return std::make_unique<Told>(executor, tell);
      });
  std::thread caller([&] {
    auto loop = std::make_unique<asio::io_context>();
    const auto done = async::run_to_end(*loop, use_once(pools));
    EXPECT_TRUE(done) << (done ? "" : done.error().message);
    used.set_value();
    closing.get_future().wait();
    loop.reset();
    gone.set_value();
  });
  used.get_future().wait();
  pools->retire();
  caller.join();
  EXPECT_TRUE(outlived);
}

}  // namespace
}  // namespace loopstate::http
