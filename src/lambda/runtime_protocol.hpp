// Lambda's Runtime API as pure decisions: what a status means, what the headers say, how much time there is.
// Source: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, version 2018-06-01.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/client/message.hpp"
#include "loopstate/lambda.hpp"

namespace loopstate::lambda {

/// What an answer to `next` asks for.
enum class AfterNext : std::uint8_t {
  Serve,      ///< an event
  PollAgain,  ///< 204: nothing came, ask again
  BackOff,    ///< the API is unable to answer: wait, then ask again
  Leave       ///< 500: the environment is beyond repair, the process has to end
};
AfterNext after_next(std::uint16_t status) noexcept;

/// What an answer to a reply or an error asks for.
enum class AfterPost : std::uint8_t {
  Delivered,
  Stale,     ///< 410: the reply belongs to an earlier, abandoned attempt
  Refused,   ///< 400, 403 and the like: unknown id, or already answered
  TooLarge,  ///< 413
  TryAgain,  ///< a passing failure
  Leave      ///< 500, as above
};
AfterPost after_post(std::uint16_t status) noexcept;

/// How long to wait after `failures` failed polls in a row; nothing when it is time to give up.
std::optional<std::chrono::milliseconds> pause_after(unsigned failures) noexcept;

/// Polls that return 204 immediately are a busy loop: how long to wait after `empty` of them in a row.
std::chrono::milliseconds pause_after_empty(unsigned empty) noexcept;

/// Two clocks, read together.
struct Moment {
  std::chrono::steady_clock::time_point steady;
  std::int64_t unix_ms = 0;
};

/// How the time of one invocation is divided.
struct TimeAllowed {
  Deadline handler;  ///< what the handler is told
  Deadline cancel;   ///< it is cancelled, with half of the reserve left
  Deadline give_up;  ///< it has not noticed: it is answered for
};

/// `deadline_ms`: the header, Unix milliseconds. If it is missing or makes no sense, 3 s are allowed,
/// Lambda's default time-out; if it is further ahead than any invocation lasts, 15 min. At most a quarter of
/// the time left is kept in reserve.
TimeAllowed divide_time(std::optional<std::string_view> deadline_ms, Moment now,
                        std::chrono::milliseconds reserve) noexcept;

/// An event as `next` brought it.
struct PolledEvent {
  Invocation invocation;
  std::optional<std::string> invocation_id;  ///< to be sent back unchanged
  TimeAllowed time;
  bool deadline_known = true;
};

/// Nothing if there is no request id, without which no answer can be given.
std::optional<PolledEvent> read_event(http::ClientReply reply, Moment now, std::chrono::milliseconds reserve);

/// "/2018-06-01/runtime/invocation/{id}/{what}". An id that is not a UUID cannot lead the path elsewhere.
std::string invocation_path(std::string_view request_id, std::string_view what);

/// What a function's caller sees of its failure.
struct FunctionError {
  std::string type;     ///< a word, e.g. "InvalidArgument"
  std::string message;  ///< at most 4,096 bytes of it are sent
};
/// {"errorMessage":...,"errorType":...,"stackTrace":[]}
std::string error_body(const FunctionError& error);
/// For `Lambda-Runtime-Function-Error-Type`, which must look like "Function.Word".
std::string error_type_header(const FunctionError& error);

/// How many events may be served at once: AWS_LAMBDA_MAX_CONCURRENCY, 1 if it is missing or not a number, and
/// at most 512, half of an environment's file descriptors.
std::size_t poll_count(const std::optional<std::string>& setting) noexcept;

}  // namespace loopstate::lambda
