#include "async/single_flight.hpp"

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace loopstate::async {

namespace asio = boost::asio;
using boost::system::error_code;

/// The timer is touched only on its strand: whoever lands may be on another thread.
struct SingleFlight::Waiter {
  Waiter(const asio::any_io_executor& strand, Deadline deadline) : timer(strand, deadline) {}
  asio::steady_timer timer;
  bool landed = false;  // under the mutex
};

namespace {

template <typename Timer>
Task<error_code> until_moved(std::shared_ptr<Timer> timer) {
  error_code error;
  co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, error));
  co_return error;
}

}  // namespace

Task<SingleFlight::Joined> SingleFlight::join(std::string key, Deadline deadline) {
  const auto self = shared_from_this();
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const asio::any_io_executor strand = asio::make_strand(executor);
  Place place{&asio::query(executor, asio::execution::context), std::move(key)};
  const auto waiter = std::make_shared<Waiter>(strand, deadline);
  {
    const std::lock_guard lock(mutex_);
    const auto [at, first] = flights_.try_emplace(place);
    if (first) {
      Joined flying{Part::Fly, Flight(self, std::move(place))};
      co_return flying;
    }
    at->second.push_back(waiter);
  }
  const std::shared_ptr<asio::steady_timer> timer(waiter, &waiter->timer);
  const error_code error = co_await asio::co_spawn(strand, until_moved(timer), asio::use_awaitable);
  const std::lock_guard lock(mutex_);
  Joined out;
  if (waiter->landed) co_return out;
  if (const auto at = flights_.find(place); at != flights_.end()) std::erase(at->second, waiter);
  out.part = error ? Part::Cancelled : Part::Late;
  co_return out;
}

void SingleFlight::land(const Place& place) {
  const std::lock_guard lock(mutex_);
  auto node = flights_.extract(place);
  for (const auto& waiter : node.mapped()) {
    waiter->landed = true;
    // Moved rather than cancelled: a wait that begins after this must not block either.
    asio::post(waiter->timer.get_executor(), [waiter] { waiter->timer.expires_at(Deadline::min()); });
  }
}

}  // namespace loopstate::async
