// What a reply of the service means.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/sender.hpp"
#include "http/client/message.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::dynamodb {

/// Whether, and how, the same request may be sent again.
enum class Again : std::uint8_t {
  Never,
  Transient,    ///< a passing failure of the service or the way to it
  Throttling,   ///< the service asks for less load
  Conflict,     ///< another transaction was at work on the item
  Credentials,  ///< once, with fresh credentials
  Clock         ///< once, signed with the service's time
};

/// One operation's part in a cancelled transaction.
struct CancellationReason {
  std::string code;  ///< "None", "ConditionalCheckFailed", "TransactionConflict", ...
  std::string message;
  std::optional<table::Item> item;  ///< the item that did not meet the condition
};

/// A request that was not done, or of which that is not known.
struct Failure {
  Error error;
  Again again = Again::Never;
  /// The service may have done it nevertheless; with a refusal: an earlier sending of it.
  bool maybe_done = false;
  bool sent_before = false;         ///< an earlier sending of it was not answered
  bool refused = false;             ///< a condition did not hold: an answer, not an error
  std::string type;                 ///< the service's name of it, e.g. "ThrottlingException"; else empty
  std::optional<table::Item> item;  ///< with a refused single write: the item that refused it
  std::vector<CancellationReason> reasons;               ///< with a cancelled transaction
  std::optional<std::chrono::milliseconds> retry_after;  ///< the service's hint
  std::optional<Timestamp> server_time;                  ///< the reply's `Date`
};

/// The body of a reply that says done, or what else it says. `now` is the
/// time that was signed, and tells a wrong clock from a wrong signature.
std::expected<std::string, Failure> understand(Operation operation, http::ClientReply reply, Timestamp now);

/// The same for a request without a reply.
Failure understand(Operation operation, http::ClientFailure failure);

/// "Wed, 25 Nov 2026 08:19:13 GMT".
std::optional<Timestamp> parse_http_date(std::string_view text);

}  // namespace loopstate::dynamodb
