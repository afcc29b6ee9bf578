#include "dynamodb/caller.hpp"

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <span>

#include "async/backoff.hpp"
#include "async/sleep.hpp"
#include "crypto/random.hpp"
#include "table/service/certainty.hpp"

namespace loopstate::dynamodb {

namespace asio = boost::asio;
using std::chrono::steady_clock;
using table::service::Certainty;
using table::service::Retry;
using table::service::TokenAge;

std::string random_id() {
  // Written out: this is done for every call, and fmt would take ten times as long. The service takes two
  // requests with one id for the same, so a child process must not draw what its parent draws.
  std::array<std::uint64_t, 2> drawn{};
  crypto::random_bytes(std::as_writable_bytes(std::span(drawn)));
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id = "xxxxxxxx-xxxx-4xxx-9xxx-xxxxxxxxxxxx";
  std::uint64_t bits = 0;
  std::size_t used = 0;
  int left = 0;
  for (char& c : id) {
    if (c != 'x') continue;
    if (left == 0) {
      bits = drawn.at(used++);
      left = 16;
    }
    c = kDigits[bits & 15];
    bits >>= 4;
    --left;
  }
  return id;
}

Caller::Caller(std::shared_ptr<Sender> sender, CallerSettings settings)
    : sender_(std::move(sender)), settings_(std::move(settings)), clock_(*settings_.clock) {}

double Caller::random() const {
  return settings_.random ? settings_.random() : async::jitter();
}

std::optional<Timestamp> Caller::date_of(const http::ClientReply& reply, Timestamp received_at) const {
  // Parsing a date takes time, and once a second is enough; but not for a refusal, which it may explain.
  if (reply.status == 200 && !clock_.wants(received_at)) return std::nullopt;
  const auto date = reply.header("date");
  return date ? parse_http_date(*date) : std::nullopt;
}

void Caller::note_time(const Sighting& seen, std::chrono::seconds signed_offset, const CallOutcome& outcome) {
  // Anything in between says nothing about the service's time: its refusals lack one of the service's names.
  if (!outcome && outcome.error().type.empty()) return;
  difference_.store(seen.date - seen.received_at, std::memory_order_relaxed);
  const bool for_time = !outcome && outcome.error().again == Again::Clock;
  const auto evidence = for_time ? Evidence::RefusedForTime : Evidence::SignatureTaken;
  if (is_believable(seen, signed_offset, evidence)) clock_.saw(seen);
}

Task<CallOutcome> Caller::call(Operation operation, std::string body, Deadline deadline,
                               std::optional<Instant> maybe_done_since) {
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  // The connections are the parent's: if two processes use one, either may get the other's reply.
  if (auto ok = fork_guard_.check(); !ok) {
    Failure failure;
    failure.error = std::move(ok.error());
    co_return std::unexpected(std::move(failure));
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  Retry retry(settings_.retry, budget_);
  Certainty certainty(operation);
  TokenAge token(operation, settings_.token, maybe_done_since);
  Attempt attempt{operation, std::move(body), 1, settings_.retry.attempts_max, random_id()};
  CallOutcome outcome = std::unexpected(Failure());
  while (true) {
    attempt.may_send = token.sending();
    if (attempt.may_send && !attempt.may_send()) {
      outcome.error().error = token.expired(outcome.error().error);
      break;
    }
    attempt.number = retry.attempt();
    attempt.clock_offset = clock_.offset();
    const Timestamp sent_at = clock_.local();
    Attempt copy = attempt;
    const Deadline limit = std::min(deadline, steady_clock::now() + settings_.attempt_timeout);
    requests_.fetch_add(1, std::memory_order_relaxed);
    http::ClientOutcome sent = co_await sender_->send(std::move(copy), limit);
    if (sent) {
      const Timestamp received_at = clock_.local();
      const auto date = date_of(*sent, received_at);
      outcome = understand(operation, std::move(*sent), received_at + attempt.clock_offset);
      if (date) note_time({sent_at, received_at, *date}, attempt.clock_offset, outcome);
    } else {
      outcome = std::unexpected(understand(operation, std::move(sent.error())));
    }
    if (!outcome) certainty.add(outcome.error());
    if (certainty.maybe_done()) token.maybe_done();
    if (outcome || outcome.error().refused) {
      retry.answered();
      break;
    }
    Failure& failure = outcome.error();
    // The attempt's own limit was reached, not the call's.
    const bool in_time = steady_clock::now() < deadline;
    if (failure.error.code == ErrorCode::DeadlineExceeded && in_time) {
      failure.error.code = ErrorCode::Unavailable;
    }
    const Retry::Decision decision =
        in_time ? retry.failed(failure.again, failure.retry_after, random()) : Retry::Decision();
    if (!decision.again) break;
    if (decision.refresh_credentials) sender_->refresh_credentials();
    if (decision.delay.count() > 0) {
      if (steady_clock::now() + decision.delay >= deadline) break;
      const bool slept = co_await async::sleep_for(decision.delay);
      if (!slept) {
        failure.error = Error{ErrorCode::Cancelled, "the call was cancelled", false, nullptr};
        break;
      }
    }
  }
  if (!outcome) certainty.conclude(outcome.error());
  co_await asio::this_coro::throw_if_cancelled(throws);
  co_return outcome;
}

Task<Result<void>> Caller::pause(std::uint32_t number, Deadline deadline) {
  const async::Backoff backoff{settings_.retry.transient_base, settings_.retry.delay_max};
  co_return co_await wait(backoff.wait(number, random()), deadline);
}

Task<Result<void>> Caller::wait(std::chrono::milliseconds delay, Deadline deadline) {
  if (steady_clock::now() + delay >= deadline) {
    co_return fail(ErrorCode::DeadlineExceeded, "the deadline passed while waiting to try again", true);
  }
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const bool slept = co_await async::sleep_for(delay);
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (!slept) co_return fail(ErrorCode::Cancelled, "the call was cancelled");
  co_return Result<void>();
}

}  // namespace loopstate::dynamodb
