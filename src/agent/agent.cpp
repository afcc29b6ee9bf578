#include "agent/agent.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <cstdlib>

#include "agent/bus_event.hpp"
#include "agent/conversion.hpp"
#include "agent/events.hpp"
#include "agent/pepper.hpp"
#include "agent/persist.hpp"
#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "webhook/age.hpp"
#include "webhook/process.hpp"

namespace loopstate::agent {
namespace {

constexpr std::chrono::seconds kHealthFreshFor{1};

Source source_of(webhook::Provider provider) {
  switch (provider) {
    case webhook::Provider::Square:
      return Source::Square;
    case webhook::Provider::Stripe:
      return Source::Stripe;
    case webhook::Provider::Fidel:
      return Source::Fidel;
  }
  return Source::Square;
}

log::Level level_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::Failed:
    case Outcome::ClockDoubted:
      return log::Level::Error;
    case Outcome::StoreBusy:
    case Outcome::Refused:
    case Outcome::CardNotLinked:
    case Outcome::RefundExceeds:
    case Outcome::RefundOtherCurrency:
    case Outcome::TooManyWaiting:
      return log::Level::Warn;
    default:
      return log::Level::Info;
  }
}

/// How far this machine's clock may be behind a provider's before the log says so.
constexpr std::chrono::seconds kBehindMax = std::chrono::hours(1);

/// A correction that has changed by more than this is reported again.
constexpr std::chrono::seconds kCorrectionChange = std::chrono::minutes(1);

/// How far this machine's clock is behind what the event's provider knows to be past.
std::chrono::seconds behind(const webhook::Event& event, Timestamp now) {
  const auto* purchase = std::get_if<webhook::Purchase>(&event);
  if (purchase == nullptr) return {};
  return saturating_difference(std::max(purchase->told_at, purchase->occurred_at), now);
}

/// The id of the payment or refund that the event is about.
std::optional<TransactionId> subject_of(const webhook::Event& event) {
  if (const auto* purchase = std::get_if<webhook::Purchase>(&event)) return purchase->transaction;
  if (const auto* refund = std::get_if<webhook::Refund>(&event)) return refund->refund;
  return std::nullopt;
}

}  // namespace

Agent::Agent(Store store, SettingsPtr settings, RecorderOptions options, log::Logger log, PepperState pepper)
    : settings_(std::move(settings)),
      pepper_(pepper),
      recorder_(std::move(store), options, log),
      log_(std::move(log)) {}

void Agent::use(SettingsPtr settings, PepperState pepper, std::optional<PepperRecord> accepted) {
  const std::lock_guard lock(settings_mutex_);
  settings_ = std::move(settings);
  pepper_ = pepper;
  accepted_ = std::move(accepted);
}

SettingsPtr Agent::settings() const {
  const std::lock_guard lock(settings_mutex_);
  return settings_;
}

namespace {

std::unexpected<Error> left_behind() {
  return fail(
      ErrorCode::InvalidArgument,
      "other agents have begun to replace this store's pepper since this one started: give all of them "
      "the same LOOPSTATE_PEPPER and LOOPSTATE_PREVIOUS_PEPPER");
}

bool is_unlinked(Outcome outcome) {
  return outcome == Outcome::UnknownCard || outcome == Outcome::WaitingForLink ||
         outcome == Outcome::TooManyWaiting;
}

}  // namespace

Task<std::optional<Effect>> Agent::settle(SettingsPtr settings, Budget* budget) {
  {
    const std::lock_guard lock(settings_mutex_);
    if (settings_ != settings || pepper_ == PepperState::Settled) co_return std::nullopt;
  }
  co_return co_await confirm(std::move(settings), budget);
}

Task<std::optional<Effect>> Agent::confirm(SettingsPtr settings, Budget* budget) {
  StoreCall<bool> attempt = [&](CallOptions options) -> Task<Result<bool>> {
    CO_TRY_OK(co_await confirm_pepper(settings, std::move(options)));
    co_return true;
  };
  auto confirmed = co_await recorder_.persist<bool>(std::move(attempt), budget);
  if (!confirmed) co_return Recorder::failed(std::move(confirmed.error()));
  co_return std::nullopt;
}

Task<Result<void>> Agent::confirm_pepper(SettingsPtr settings, CallOptions options) {
  if (settings->webhooks.pepper.empty()) co_return Result<void>{};
  bool is_current = false;
  std::optional<PepperRecord> accepted;
  {
    const std::lock_guard lock(settings_mutex_);
    is_current = settings_ == settings;
    if (is_current) accepted = accepted_;
  }
  auto mode = is_current ? PepperMode::Settle : PepperMode::Look;
  if (accepted) {
    CO_TRY(const auto row, co_await read_pepper(recorder_.store(), options));
    if (row && same_pepper(*row, *accepted)) co_return Result<void>{};
    // What others made of the store's pepper meanwhile is not undone by a delivery.
    if (row) mode = PepperMode::Look;
  }
  const auto now = recorder_.clock().now();
  CO_TRY(auto verdict, co_await settle_pepper(recorder_.store(), settings, mode, now, std::move(options)));
  if (mode == PepperMode::Look && verdict.next) co_return left_behind();
  if (!is_current) co_return Result<void>{};
  log_.write(verdict.warns ? log::Level::Warn : log::Level::Info, verdict.said);
  const std::lock_guard lock(settings_mutex_);
  if (settings_ != settings) co_return Result<void>{};
  pepper_ = PepperState::Settled;
  accepted_ = std::move(verdict.stands);
  co_return Result<void>{};
}

/// One delivery on its way: what its log line and the counters will say.
struct Agent::LogEntry {
  Source source;
  Deadline started;
  std::uint64_t requests_before = 0;
  Budget budget;
  log::Fields fields;
};

Agent::LogEntry Agent::begin(Source source, std::string_view request_id, Deadline deadline,
                             const log::Fields& about) {
  auto fields = log::Fields().add("request_id", request_id);
  fields.append(about);
  fields.put("source", to_string(source));
  return LogEntry{source, recorder_.pacer().now(), recorder_.store().requests_sent(),
                  recorder_.begin(time_limit(source), deadline), std::move(fields)};
}

void Agent::tell_correction() {
  const auto correction = recorder_.store().clock_correction();
  auto told = told_correction_.load(std::memory_order_relaxed);
  if (std::chrono::abs(correction - told) <= kCorrectionChange) return;
  if (!told_correction_.compare_exchange_strong(told, correction, std::memory_order_relaxed)) return;
  log_.warn(correction == correction.zero() ? "this machine's clock agrees with the store's server again"
                                            : "the store's server shows this machine's clock to be wrong; it "
                                              "is corrected for, but should be set right",
            log::Fields().add("correction_s", correction.count()));
}

Answer Agent::finish(LogEntry entry, Answer answer) {
  tell_correction();
  answer.retries = entry.budget.retries;
  answer.store_requests = recorder_.store().requests_sent() - entry.requests_before;
  answer.duration =
      std::chrono::duration_cast<std::chrono::microseconds>(recorder_.pacer().now() - entry.started);
  recorder_.counters().delivered(entry.source, answer.outcome, answer.duration);
  auto& fields = entry.fields;
  fields.put("outcome", to_string(answer.outcome));
  fields.put("status", answer.status);
  fields.put("duration_us", answer.duration.count());
  fields.put("store_requests", answer.store_requests);
  if (answer.retries > 0) fields.put("retries", answer.retries);
  log_.write(level_of(answer.outcome), entry.source == Source::EventBridge ? "event" : "delivery", fields);
  return answer;
}

Task<Answer> Agent::handle(webhook::Delivery delivery, std::string request_id, Deadline deadline,
                           log::Fields about) {
  auto entry = begin(source_of(delivery.provider), request_id, deadline, about);
  Answer answer;
  if (delivery.body.size() > kBodyBytesMax) {
    recorder_.counters().refused(entry.source, "too_large");
    entry.fields.put("reason", "the body is larger than 1 MB");
    answer = too_large();
    answer.refusal = "too_large";
  } else {
    // A delivery that waited in a queue arrived a while ago; the age of its payment is measured from now.
    const auto now = recorder_.clock().now();
    const auto settings = this->settings();
    auto event = webhook::process(std::move(delivery), settings->webhooks);
    if (!event) {
      recorder_.counters().refused(entry.source, reason_of(event.error().kind));
      entry.fields.put("refusal", reason_of(event.error().kind));
      entry.fields.put("reason", event.error().message);
      answer = answer_of(event.error());
      answer.refusal = reason_of(event.error().kind);
    } else {
      if (const auto subject = subject_of(*event)) entry.fields.put("transaction", *subject);
      if (const auto late = behind(*event, now); late > kBehindMax) {
        log_.warn("this machine's clock is behind the provider's: set it right",
                  log::Fields().add("source", to_string(entry.source)).add("behind_s", late.count()));
      }
      const auto effect = co_await act(std::move(*event), settings, now, &entry.budget);
      describe(effect, entry.fields);
      answer = answer_of(effect);
    }
  }
  co_return finish(std::move(entry), std::move(answer));
}

Task<Answer> Agent::handle_event(std::string event, std::string request_id, Deadline deadline,
                                 log::Fields about) {
  auto entry = begin(Source::EventBridge, request_id, deadline, about);
  Effect effect;
  auto read = read_bus_event(event);
  if (!read) {
    recorder_.counters().refused(entry.source, "malformed_event");
    effect.outcome = Outcome::Refused;
    effect.error = std::move(read.error());
  } else {
    entry.fields.put("event_id", read->id);
    entry.fields.put("detail_type", read->detail_type);
    const auto keep_unknown = settings()->keep_unknown;
    effect = co_await act_on(std::move(*read), keep_unknown, &recorder_, &entry.budget);
  }
  describe(effect, entry.fields);
  auto answer = answer_of(effect);
  if (!read) answer.refusal = "malformed_event";
  co_return finish(std::move(entry), std::move(answer));
}

Task<Effect> Agent::act(webhook::Event event, SettingsPtr settings, Timestamp now, Budget* budget) {
  // A card that is found under the only pepper shows that it is the store's: asking first costs a request.
  const bool can_wait =
      std::holds_alternative<webhook::Purchase>(event) && settings->webhooks.previous_pepper.empty();
  if (!can_wait) {
    if (auto unsettled = co_await settle(settings, budget)) co_return std::move(*unsettled);
  }
  Effect effect;
  if (auto* purchase = std::get_if<webhook::Purchase>(&event)) {
    if (auto past = past_capturing(webhook::age_of(purchase->occurred_at, purchase->told_at, now))) {
      co_return std::move(*past);
    }
    auto record = record_of(*purchase);
    if (settings->keep_unknown.count() > 0) record.keep_unknown = settings->keep_unknown;
    effect =
        co_await recorder_.purchase(std::move(record), std::move(purchase->previous_fingerprint), budget);
  } else if (auto* refund = std::get_if<webhook::Refund>(&event)) {
    effect = co_await give_back(std::move(*refund), budget);
  } else if (auto* linked = std::get_if<webhook::CardLinked>(&event)) {
    if (auto other = co_await confirm(settings, budget)) co_return std::move(*other);
    effect = co_await link(std::move(*linked), budget);
  } else if (auto* test = std::get_if<webhook::TestPayment>(&event)) {
    effect.outcome = Outcome::TestPayment;
    effect.reason = std::move(test->reason);
  } else {
    effect.outcome = Outcome::Ignored;
    effect.reason = std::move(std::get<webhook::Ignored>(event).reason);
  }
  if (is_unlinked(effect.outcome)) {
    if (auto other = co_await confirm(std::move(settings), budget)) co_return std::move(*other);
  }
  co_return effect;
}

Task<Effect> Agent::link(webhook::CardLinked linked, Budget* budget) {
  if (linked.previous_fingerprint) {
    Card card{linked.fingerprint, linked.user, linked.card_last4, {}};
    auto previous = std::move(*linked.previous_fingerprint);
    auto brought = co_await recorder_.bring_over(std::move(previous), std::move(card), budget);
    if (!brought) co_return Recorder::failed(std::move(brought.error()));
  }
  co_return co_await recorder_.link(std::move(linked.fingerprint), std::move(linked.user),
                                    std::move(linked.card_last4), budget);
}

Task<Effect> Agent::give_back(webhook::Refund refund, Budget* budget) {
  Effect effect;
  if (refund.payment) {
    auto record = record_of(refund);
    effect = co_await recorder_.refund(std::move(record), budget);
  } else if (refund.fingerprint) {
    auto event = event_of(refund);
    if (refund.previous_fingerprint) {
      auto from = std::move(*refund.previous_fingerprint);
      auto moved = co_await recorder_.move_card(std::move(from), *refund.fingerprint, budget);
      if (!moved) co_return Recorder::failed(std::move(moved.error()));
    }
    effect = co_await recorder_.refund_by_card(std::move(refund.refund), std::move(*refund.fingerprint),
                                               std::move(event), budget);
  } else {
    effect.outcome = Outcome::UnknownPayment;
    effect.reason = "the refund names neither its payment nor a card";
  }
  co_return effect;
}

Task<Result<void>> Agent::check_store(Deadline deadline) {
  const auto began = recorder_.pacer().now();
  {
    const std::lock_guard lock(health_mutex_);
    if (health_checked_ && began - *health_checked_ < kHealthFreshFor) co_return health_;
  }
  const auto options = CallOptions().deadline(deadline);
  auto written = co_await recorder_.store().check_writable(options);
  if (written) {
    auto confirmed = co_await confirm_pepper(settings(), options);
    written = std::move(confirmed);
  }
  const std::lock_guard lock(health_mutex_);
  health_checked_ = began;
  health_ = written;
  co_return written;
}

std::string Agent::metrics(Counters::Process process) const {
  Counters::Gauges gauges;
  gauges.store_requests = recorder_.store().requests_sent();
  gauges.store_fallbacks = recorder_.store().fallbacks();
  gauges.lost = ring_losses(recorder_.store());
  gauges.cached_users = recorder_.cache().users();
  gauges.cached_bytes = recorder_.cache().bytes();
  gauges.process = std::move(process);
  return recorder_.counters().to_prometheus(gauges);
}

}  // namespace loopstate::agent
