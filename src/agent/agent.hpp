// The agent: from a webhook delivery to the user's state, and to an answer that makes the provider repeat it
// exactly when that can help. It has no sockets: the server and Lambda both call it.
//
// A delivery's Outcome is the word for what became of it; its Effect is the Outcome with all the details,
// from the Recorder, which writes within the delivery's Budget; its Answer is what the sender is told.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

#include "agent/answer.hpp"
#include "agent/counters.hpp"
#include "agent/recorder.hpp"
#include "log/log.hpp"
#include "loopstate/store.hpp"
#include "loopstate/task.hpp"
#include "loopstate/webhook_delivery.hpp"
#include "loopstate/webhook_event.hpp"
#include "webhook/settings.hpp"

namespace loopstate::agent {

/// A larger body is answered with 413 before its signature is checked.
inline constexpr std::size_t kBodyBytesMax = 1u << 20;

/// May be used from several threads; outlives its calls.
class Agent {
 public:
  Agent(Store store, webhook::WebhookSettings settings, RecorderOptions options, log::Logger log);

  /// Never fails: whatever happens becomes an answer, a count and one log line. Ends within the provider's
  /// own time limit, or by `deadline` if that is earlier. `request_id` names the call in the log, and `about`
  /// is what else the log line says about it.
  Task<Answer> handle(webhook::Delivery delivery, std::string request_id, Deadline deadline,
                      log::Fields about = {});

  /// An event from EventBridge, as the JSON that it delivers (bus_event.hpp). The same guarantees; 422 if it
  /// cannot be read.
  Task<Answer> handle_event(std::string event, std::string request_id, Deadline deadline,
                            log::Fields about = {});

  /// Whether a payment could be recorded now: one small write by `deadline`, at most one a second, whose
  /// result serves everybody who asks within that second.
  Task<Result<void>> check_store(Deadline deadline);

  /// Prometheus text.
  std::string metrics(Counters::Process process = {}) const;

  Recorder& recorder() noexcept { return recorder_; }
  const Counters& counters() const noexcept { return recorder_.counters(); }
  Counters& counters() noexcept { return recorder_.counters(); }

 private:
  struct LogEntry;
  LogEntry begin(Source source, std::string_view request_id, Deadline deadline, const log::Fields& about);
  /// Counts and logs what became of it.
  Answer finish(LogEntry entry, Answer answer);
  /// Reports once that the store's server shows this machine's clock to be wrong, and again if that changes.
  void tell_correction();
  Task<Effect> act(webhook::Event event, Timestamp now, Budget* budget);
  Task<Effect> give_back(webhook::Refund refund, Budget* budget);

  webhook::WebhookSettings settings_;
  Recorder recorder_;
  log::Logger log_;
  std::atomic<std::chrono::seconds> told_correction_{
      std::chrono::seconds::zero()};  ///< what the log last reported
  std::mutex health_mutex_;           ///< guards the two below
  std::optional<Deadline> health_checked_;
  Result<void> health_;
};

}  // namespace loopstate::agent
