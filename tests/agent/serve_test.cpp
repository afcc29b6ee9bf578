// The agent as a program: settings, the bound port, and what the signals do.
#include "agent/serve.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <future>

#include "agent_fixture.hpp"
#include "http/server/server_fixture.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate::agent {
namespace {

using testing::HasSubstr;

Environment environment_of(std::map<std::string, std::string> values) {
  return [values = std::move(values)](std::string_view name) -> std::optional<std::string> {
    const auto found = values.find(std::string(name));
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

const std::map<std::string, std::string> kSquareOnly{
    {"SQUARE_WEBHOOK_SIGNATURE_KEY", std::string(kSquareKey)},
    {"SQUARE_WEBHOOK_URL", std::string(kSquareUrl)},
    {"LOOPSTATE_PEPPER", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}};

ServeOptions options_for(std::map<std::string, std::string> environment) {
  return ServeOptions{.listen = "127.0.0.1:0",
                      .admin_listen = "127.0.0.1:0",
                      .store = store::store_over(std::make_shared<table::ModelTable>()),
                      .environment = environment_of(std::move(environment)),
                      .log = {},
                      .threads = 1,
                      .grace = std::chrono::milliseconds(60'000),
                      .on_listening = {},
                      .on_admin_listening = {}};
}

/// Reports when it is being warmed up, and never becomes warm.
class ColdTable final : public table::ModelTable {
 public:
  explicit ColdTable(std::promise<void>& asked) : asked_(asked) {}
  Task<Result<void>> warm_up(Deadline deadline) override {
    asked_.set_value();
    boost::asio::steady_timer never(co_await boost::asio::this_coro::executor, deadline);
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    boost::system::error_code error;
    co_await never.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, error));
    cancelled = error.failed();
    co_return fail(*cancelled ? ErrorCode::Cancelled : ErrorCode::DeadlineExceeded, "not warm");
  }

  std::optional<bool> cancelled;  ///< how the warm-up ended

 private:
  std::promise<void>& asked_;
};

class ServeTest : public testing::TestWithParam<unsigned> {};

TEST_P(ServeTest, ServesOnTheReportedPortUntilSigterm) {
  auto options = options_for(kSquareOnly);
  options.threads = GetParam();
  std::promise<std::uint16_t> bound;
  options.on_listening = [&](const std::string&, std::uint16_t port) { bound.set_value(port); };
  std::promise<std::uint16_t> admin_port;
  options.on_admin_listening = [&](const std::string&, std::uint16_t port) { admin_port.set_value(port); };
  auto served = std::async(std::launch::async, [&] { return serve(std::move(options)); });
  const auto port = bound.get_future().get();
  {
    http::RawClient admin(admin_port.get_future().get());
    admin.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(admin.read().status, 200);
    http::RawClient client(port);
    client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read().status, 404) << "metrics are not for everybody";
    client.send("POST /webhooks/stripe HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}");
    const auto off = client.read();
    EXPECT_EQ(off.status, 503);
    EXPECT_THAT(off.body, HasSubstr("switched_off"));
  }
  std::raise(SIGTERM);
  EXPECT_TRUE(served.get());
  EXPECT_THROW(http::RawClient{port}, boost::system::system_error);
}

TEST_P(ServeTest, WarmsTheStoreUpWhileItServesAndWaitsForItNeitherThenNorAtTheEnd) {
  std::promise<void> asked;
  auto options = options_for(kSquareOnly);
  options.threads = GetParam();
  const auto cold = std::make_shared<ColdTable>(asked);
  options.store = store::store_over(cold);
  std::promise<std::uint16_t> bound;
  options.on_listening = [&](const std::string&, std::uint16_t port) { bound.set_value(port); };
  std::promise<std::uint16_t> admin_port;
  options.on_admin_listening = [&](const std::string&, std::uint16_t port) { admin_port.set_value(port); };
  auto served = std::async(std::launch::async, [&] { return serve(std::move(options)); });
  bound.get_future().get();
  asked.get_future().get();
  {
    http::RawClient admin(admin_port.get_future().get());
    admin.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(admin.read().status, 200);
  }
  const auto began = std::chrono::steady_clock::now();
  std::raise(SIGTERM);
  EXPECT_TRUE(served.get());
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(9))
      << "the warm-up ended by itself";
}

INSTANTIATE_TEST_SUITE_P(Threads, ServeTest, testing::Values(1u, 4u));

TEST(Serve, NamesWhatIsMissingBeforeItListens) {
  const auto nothing = serve(options_for({}));
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(nothing.error().message, HasSubstr("no webhook provider is switched on"));

  auto address = options_for(kSquareOnly);
  address.listen = "nowhere";
  EXPECT_EQ(serve(std::move(address)).error().code, ErrorCode::InvalidArgument);

  auto admin = options_for(kSquareOnly);
  admin.admin_listen = "nowhere";
  EXPECT_EQ(serve(std::move(admin)).error().code, ErrorCode::InvalidArgument);

  auto connections = options_for(kSquareOnly);
  connections.connections_max = 0;
  EXPECT_EQ(serve(std::move(connections)).error().code, ErrorCode::InvalidArgument);

  auto threads = options_for(kSquareOnly);
  threads.threads = 65;
  EXPECT_EQ(serve(std::move(threads)).error().code, ErrorCode::InvalidArgument);
}

TEST(Serve, SaysWhichProvidersAreOff) {
  std::vector<std::string> lines;
  auto options = options_for({});
  options.log =
      log::Logger::to_sink({}, [&](log::Level, std::string_view line) { lines.emplace_back(line); });
  EXPECT_FALSE(serve(std::move(options)));
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  for (const std::string_view name : {"STRIPE", "SQUARE", "FIDEL"}) EXPECT_THAT(all, HasSubstr(name));
}

}  // namespace
}  // namespace loopstate::agent
