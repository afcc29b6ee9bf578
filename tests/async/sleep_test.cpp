#include "async/sleep.hpp"

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "async/pacer.hpp"
#include "async/run_to_end.hpp"

namespace loopstate::async {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

TEST(Sleep, EndsWhenItsTimeIsOver) {
  asio::io_context loop;
  EXPECT_TRUE(run_to_end(loop, sleep_for(milliseconds(1))));
}

TEST(Sleep, ACancelledSleeperWakesAndIsTold) {
  asio::io_context loop;
  asio::cancellation_signal cancel;
  std::optional<bool> slept;
  asio::co_spawn(loop, sleep_for(std::chrono::hours(1)),
                 asio::bind_cancellation_slot(
                     cancel.slot(), [&slept](const std::exception_ptr&, bool whole) { slept = whole; }));
  loop.poll();
  EXPECT_EQ(slept, std::nullopt);
  cancel.emit(asio::cancellation_type::terminal);
  loop.run();
  EXPECT_EQ(slept, false);
}

Task<bool> wait_for_nothing(const Pacer* pacer) {
  co_await pacer->wait(milliseconds(0));
  co_return true;
}

TEST(SystemPacer, WaitsByTheMachinesClock) {
  asio::io_context loop;
  const auto before = std::chrono::steady_clock::now();
  EXPECT_TRUE(run_to_end(loop, wait_for_nothing(&system_pacer())));
  const auto now = system_pacer().now();
  EXPECT_GE(now, before);
  EXPECT_LE(now, std::chrono::steady_clock::now());
}

}  // namespace
}  // namespace loopstate::async
