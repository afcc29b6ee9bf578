#include "async/run_to_end.hpp"

#include <gtest/gtest.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace loopstate::async {
namespace {

namespace asio = boost::asio;

/// Neither default-constructible nor copyable.
struct Ticket {
  explicit Ticket(int given) : number(given) {}
  Ticket(Ticket&&) = default;
  Ticket& operator=(Ticket&&) = delete;
  int number;
};

Task<Ticket> ticket(int number) {
  co_return Ticket(number);
}

Task<Ticket> broken() {
  throw std::runtime_error("a defect");
  co_return Ticket(0);
}

/// Waits for something that is destroyed without ever answering.
Task<Ticket> forgotten() {
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [](auto handler) { auto dropped = std::move(handler); }, asio::use_awaitable);
  co_return Ticket(0);
}

TEST(RunToEnd, ReturnsWhatTheCallReturned) {
  asio::io_context loop;
  EXPECT_EQ(run_to_end(loop, ticket(7)).number, 7);
}

TEST(RunToEnd, OneLoopServesOneCallAfterTheOther) {
  asio::io_context loop;
  EXPECT_EQ(run_to_end(loop, ticket(1)).number, 1);
  EXPECT_EQ(run_to_end(loop, ticket(2)).number, 2);
}

TEST(RunToEnd, WhatTheCallThrowsIsThrownOn) {
  asio::io_context loop;
  EXPECT_THROW(run_to_end(loop, broken()), std::runtime_error);
}

TEST(RunToEnd, WhatElseWaitsOnTheLoopHoldsNoCallUp) {
  asio::io_context loop;
  asio::steady_timer idle(loop, std::chrono::hours(1));
  bool woken = false;
  idle.async_wait([&woken](const boost::system::error_code&) { woken = true; });
  EXPECT_EQ(run_to_end(loop, ticket(7)).number, 7);
  EXPECT_FALSE(woken);
}

TEST(RunToEnd, ACallThatNothingCanWakeIsADefect) {
  asio::io_context loop;
  EXPECT_THROW(run_to_end(loop, forgotten()), NoAnswer);
}

}  // namespace
}  // namespace loopstate::async
