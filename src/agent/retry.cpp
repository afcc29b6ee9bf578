#include "agent/retry.hpp"

namespace loopstate::agent {

bool is_passing(const Error& error) noexcept {
  switch (error.code) {
    case ErrorCode::OutcomeUnknown:
    case ErrorCode::Unavailable:
    case ErrorCode::Throttled:
      return true;
    default:
      return error.retryable;
  }
}

std::optional<std::chrono::milliseconds> next_wait(const RetryPolicy& policy, const Error& error,
                                                   unsigned failures, std::chrono::milliseconds left,
                                                   double random) noexcept {
  if (!is_passing(error) || failures >= policy.tries_max) return std::nullopt;
  const auto wait = policy.backoff.wait(failures, random);
  if (left < wait + policy.reserve) return std::nullopt;
  return wait;
}

Outcome outcome_of(ErrorCode code) noexcept {
  switch (code) {
    // Passing on their own.
    case ErrorCode::OutcomeUnknown:
    case ErrorCode::DeadlineExceeded:
    case ErrorCode::Cancelled:
    case ErrorCode::Unavailable:
    case ErrorCode::Throttled:
    case ErrorCode::VersionConflict:
    case ErrorCode::TableNotReady:
    case ErrorCode::NameResolutionFailed:
    case ErrorCode::ConnectionFailed:
    case ErrorCode::TlsFailed:
    case ErrorCode::ProtocolError:
    case ErrorCode::ClockSkew:
    case ErrorCode::CredentialsExpired:
    // Fixed by an operator, often within the day or three for which Square and Stripe keep trying.
    case ErrorCode::StorageFull:
    case ErrorCode::StorageReadOnly:
    case ErrorCode::StorageFailure:
    case ErrorCode::TableNotFound:
    case ErrorCode::AccessDenied:
    case ErrorCode::NoCredentials:
      return Outcome::StoreBusy;
    case ErrorCode::Erased:
      return Outcome::UserErased;
    case ErrorCode::CardLinkedElsewhere:
      return Outcome::CardNotLinked;
    default:
      return Outcome::Failed;
  }
}

std::chrono::milliseconds time_limit(Source source) noexcept {
  switch (source) {
    case Source::Square:
      return std::chrono::milliseconds(8'000);
    case Source::Stripe:
      return std::chrono::milliseconds(10'000);
    case Source::Fidel:
      return std::chrono::milliseconds(18'000);
    case Source::EventBridge:
      return std::chrono::milliseconds(60'000);
  }
  return std::chrono::milliseconds(8'000);
}

}  // namespace loopstate::agent
