// Caching credentials: when they are fetched again, and that one call does it for all.
#include "aws/credential_cache.hpp"

#include <gtest/gtest.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "fake_surroundings.hpp"
#include "times.hpp"

namespace loopstate::aws {
namespace {

CredentialsPtr lasting_until(std::optional<Timestamp> expires_at) {
  auto credentials = std::make_shared<Credentials>();
  credentials->access_key_id = "A";
  credentials->expires_at = expires_at;
  return credentials;
}

TEST(CacheDecisionTest, RefreshesAheadOfTheExpiry) {
  EXPECT_EQ(decide(nullptr, false, from_unix_seconds(0)), CacheDecision::Refresh);
  EXPECT_EQ(decide(lasting_until(std::nullopt), false, from_unix_seconds(0)), CacheDecision::Use);
  EXPECT_EQ(decide(lasting_until(std::nullopt), true, from_unix_seconds(0)), CacheDecision::Refresh);
  EXPECT_EQ(decide(lasting_until(from_unix_seconds(1000)), false, from_unix_seconds(699)),
            CacheDecision::Use);
  EXPECT_EQ(decide(lasting_until(from_unix_seconds(1000)), false, from_unix_seconds(700)),
            CacheDecision::UseAndRefresh);
  EXPECT_EQ(decide(lasting_until(from_unix_seconds(1000)), false, from_unix_seconds(940)),
            CacheDecision::Refresh);
}

// Answers in turn; waits for `gate` first if there is one.
class ScriptedSource final : public CredentialSource {
 public:
  Task<Result<CredentialsPtr>> fetch(Deadline) override {
    ++fetches;
    if (gate != nullptr) {
      boost::system::error_code ignored;
      co_await gate->async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    co_return next;
  }
  std::string name() const override { return "script"; }

  int fetches = 0;
  boost::asio::steady_timer* gate = nullptr;
  Result<CredentialsPtr> next = lasting_until(std::nullopt);
};

class CacheTest : public testing::Test {
 protected:
  Result<CredentialsPtr> get() { return world_.run(cache_.get(Deadline::max())); }

  World world_;
  std::shared_ptr<ScriptedSource> source_ = std::make_shared<ScriptedSource>();
  CredentialCache cache_{source_, world_.clock};
};

TEST_F(CacheTest, FetchesOnce) {
  EXPECT_TRUE(get());
  EXPECT_TRUE(get());
  EXPECT_EQ(source_->fetches, 1);
}

TEST_F(CacheTest, FetchesAgainWhenTheServiceRefusedThem) {
  EXPECT_TRUE(get());
  cache_.refuse();
  EXPECT_TRUE(get());
  EXPECT_EQ(source_->fetches, 2);
}

TEST_F(CacheTest, GoesOnWithWhatIsGoodWhenARefreshFails) {
  source_->next = lasting_until(world_.clock.time + 200s);
  EXPECT_TRUE(get());
  source_->next = fail(ErrorCode::Unavailable, "down");
  EXPECT_TRUE(get());
  EXPECT_EQ(source_->fetches, 2);
  EXPECT_TRUE(get()) << "and does not ask again at once";
  EXPECT_EQ(source_->fetches, 2);
  world_.clock.time += 180s;
  EXPECT_EQ(get().error().message, "down");
}

TEST_F(CacheTest, OneFetchServesAllWhoWait) {
  boost::asio::io_context io;
  boost::asio::steady_timer gate(io, boost::asio::steady_timer::time_point::max());
  source_->gate = &gate;
  int answered = 0;
  for (int i = 0; i < 8; ++i) {
    boost::asio::co_spawn(io, cache_.get(std::chrono::steady_clock::now() + std::chrono::hours(1)),
                          [&](const std::exception_ptr&, const Result<CredentialsPtr>& got) {
                            EXPECT_TRUE(got) << got.error().message;
                            ++answered;
                          });
  }
  io.poll();
  EXPECT_EQ(answered, 0);
  gate.cancel();
  io.run();
  EXPECT_EQ(answered, 8);
  EXPECT_EQ(source_->fetches, 1);
}

TEST_F(CacheTest, WaitingEndsAtTheDeadline) {
  boost::asio::io_context io;
  boost::asio::steady_timer gate(io, boost::asio::steady_timer::time_point::max());
  source_->gate = &gate;
  boost::asio::co_spawn(io, cache_.get(Deadline::max()),
                        [](const std::exception_ptr&, const Result<CredentialsPtr>&) {});
  std::optional<ErrorCode> code;
  boost::asio::co_spawn(io, cache_.get(std::chrono::steady_clock::now() + std::chrono::milliseconds(5)),
                        [&](const std::exception_ptr&, const Result<CredentialsPtr>& got) {
                          code = got.error().code;
                          gate.cancel();
                        });
  io.run();
  EXPECT_EQ(code, ErrorCode::DeadlineExceeded);
}

TEST_F(CacheTest, CutOffFetchWakesTheOthers) {
  boost::asio::io_context io;
  {
    boost::asio::io_context short_lived;
    boost::asio::steady_timer gate(short_lived, boost::asio::steady_timer::time_point::max());
    source_->gate = &gate;
    boost::asio::co_spawn(short_lived, cache_.get(Deadline::max()),
                          [](const std::exception_ptr&, const Result<CredentialsPtr>&) {});
    short_lived.poll();
  }
  source_->gate = nullptr;
  EXPECT_TRUE(get());
  EXPECT_EQ(source_->fetches, 2);
}

}  // namespace
}  // namespace loopstate::aws
