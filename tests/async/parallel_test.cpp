#include "async/parallel.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "async/run_to_end.hpp"
#include "async/sleep.hpp"

namespace loopstate::async {
namespace {

namespace asio = boost::asio;

/// What the pieces of work leave behind, and how many ran at once.
struct Trace {
  std::vector<std::size_t> ended;
  std::size_t now = 0;
  std::size_t most = 0;
};

Task<void> piece(std::shared_ptr<Trace> trace, std::size_t index) {
  trace->most = std::max(trace->most, ++trace->now);
  co_await sleep_for(std::chrono::milliseconds(0));  // yields to the others
  --trace->now;
  trace->ended.push_back(index);
}

std::shared_ptr<Trace> trace_of(std::size_t count, std::size_t workers) {
  auto trace = std::make_shared<Trace>();
  asio::io_context loop;
  EXPECT_TRUE(run_to_end(
      loop, in_parallel(count, workers, [trace](std::size_t index) { return piece(trace, index); })));
  return trace;
}

TEST(InParallel, EachPieceOfWorkIsDoneOnce) {
  EXPECT_THAT(trace_of(5, 2)->ended, testing::UnorderedElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(trace_of(2, 5)->ended, testing::UnorderedElementsAre(0, 1));
  EXPECT_THAT(trace_of(0, 5)->ended, testing::IsEmpty());
}

TEST(InParallel, AsManyAsThereAreWorkersAreUnderWayAtOnce) {
  EXPECT_EQ(trace_of(10, 3)->most, 3u);
  EXPECT_EQ(trace_of(10, 1)->most, 1u);
}

TEST(InParallel, ACancelledCallerIsToldAndDoesNotWaitForTheWork) {
  asio::io_context loop;
  asio::cancellation_signal cancel;
  std::optional<bool> all;
  const auto never = [](std::size_t) -> Task<void> { co_await sleep_for(std::chrono::hours(1)); };
  asio::co_spawn(loop, in_parallel(2, 2, never),
                 asio::bind_cancellation_slot(
                     cancel.slot(), [&all](const std::exception_ptr&, bool ended) { all = ended; }));
  loop.poll();
  EXPECT_EQ(all, std::nullopt);
  cancel.emit(asio::cancellation_type::terminal);
  loop.poll();
  EXPECT_EQ(all, false);
}

}  // namespace
}  // namespace loopstate::async
