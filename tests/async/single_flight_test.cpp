#include "async/single_flight.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace loopstate::async {

namespace asio = boost::asio;
using Part = SingleFlight::Part;

namespace {

Deadline later() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

Task<void> note(std::shared_ptr<SingleFlight> flights, std::string key, Deadline deadline,
                std::vector<SingleFlight::Joined>* parts) {
  co_await asio::this_coro::throw_if_cancelled(false);
  parts->push_back(co_await flights->join(std::move(key), deadline));
}

}  // namespace

class SingleFlightTest : public testing::Test {
 protected:
  void join(const std::string& key, Deadline deadline = later()) {
    asio::co_spawn(loop, note(flights, key, deadline, &parts), [](auto&&) {});
  }
  void turn() {
    loop.restart();
    loop.poll();
  }

  std::shared_ptr<SingleFlight> flights = std::make_shared<SingleFlight>();
  std::vector<SingleFlight::Joined> parts;
  asio::io_context loop;
};

TEST_F(SingleFlightTest, TheFirstFliesAndTheOthersWaitUntilItLands) {
  join("a");
  join("a");
  join("a");
  turn();
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].part, Part::Fly);
  {
    const auto landing = std::move(parts[0]);
  }
  turn();
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[1].part, Part::Landed);
  EXPECT_EQ(parts[2].part, Part::Landed);
}

TEST_F(SingleFlightTest, WhoComesAfterTheLandingFlies) {
  join("a");
  turn();
  {
    const auto landing = std::move(parts[0]);
  }
  join("a");
  turn();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[1].part, Part::Fly);
}

TEST_F(SingleFlightTest, OtherKeysFlyAtTheSameTime) {
  join("a");
  join("b");
  turn();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[1].part, Part::Fly);
}

TEST_F(SingleFlightTest, AnotherLoopFliesByItself) {
  join("a");
  turn();
  asio::io_context other;
  asio::co_spawn(other, note(flights, "a", later(), &parts), [](auto&&) {});
  other.poll();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[1].part, Part::Fly);
}

TEST_F(SingleFlightTest, AWaiterWhoseDeadlineComesIsLate) {
  join("a");
  turn();
  join("a", std::chrono::steady_clock::now());
  loop.restart();
  while (parts.size() < 2) loop.run_one();
  EXPECT_EQ(parts[1].part, Part::Late);
}

TEST_F(SingleFlightTest, AWaiterThatIsCancelledSaysSo) {
  asio::cancellation_signal signal;
  join("a");
  turn();
  asio::co_spawn(loop, note(flights, "a", later(), &parts),
                 asio::bind_cancellation_slot(signal.slot(), [](auto&&) {}));
  turn();
  signal.emit(asio::cancellation_type::terminal);
  turn();
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[1].part, Part::Cancelled);
}

TEST_F(SingleFlightTest, ALoopThatGoesWhileSomeWaitAndOneFliesLeavesNothingBehind) {
  {
    asio::io_context going;
    for (int i = 0; i < 3; ++i) {
      asio::co_spawn(
          going,
          [](std::shared_ptr<SingleFlight> shared) -> Task<void> {
            const auto joined = co_await shared->join("a", later());
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
            co_await shared->join("a", later());  // waits for itself
          }(flights),
          [](auto&&) {});
    }
    going.poll();
  }
  join("a");
  turn();
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].part, Part::Fly);
}

TEST_F(SingleFlightTest, ManyThreadsOfOneLoopEachGetTheirTurn) {
  std::atomic<int> flying = 0;
  std::atomic<int> ended = 0;
  asio::thread_pool threads(3);
  for (int i = 0; i < 200; ++i) {
    asio::co_spawn(
        threads,
        [](std::shared_ptr<SingleFlight> shared, std::atomic<int>* in_the_air,
           std::atomic<int>* done) -> Task<void> {
          while (true) {
            const auto joined = co_await shared->join("a", later());
            if (joined.part != Part::Fly) continue;
            EXPECT_EQ(++*in_the_air, 1);
            co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
            --*in_the_air;
            break;
          }
          ++*done;
        }(flights, &flying, &ended),
        [](auto&&) {});
  }
  threads.join();
  EXPECT_EQ(ended, 200);
}

}  // namespace loopstate::async
