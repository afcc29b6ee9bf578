// The loop: next event, handler, reply, and again.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <memory>
#include <optional>

#include "http/client/client.hpp"
#include "lambda/handler_call.hpp"
#include "lambda/runtime_client.hpp"
#include "log/log.hpp"
#include "loopstate/lambda.hpp"
#include "loopstate/task.hpp"

namespace loopstate::lambda {

/// Who writes the line about an Error that the handler returns. The loop always logs what a handler throws,
/// and that it overran.
enum class ErrorsLoggedBy : std::uint8_t { Loop, TheHandler };

/// RuntimeOptions, read and checked.
struct RuntimeConfig {
  http::Endpoint api;
  std::size_t polls = 1;
  std::chrono::milliseconds reserve{300};
  std::chrono::milliseconds shutdown_grace{250};
  bool register_extension = true;
  bool snap_start = false;  ///< as AWS_LAMBDA_INITIALIZATION_TYPE says
  ErrorsLoggedBy errors_logged_by = ErrorsLoggedBy::Loop;
  log::Logger log;

  /// InvalidArgument.
  static Result<RuntimeConfig> read(const RuntimeOptions& options);
};

/// One thread runs it; `stop` may be called from any.
class Runtime {
 public:
  explicit Runtime(RuntimeConfig config);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Runs until `stop`, or until there is no point in continuing. Returns the exit status. Call it once.
  int run(Start start);

  /// Takes no more events, and lets those in flight finish, within `shutdown_grace`.
  void stop();

  boost::asio::io_context& io() noexcept { return io_; }

 private:
  /// One of the loops that poll.
  struct Poller {
    boost::asio::cancellation_signal cancel;
    bool waiting = false;  ///< for an event, or to ask for one: can be cancelled without harm
    unsigned failures = 0;
    unsigned empty = 0;
  };

  Task<void> main(Start start);
  Task<bool> initialise(Start start);
  Task<void> extension_answered();
  Task<void> poll(Poller* poller);
  /// Nothing if the loop should check whether to continue.
  Task<std::optional<PolledEvent>> next_event(Poller* poller);
  Task<void> serve(PolledEvent event);
  void log_delivery(const Delivery& delivery, bool was_reply, const log::Logger& log);

  void ended(Poller* poller);
  void shut_down(int status);
  void leave(std::string_view why, log::Fields fields);

  RuntimeConfig config_;
  std::shared_ptr<http::Client> http_;
  std::optional<RuntimeClient> api_;
  std::optional<Handler> handler_;
  std::shared_ptr<Abandoned> abandoned_ = std::make_shared<Abandoned>();
  bool cold_ = true;
  bool stopping_ = false;
  bool registered_ = false;
  int status_ = 0;
  std::list<Poller> pollers_;
  // Last, so that what waits on it is destroyed before what it uses.
  boost::asio::io_context io_{1};
  boost::asio::steady_timer extension_changed_{io_};
  boost::asio::steady_timer grace_{io_};
};

/// loopstate/lambda.hpp's `run`, for a handler that may log its own errors.
int run(Start start, RuntimeOptions options, ErrorsLoggedBy errors_logged_by);

}  // namespace loopstate::lambda
