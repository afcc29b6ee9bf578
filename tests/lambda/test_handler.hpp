// A handler that does what the event says.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "json/writer.hpp"
#include "loopstate/lambda.hpp"

namespace loopstate::lambda {

/// What the handlers of one process share.
struct TestHandlerState {
  std::size_t together = 0;
  std::atomic<std::size_t> waiting = 0;  ///< how many "wait" events have arrived so far
};

inline Task<void> pause(std::chrono::milliseconds duration) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, duration);
  co_await timer.async_wait(boost::asio::use_awaitable);
}

inline std::size_t number_after(std::string_view text, std::string_view prefix) {
  std::size_t number = 0;
  std::from_chars(text.data() + prefix.size(), text.data() + text.size(), number);
  return number;
}

inline std::string describe(const Invocation& invocation) {
  const char* const exported = std::getenv("_X_AMZN_TRACE_ID");
  json::Writer json;
  json.begin_object().key("request_id").string(invocation.request_id);
  json.key("arn").string(invocation.function_arn).key("trace_id").string(invocation.trace_id);
  json.key("exported_trace_id").string(exported == nullptr ? "(not set)" : exported);
  json.key("tenant_id").string(invocation.tenant_id).key("client_context").string(invocation.client_context);
  json.key("cognito_identity").string(invocation.cognito_identity);
  json.key("cold").boolean(invocation.cold).end_object();
  return std::move(json).take();
}

inline Task<Result<std::string>> behave(Invocation invocation, std::shared_ptr<TestHandlerState> state) {
  const std::string event = std::move(invocation.event);
  if (event == "describe") co_return describe(invocation);
  if (event == "throw") throw std::runtime_error("the handler's own words");
  if (event == "throw a number") throw 7;
  if (event == "fail") co_return fail(ErrorCode::InvalidArgument, "the event has no user");
  if (event.starts_with("big:")) co_return std::string(number_after(event, "big:"), 'x');
  if (event.starts_with("together:")) {
    ++state->together;
    while (state->together < number_after(event, "together:")) co_await pause(std::chrono::milliseconds(1));
    co_return "were together";
  }
  if (event.starts_with("wait:")) {
    ++state->waiting;
    state->waiting.notify_all();
    co_await pause(std::chrono::milliseconds(number_after(event, "wait:")));
    co_return "waited";
  }
  if (event.starts_with("terminated, then wait:")) {
    static_cast<void>(std::raise(SIGTERM));
    co_await pause(std::chrono::milliseconds(number_after(event, "terminated, then wait:")));
  }
  if (event == "deaf") {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    co_await pause(std::chrono::hours(1));
  }
  co_return "echo " + event;
}

}  // namespace loopstate::lambda
