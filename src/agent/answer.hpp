// What the sender of a delivery is told.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "agent/outcome.hpp"
#include "agent/recorder.hpp"
#include "webhook/refusal.hpp"

namespace loopstate::agent {

/// An HTTP answer without HTTP: the server and Lambda each give it their own form.
struct Answer {
  int status = 200;
  std::optional<std::chrono::seconds> retry_after;
  std::string body;  ///< a small JSON object, without secrets, card ids or users

  // For logs and metrics.
  Outcome outcome = Outcome::Ignored;
  std::string_view refusal;  ///< why it was refused, one of reason_of's words; empty: it was not refused
  unsigned retries = 0;
  std::uint64_t store_requests = 0;  ///< approximate: those of other deliveries at the same time count too
  std::chrono::microseconds duration{0};
};

/// Every provider sends again after any status but 2xx, and never after a 2xx. So: 2xx for all that a
/// repetition cannot change; 503 with Retry-After for what may soon recover; 500 for what needs an
/// operator first. docs/agent.md has the table.
Answer answer_of(const Effect& effect);

/// 401 not signed, 400 a signature header that cannot be read, 403 not signed by the provider or too long
/// ago, 422 correctly signed but not understood, 503 switched off.
Answer answer_of(const webhook::Refusal& refusal);

/// 413.
Answer too_large();

/// The word under which metrics count a refusal, e.g. "bad_signature".
std::string_view reason_of(webhook::RefusalKind kind) noexcept;

}  // namespace loopstate::agent
