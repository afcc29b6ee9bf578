#include "async/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

namespace loopstate::async {
namespace {

struct Job {
  std::function<Task<void>(std::size_t)> work;
  std::size_t count;
  std::atomic<std::size_t> next = 0;
};

Task<void> worker(std::shared_ptr<Job> job) {
  for (auto index = job->next++; index < job->count; index = job->next++) co_await job->work(index);
}

}  // namespace

Task<bool> in_parallel(std::size_t count, std::size_t workers, std::function<Task<void>(std::size_t)> work) {
  using Done = boost::asio::experimental::concurrent_channel<void(boost::system::error_code)>;
  auto job = std::make_shared<Job>();
  job->work = std::move(work);
  job->count = count;
  workers = std::min(workers, count);
  if (workers <= 1) {
    co_await worker(job);
    co_return true;
  }
  // One after the other where they touch what they share, however many threads the caller's executor has.
  const boost::asio::any_io_executor executor =
      boost::asio::make_strand(co_await boost::asio::this_coro::executor);
  auto done = std::make_shared<Done>(executor, workers);
  for (std::size_t i = 0; i < workers; ++i) {
    boost::asio::co_spawn(executor, worker(job),
                          [done](const std::exception_ptr&) { done->try_send(boost::system::error_code{}); });
  }
  for (std::size_t i = 0; i < workers; ++i) {
    const auto [ended] = co_await done->async_receive(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (ended) co_return false;
  }
  co_return true;
}

}  // namespace loopstate::async
