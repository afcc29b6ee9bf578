#include "aws/credential_cache.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/try.hpp"

namespace loopstate::aws {
namespace {

namespace asio = boost::asio;
using Signal = asio::experimental::concurrent_channel<void(boost::system::error_code)>;

constexpr std::chrono::seconds kRefreshAhead = std::chrono::minutes(5);
constexpr std::chrono::seconds kLastMoment = std::chrono::minutes(1);
// After a failed early refresh, so that not every call tries again.
constexpr std::chrono::seconds kPauseAfterFailure{30};

}  // namespace

CacheDecision decide(const CredentialsPtr& held, bool refused, Timestamp now) {
  if (!held || refused) return CacheDecision::Refresh;
  if (!held->expires_at || *held->expires_at > now + kRefreshAhead) return CacheDecision::Use;
  return *held->expires_at > now + kLastMoment ? CacheDecision::UseAndRefresh : CacheDecision::Refresh;
}

struct CredentialCache::Shared {
  std::mutex mutex;
  CredentialsPtr held;
  bool refused = false;
  bool fetching = false;
  Timestamp pause_until{};
  std::vector<std::shared_ptr<Signal>> waiting;

  // The fetch has ended, successfully or not: the waiters look again.
  void finish(const Result<CredentialsPtr>& outcome, Timestamp now) {
    std::vector<std::shared_ptr<Signal>> woken;
    {
      const std::lock_guard lock(mutex);
      fetching = false;
      if (outcome) {
        held = *outcome;
        refused = false;
      } else {
        pause_until = now + kPauseAfterFailure;
      }
      woken.swap(waiting);
    }
    for (const auto& signal : woken) signal->try_send(boost::system::error_code());
  }
};

namespace {

// A fetch that is cut off (its call was cancelled) must not keep the others waiting forever.
template <typename Shared>
class FetchGuard {
 public:
  explicit FetchGuard(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  FetchGuard(const FetchGuard&) = delete;
  FetchGuard& operator=(const FetchGuard&) = delete;
  ~FetchGuard() {
    if (shared_)
      shared_->finish(fail(ErrorCode::Cancelled, "the call that fetched credentials was cancelled"), {});
  }
  void finish(const Result<CredentialsPtr>& outcome, Timestamp now) {
    std::exchange(shared_, nullptr)->finish(outcome, now);
  }

 private:
  std::shared_ptr<Shared> shared_;
};

Task<Result<void>> wait_for(std::shared_ptr<Signal> signal, Deadline deadline) {
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  auto late = std::make_shared<bool>(false);  // the handler may run after this coroutine has ended
  timer.async_wait([late, signal](const boost::system::error_code& stopped) {
    if (stopped) return;
    *late = true;
    signal->try_send(boost::system::error_code());
  });
  const auto [failed] = co_await signal->async_receive(asio::as_tuple(asio::use_awaitable));
  timer.cancel();
  if (failed) co_return fail(ErrorCode::Cancelled, "the call was cancelled while it waited for credentials");
  if (*late) {
    co_return fail(ErrorCode::DeadlineExceeded, "the deadline passed while credentials were being fetched",
                   true);
  }
  co_return Result<void>{};
}

}  // namespace

CredentialCache::CredentialCache(CredentialSourcePtr source, const Clock& clock)
    : source_(std::move(source)), clock_(clock), shared_(std::make_shared<Shared>()) {}

CredentialCache::~CredentialCache() = default;

Task<Result<CredentialsPtr>> CredentialCache::get(Deadline deadline) {
  auto shared = shared_;
  const auto executor = co_await asio::this_coro::executor;
  CredentialsPtr fallback;
  for (;;) {
    std::shared_ptr<Signal> signal;
    {
      const std::lock_guard lock(shared->mutex);
      const auto now = clock_.now();
      const auto decision = decide(shared->held, shared->refused, now);
      if (decision == CacheDecision::Use) co_return shared->held;
      const bool can_wait = decision == CacheDecision::UseAndRefresh;
      if (can_wait && (shared->fetching || now < shared->pause_until)) co_return shared->held;
      fallback = can_wait ? shared->held : nullptr;
      if (shared->fetching) {
        signal = std::make_shared<Signal>(executor, 2);
        shared->waiting.push_back(signal);
      }
      shared->fetching = true;
    }
    if (!signal) break;
    CO_TRY_OK(co_await wait_for(signal, deadline));
    // If that fetch failed, this call makes its own.
  }
  FetchGuard guard(shared);
  auto fetched = co_await source_->fetch(deadline);
  guard.finish(fetched, clock_.now());
  if (!fetched && fallback) co_return fallback;
  co_return fetched;
}

void CredentialCache::refuse() {
  const std::lock_guard lock(shared_->mutex);
  shared_->refused = true;
}

}  // namespace loopstate::aws
