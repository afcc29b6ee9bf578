#include "open/dynamodb/fallback.hpp"

namespace loopstate::engines {

namespace {

constexpr std::chrono::minutes kAskPause{1};
constexpr std::chrono::seconds kRefusalsLast{10};  // longer than a cluster's list is not asked for

}  // namespace

Deadline Fallback::limit(Deadline now, Deadline deadline) noexcept {
  if (deadline == Deadline::max() || deadline <= now) return deadline;
  return now + (deadline - now) / 2;
}

Fallback::Verdict Fallback::judge(const Error& error, bool in_time) noexcept {
  if (!in_time) return Verdict::Stays;
  switch (error.code) {
    case ErrorCode::ConnectionFailed:
    case ErrorCode::NameResolutionFailed:
    case ErrorCode::DeadlineExceeded:  // the cluster's half is over
      return Verdict::NotDone;
    case ErrorCode::TlsFailed:
    case ErrorCode::ProtocolError:
      // A certificate for another name stays wrong, and so does a server that is not a cluster: those need a
      // person.
      return error.retryable ? Verdict::NotDone : Verdict::Stays;
    case ErrorCode::OutcomeUnknown:
      return Verdict::Unknown;
    default:
      return Verdict::Stays;
  }
}

Fallback::News Fallback::answered(Deadline now) noexcept {
  // Read first: every call comes through here, and writing would evict the line from other threads' caches.
  if (!is_away() || now < back_from_.load(std::memory_order_relaxed)) return News::None;
  return away_.exchange(false) ? News::Back : News::None;
}

Fallback::News Fallback::fell_back(Deadline now) noexcept {
  count_.fetch_add(1, std::memory_order_relaxed);
  back_from_.store(now + quiet_, std::memory_order_relaxed);
  return away_.exchange(true) ? News::None : News::Away;
}

Fallback::Suspect Fallback::suspect(Deadline now) noexcept {
  if (now < corrected_until_.load(std::memory_order_relaxed)) return Suspect::CorrectedClock;
  Deadline due = ask_due_.load(std::memory_order_relaxed);
  if (now < due || !ask_due_.compare_exchange_strong(due, now + kAskPause)) return Suspect::Credentials;
  return Suspect::Ask;
}

void Fallback::corrected_clock(Deadline now) noexcept {
  corrected_until_.store(now + kRefusalsLast, std::memory_order_relaxed);
}

}  // namespace loopstate::engines
