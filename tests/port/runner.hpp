// Runs coroutines for tests that block: its own threads serve one execution context.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

namespace loopstate::table {

class Runner {
 public:
  explicit Runner(std::size_t threads = 2) : pool_(threads) {}
  ~Runner() { pool_.join(); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  boost::asio::any_io_executor executor() { return pool_.get_executor(); }

  /// May be called from several threads, none of them this runner's own.
  template <typename T>
  T run(boost::asio::awaitable<T> task) {
    return boost::asio::co_spawn(pool_, std::move(task), boost::asio::use_future).get();
  }

 private:
  boost::asio::thread_pool pool_;
};

}  // namespace loopstate::table
