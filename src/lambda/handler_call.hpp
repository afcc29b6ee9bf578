// One call of a handler: whatever the handler does, an answer comes in time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "lambda/runtime_protocol.hpp"
#include "loopstate/lambda.hpp"
#include "loopstate/task.hpp"

namespace loopstate::lambda {

/// Handlers still running after their caller was answered.
struct Abandoned {
  std::size_t running = 0;
};

struct HandlerOutcome {
  enum class Kind : std::uint8_t {
    Reply,
    Refused,  ///< it returned an Error
    Threw,
    Overran  ///< it was cancelled, whether or not it noticed
  };
  Kind kind = Kind::Overran;
  std::string reply;
  FunctionError error;  ///< if there is no reply
};

/// Calls `handler`, cancels it at `time.cancel`, and answers for it at `time.give_up`: it then continues on
/// its own and is counted in `abandoned` until it ends. `handler` must outlive it, not only this call.
Task<HandlerOutcome> call_handler(const Handler* handler, Invocation invocation, TimeAllowed time,
                                  std::shared_ptr<Abandoned> abandoned);

/// The message of a caught exception, at most 1,000 bytes of it.
std::string describe_exception(const std::exception_ptr& exception) noexcept;

}  // namespace loopstate::lambda
