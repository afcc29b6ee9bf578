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
#include "agent/settings.hpp"
#include "log/log.hpp"
#include "loopstate/pepper.hpp"
#include "loopstate/store.hpp"
#include "loopstate/task.hpp"
#include "loopstate/webhook_delivery.hpp"
#include "loopstate/webhook_event.hpp"

namespace loopstate::agent {

/// A larger body is answered with 413 before its signature is checked.
inline constexpr std::size_t kBodyBytesMax = 1u << 20;

enum class PepperState : bool { Unsettled, Settled };

/// May be used from several threads; outlives its calls.
class Agent {
 public:
  /// `pepper`: whether the pepper is known to be the store's. If not, the first delivery waits until it is.
  Agent(Store store, SettingsPtr settings, RecorderOptions options, log::Logger log,
        PepperState pepper = PepperState::Settled);

  /// From now on deliveries are judged by these; those under way keep what they began with. `accepted`: the
  /// store's row with which the pepper was found to agree, if it was looked at.
  void use(SettingsPtr settings, PepperState pepper, std::optional<PepperRecord> accepted = {});
  SettingsPtr settings() const;

  /// Never fails: whatever happens becomes an answer, a count and one log line. Ends within the provider's
  /// own time limit, or by `deadline` if that is earlier. `request_id` names the call in the log, and `about`
  /// is what else the log line says about it.
  Task<Answer> handle(webhook::Delivery delivery, std::string request_id, Deadline deadline,
                      log::Fields about = {});

  /// An event from EventBridge, as the JSON that it delivers (bus_event.hpp). The same guarantees; 422 if it
  /// cannot be read.
  Task<Answer> handle_event(std::string event, std::string request_id, Deadline deadline,
                            log::Fields about = {});

  /// Whether a payment could be recorded now, and the pepper is still the store's: one small write and one
  /// read by `deadline`, at most once a second; the result serves everybody who asks within that second.
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
  /// Nothing once the pepper is known to be the store's.
  Task<std::optional<Effect>> settle(SettingsPtr settings, Budget* budget);
  /// Nothing if the pepper is the store's at this moment. Whatever rests on a card that was not found, or
  /// links one, asks: agents with another pepper may have changed it, and moved the card.
  Task<std::optional<Effect>> confirm(SettingsPtr settings, Budget* budget);
  Task<Result<void>> confirm_pepper(SettingsPtr settings, CallOptions options);
  Task<Effect> act(webhook::Event event, SettingsPtr settings, Timestamp now, Budget* budget);
  Task<Effect> link(webhook::CardLinked linked, Budget* budget);
  Task<Effect> give_back(webhook::Refund refund, Budget* budget);

  mutable std::mutex settings_mutex_;  ///< guards the three below
  SettingsPtr settings_;
  PepperState pepper_;
  std::optional<PepperRecord> accepted_;  ///< the store's row when the pepper was last found to be its own
  Recorder recorder_;
  log::Logger log_;
  std::atomic<std::chrono::seconds> told_correction_{
      std::chrono::seconds::zero()};  ///< what the log last reported
  std::mutex health_mutex_;           ///< guards the two below
  std::optional<Deadline> health_checked_;
  Result<void> health_;
};

}  // namespace loopstate::agent
