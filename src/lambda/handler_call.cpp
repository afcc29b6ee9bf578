#include "lambda/handler_call.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <optional>

namespace loopstate::lambda {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kExceptionBytesMax = 1000;

/// Outlives the caller if the handler does.
struct HandlerCall {
  HandlerCall(const asio::any_io_executor& executor, std::shared_ptr<Abandoned> abandoned_by)
      : changed(executor), abandoned(std::move(abandoned_by)) {}

  asio::steady_timer changed;
  asio::cancellation_signal cancel;
  std::optional<Result<std::string>> result;
  std::exception_ptr thrown;
  std::shared_ptr<Abandoned> abandoned;
  bool done = false;
  bool left = false;  // nobody is waiting for it any more

  void finish(std::exception_ptr exception, Result<std::string> answer) {
    done = true;
    thrown = std::move(exception);
    result = std::move(answer);
    if (left) --abandoned->running;
    changed.cancel();
  }
};

/// A handler that is not a coroutine may throw before there is anything to wait for.
std::exception_ptr start(const Handler& handler, Invocation invocation, const asio::any_io_executor& executor,
                         const std::shared_ptr<HandlerCall>& call) {
  try {
    asio::co_spawn(executor, handler(std::move(invocation)),
                   asio::bind_cancellation_slot(
                       call->cancel.slot(), [call](std::exception_ptr exception, Result<std::string> answer) {
                         call->finish(std::move(exception), std::move(answer));
                       }));
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

HandlerOutcome outcome_of(HandlerCall& call, bool cancelled) {
  HandlerOutcome outcome;
  if (call.thrown) {
    outcome.kind = HandlerOutcome::Kind::Threw;
    outcome.error = {"UnhandledException", describe_exception(call.thrown)};
  } else if (*call.result) {
    outcome.kind = HandlerOutcome::Kind::Reply;
    outcome.reply = std::move(**call.result);
  } else {
    outcome.kind = HandlerOutcome::Kind::Refused;
    outcome.error = {std::string(to_string(call.result->error().code)), call.result->error().message};
  }
  // What it reports after being cancelled is due to that, unless it finished after all.
  if (cancelled && outcome.kind != HandlerOutcome::Kind::Reply) outcome.kind = HandlerOutcome::Kind::Overran;
  return outcome;
}

}  // namespace

std::string describe_exception(const std::exception_ptr& exception) noexcept {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    return std::string(std::string_view(error.what()).substr(0, kExceptionBytesMax));
  } catch (...) {
    return "something that is not a std::exception was thrown";
  }
}

Task<HandlerOutcome> call_handler(const Handler* handler, Invocation invocation, TimeAllowed time,
                                  std::shared_ptr<Abandoned> abandoned) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto call = std::make_shared<HandlerCall>(executor, abandoned);
  if (auto thrown = start(*handler, std::move(invocation), executor, call)) {
    call->finish(std::move(thrown), Result<std::string>());
  }
  boost::system::error_code ignored;
  bool cancelled = false;
  if (!call->done) {
    call->changed.expires_at(time.cancel);
    co_await call->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  if (!call->done) {
    cancelled = true;
    call->cancel.emit(asio::cancellation_type::terminal);
  }
  if (!call->done) {
    call->changed.expires_at(time.give_up);
    co_await call->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  HandlerOutcome outcome;
  if (call->done) {
    outcome = outcome_of(*call, cancelled);
  } else {
    call->left = true;
    ++abandoned->running;
  }
  if (outcome.kind == HandlerOutcome::Kind::Overran) {
    outcome.error = {"DeadlineExceeded", "the handler was still busy when the invocation's time was over"};
  }
  co_return outcome;
}

}  // namespace loopstate::lambda
