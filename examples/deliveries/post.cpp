#include "post.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <utility>

#include "json/view.hpp"

namespace loopstate::demo {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kAnswerTimeout{30};
constexpr std::chrono::seconds kStartTimeout{10};
constexpr std::chrono::milliseconds kBetweenTries{20};

}  // namespace

Task<Result<Answered>> post(http::Client* client, SignedDelivery delivery, http::Repeat repeat) {
  http::ClientRequest request("POST", delivery.path);
  for (const auto& [name, value] : delivery.headers) request.add(name, value);
  request.body = std::move(delivery.body);
  const auto deadline = steady_clock::now() + kAnswerTimeout;
  auto reply = co_await client->send(std::move(request), deadline, repeat);
  if (!reply) co_return std::unexpected(std::move(reply.error().error));
  Answered answered{reply->status, "no outcome"};
  if (const auto body = JsonText::parse(reply->body)) {
    answered.outcome = json::string_member(json::View(*body), "outcome").value_or(answered.outcome);
  }
  co_return answered;
}

Task<Result<void>> wait_for_agent(http::Client* client) {
  const auto deadline = steady_clock::now() + kStartTimeout;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  while (true) {
    auto connected = co_await client->warm_up(deadline);
    if (connected || connected.error().code != ErrorCode::ConnectionFailed || steady_clock::now() >= deadline)
      co_return connected;
    timer.expires_after(kBetweenTries);
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

}  // namespace loopstate::demo
