#include "store/spine/attempts.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>

#include "async/backoff.hpp"
#include "async/sleep.hpp"

namespace loopstate::store {
namespace {

constexpr int kAttemptsWithoutPause = 2;
constexpr async::Backoff kBackoff{std::chrono::milliseconds(8), std::chrono::milliseconds(250)};
constexpr async::Backoff kPatient{std::chrono::milliseconds(8), std::chrono::milliseconds(32)};

Task<Result<void>> pause(int attempt, Deadline deadline, async::Backoff backoff) {
  if (attempt < kAttemptsWithoutPause) co_return Result<void>{};
  const auto wait = backoff.wait(static_cast<unsigned>(attempt) - 1, async::jitter());
  if (std::chrono::steady_clock::now() + wait >= deadline) {
    co_return fail(ErrorCode::DeadlineExceeded, "the deadline passed while other writers kept winning", true);
  }
  const bool slept = co_await async::sleep_for(wait);
  if (!slept) co_return fail(ErrorCode::Cancelled, "the call was cancelled before it wrote anything");
  co_return Result<void>{};
}

}  // namespace

Task<Result<void>> pause_before_retry(int attempt, Deadline deadline) {
  return pause(attempt, deadline, kBackoff);
}

Task<Result<void>> Attempts::next() {
  return pause(made_++, deadline_, patience_ == Patience::Deadline ? kPatient : kBackoff);
}

std::unexpected<Error> Attempts::gave_up() const {
  return fail(ErrorCode::Unavailable,
              fmt::format("{} kept changing during {} attempts", subject_, kMaxAttempts), true);
}

}  // namespace loopstate::store
