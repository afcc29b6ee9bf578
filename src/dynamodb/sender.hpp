// The boundary between what the service is asked and how it is reached: one attempt, signed, over the wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/client/client.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"
#include "table/service/operation.hpp"
#include "table/service/token_age.hpp"
#include "table/table.hpp"

namespace loopstate::dynamodb {

using table::service::Operation;

/// One attempt at a request.
struct Attempt {
  Operation operation = Operation::GetItem;
  std::string body;
  std::uint32_t number = 1;  ///< which attempt, from 1, and out of how many: the service is told
  std::uint32_t of = 1;
  std::string invocation_id;  ///< the same for all attempts of a call
  std::chrono::seconds clock_offset{
      0};  ///< what to add to this machine's clock: requests are signed with the service's time
  table::service::MaySend may_send = nullptr;
};

/// Sends attempts. May be used from several threads.
class Sender {
 public:
  virtual ~Sender() = default;

  /// Signs and sends once. Returns the reply, whatever its status, or why there is none: the errors of
  /// http::Transport::send, and NoCredentials, CredentialsExpired (nothing was sent: `sent` is false).
  virtual Task<http::ClientOutcome> send(Attempt attempt, Deadline deadline) = 0;

  /// The service says that the credentials have expired: the next attempt uses fresh ones.
  virtual void refresh_credentials() = 0;

  /// Where it sends to, for messages: "https://dynamodb.eu-west-1.amazonaws.com".
  virtual std::string endpoint() const = 0;

  /// For `doctor`: credentials and region, where they came from, and what to do if there are none.
  virtual Task<std::vector<table::Finding>> describe(Deadline deadline) = 0;

  /// Finds credentials and connects ahead of the first call. NoCredentials, and the errors of connecting.
  virtual Task<Result<void>> warm_up(Deadline deadline) = 0;
};

}  // namespace loopstate::dynamodb
