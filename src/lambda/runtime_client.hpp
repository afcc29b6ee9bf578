// The calls of Lambda's Runtime API.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/client/client.hpp"
#include "lambda/runtime_protocol.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"

namespace loopstate::lambda {

/// What became of a reply or an error.
struct Delivery {
  AfterPost meaning = AfterPost::TryAgain;  ///< TryAgain: it could not be delivered
  bool repeated = false;     ///< an earlier attempt may have arrived: Refused or Stale then mean little
  std::uint16_t status = 0;  ///< of the last answer
  std::string failure;       ///< why there was no answer
};

/// For one thread. Outlives its calls.
class RuntimeClient {
 public:
  explicit RuntimeClient(std::shared_ptr<http::Transport> transport) : transport_(std::move(transport)) {}

  /// Waits for the next event, however long. Returns an answer of any status, or ConnectionFailed,
  /// ProtocolError, Cancelled.
  Task<Result<http::ClientReply>> next();

  /// Both are tried at most twice: Lambda refuses a repeated answer to one event, so repeating does no harm.
  Task<Delivery> respond(std::string request_id, std::optional<std::string> invocation_id, std::string reply);
  Task<Delivery> report(std::string request_id, std::optional<std::string> invocation_id,
                        FunctionError error);
  /// The init phase failed.
  Task<Delivery> report_init(FunctionError error);

 private:
  Task<Delivery> deliver(http::ClientRequest request);

  std::shared_ptr<http::Transport> transport_;
};

}  // namespace loopstate::lambda
