#include "lambda/runtime.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/sleep.hpp"
#include "base/wall_clock.hpp"
#include "lambda/extension.hpp"
#include "lambda/trace_environment.hpp"

namespace loopstate::lambda {

namespace asio = boost::asio;
using std::chrono::milliseconds;

namespace {

/// With more handlers than this that do not end, a new process does better.
constexpr std::size_t kAbandonedMax = 8;
/// Lambda's largest event is 6 MB; one that is refused here would be lost.
constexpr std::size_t kEventBytesMax = 32u << 20;

Moment current_moment() {
  return {std::chrono::steady_clock::now(), wall_clock_ms()};
}

http::ClientSettings client_settings(const RuntimeConfig& config) {
  http::ClientSettings settings;
  settings.connections_max = config.polls + 2;  // the extension's two calls
  settings.reply_bytes_max = kEventBytesMax;
  return settings;
}

FunctionError function_error(const Error& error) {
  return {std::string(to_string(error.code)), error.message};
}

/// SnapStart copies a process that has started, including the state of its random generator: two copies would
/// give two writes one id, and one of them would pass for the other's repetition.
Result<Handler> refuse_snap_start() {
  return fail(
      ErrorCode::InvalidArgument,
      "SnapStart is switched on for this function (AWS_LAMBDA_INITIALIZATION_TYPE is snap-start); copies "
      "of one process would use the same random ids, so switch it off: a start takes milliseconds "
      "without it");
}

log::Fields fields_of(const FunctionError& error) {
  return log::Fields().add("error", error.type).add("error_message", error.message);
}

}  // namespace

Runtime::Runtime(RuntimeConfig config) : config_(std::move(config)) {
  // Without TLS there is nothing that could fail.
  http_ = std::move(*http::Client::create(config_.api, client_settings(config_)));
  api_.emplace(http_);
}

Runtime::~Runtime() = default;

int Runtime::run(Start start) {
  // Before there are other threads.
  if (config_.polls == 1) export_trace_id({});
  asio::co_spawn(io_, main(std::move(start)), [this](const std::exception_ptr& exception) {
    if (!exception) return;
    config_.log.error("the function could not start",
                      log::Fields().add("error_message", describe_exception(exception)));
    status_ = 1;
    io_.stop();
  });
  io_.run();
  return status_;
}

void Runtime::stop() {
  asio::post(io_, [this] { shut_down(0); });
}

void Runtime::shut_down(int status) {
  if (stopping_) return;
  stopping_ = true;
  status_ = status;
  if (pollers_.empty()) {
    io_.stop();
    return;
  }
  grace_.expires_after(config_.shutdown_grace);
  grace_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    config_.log.warn("stopped with events in flight", log::Fields().add("events", pollers_.size()));
    io_.stop();
  });
  for (Poller& poller : pollers_) {
    if (poller.waiting) poller.cancel.emit(asio::cancellation_type::terminal);
  }
}

void Runtime::leave(std::string_view why, log::Fields fields) {
  if (stopping_) return;
  config_.log.error(why, fields);
  shut_down(1);
}

Task<void> Runtime::main(Start start) {
  if (!co_await initialise(std::move(start))) {
    status_ = 1;
    io_.stop();
    co_return;
  }
  if (config_.register_extension) co_await extension_answered();
  if (stopping_) co_return;
  for (std::size_t count = 0; count < config_.polls; ++count) {
    Poller& poller = pollers_.emplace_back();
    asio::co_spawn(io_, poll(&poller),
                   asio::bind_cancellation_slot(poller.cancel.slot(),
                                                [this, &poller](std::exception_ptr) { ended(&poller); }));
  }
}

Task<bool> Runtime::initialise(Start start) {
  if (config_.register_extension) {
    asio::co_spawn(io_,
                   run_extension(http_, config_.log,
                                 [this] {
                                   registered_ = true;
                                   extension_changed_.cancel();
                                 }),
                   asio::detached);
  }
  std::optional<FunctionError> failure;
  try {
    Result<Handler> handler = refuse_snap_start();
    if (!config_.snap_start) handler = co_await start();
    if (!handler) {
      failure = function_error(handler.error());
    } else if (!*handler) {
      failure = FunctionError{"Internal", "the start function returned no handler"};
    } else {
      handler_.emplace(std::move(*handler));
    }
  } catch (...) {
    failure = FunctionError{"UnhandledException", describe_exception(std::current_exception())};
  }
  if (!failure) co_return true;
  config_.log.error("the function could not start", fields_of(*failure));
  const Delivery delivery = co_await api_->report_init(std::move(*failure));
  if (delivery.meaning != AfterPost::Delivered) {
    config_.log.warn("Lambda did not take the init error", log::Fields().add("status", delivery.status));
  }
  co_return false;
}

Task<void> Runtime::extension_answered() {
  if (registered_) co_return;
  boost::system::error_code ignored;
  extension_changed_.expires_at(Deadline::max());  // the registration has its own time limit
  co_await extension_changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void Runtime::ended(Poller* poller) {
  pollers_.remove_if([poller](const Poller& other) { return &other == poller; });
  if (pollers_.empty()) io_.stop();
}

Task<void> Runtime::poll(Poller* poller) {
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!stopping_) {
    std::exception_ptr thrown;
    try {
      std::optional<PolledEvent> event = co_await next_event(poller);
      if (event) co_await serve(std::move(*event));
    } catch (...) {
      thrown = std::current_exception();
    }
    if (!thrown) continue;
    // For example, memory ran out. The event is lost to its time-out; the next one may fare better.
    const auto fields = log::Fields().add("error_message", describe_exception(thrown));
    config_.log.error("the loop failed; going on with the next event", fields);
    if (!pause_after(++poller->failures)) leave("the loop keeps failing; the process ends", fields);
  }
}

Task<std::optional<PolledEvent>> Runtime::next_event(Poller* poller) {
  poller->waiting = true;
  Result<http::ClientReply> reply = co_await api_->next();
  const AfterNext meaning = reply ? after_next(reply->status) : AfterNext::BackOff;
  std::optional<PolledEvent> event;
  if (meaning == AfterNext::Serve) event = read_event(std::move(*reply), current_moment(), config_.reserve);
  poller->waiting = false;
  if (event) {
    poller->failures = 0;
    poller->empty = 0;
    co_return event;
  }
  if (stopping_) co_return std::nullopt;
  milliseconds pause{0};
  if (meaning == AfterNext::PollAgain) {
    pause = pause_after_empty(++poller->empty);
  } else {
    log::Fields fields;
    if (reply) {
      fields.put("status", reply->status);
    } else {
      fields.put("error_message", reply.error().message);
    }
    const auto wait = pause_after(++poller->failures);
    if (meaning == AfterNext::Leave || !wait) {
      leave("Lambda's Runtime API gives no events; the process ends, so that Lambda starts a new one",
            std::move(fields));
      co_return std::nullopt;
    }
    config_.log.warn(meaning == AfterNext::Serve ? "an event without a request id cannot be answered"
                                                 : "Lambda's Runtime API gave no event; asking again",
                     fields);
    pause = *wait;
  }
  if (pause > milliseconds(0)) {
    poller->waiting = true;
    co_await async::sleep_for(pause);
    poller->waiting = false;
  }
  co_return std::nullopt;
}

Task<void> Runtime::serve(PolledEvent event) {
  const std::string request_id = event.invocation.request_id;
  log::Fields names = log::Fields().add("request_id", request_id);
  if (!event.invocation.trace_id.empty()) names.put("trace_id", event.invocation.trace_id);
  const log::Logger log = config_.log.with(names);
  if (!event.deadline_known) log.warn("the event has no deadline; it is given 3 s");
  if (config_.polls == 1) export_trace_id(event.invocation.trace_id);
  event.invocation.cold = std::exchange(cold_, false);

  HandlerOutcome outcome =
      co_await call_handler(&*handler_, std::move(event.invocation), event.time, abandoned_);
  std::optional<FunctionError> failure;
  if (outcome.kind == HandlerOutcome::Kind::Reply) {
    const std::size_t bytes = outcome.reply.size();
    const Delivery delivery =
        co_await api_->respond(request_id, event.invocation_id, std::move(outcome.reply));
    log_delivery(delivery, true, log);
    if (delivery.meaning == AfterPost::TooLarge) {
      failure = FunctionError{"ResponseSizeTooLarge",
                              "the reply has " + std::to_string(bytes) + " bytes, more than Lambda takes"};
    }
  } else {
    failure = std::move(outcome.error);
    const bool logged = outcome.kind == HandlerOutcome::Kind::Refused &&
                        config_.errors_logged_by == ErrorsLoggedBy::TheHandler;
    if (!logged) log.warn("the handler failed", fields_of(*failure));
  }
  if (failure) {
    const Delivery delivery = co_await api_->report(request_id, event.invocation_id, std::move(*failure));
    log_delivery(delivery, false, log);
  }
  if (abandoned_->running > kAbandonedMax) {
    leave(
        "too many handlers are still running after their time; the process ends, so that Lambda starts a new "
        "one",
        log::Fields().add("handlers", abandoned_->running));
  }
}

void Runtime::log_delivery(const Delivery& delivery, bool was_reply, const log::Logger& log) {
  const auto fields = log::Fields().add("what", was_reply ? "reply" : "error").add("status", delivery.status);
  switch (delivery.meaning) {
    case AfterPost::Delivered:
      return;
    case AfterPost::Stale:
      log.info("Lambda has given this event up; going on with the next", fields);
      return;
    case AfterPost::Refused:
      if (delivery.repeated) return;  // the first try had arrived
      log.warn("Lambda refused what the handler answered: its time was up, or it had already been answered",
               fields);
      return;
    case AfterPost::TooLarge:
      log.error("Lambda refused the reply for its size", fields);
      return;
    case AfterPost::TryAgain:
      log.error("what the handler answered could not be delivered",
                log::Fields()
                    .add("what", was_reply ? "reply" : "error")
                    .add("status", delivery.status)
                    .add("error_message", delivery.failure));
      return;
    case AfterPost::Leave:
      leave("Lambda's Runtime API is broken; the process ends, so that Lambda starts a new one", fields);
      return;
  }
}

}  // namespace loopstate::lambda
