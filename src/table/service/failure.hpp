// What the DynamoDB service means by its errors, whichever protocol they come by.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "table/service/operation.hpp"
#include "table/value.hpp"

namespace loopstate::table::service {

/// Whether, and how, the same request may be sent again.
enum class Again : std::uint8_t {
  Never,
  Transient,    ///< a passing failure of the service or the way to it
  Throttling,   ///< the service asks for less load
  Conflict,     ///< another transaction was working on the item
  Credentials,  ///< once, with fresh credentials
  Clock         ///< once, signed with the service's time
};

/// One operation's part in a cancelled transaction.
struct CancellationReason {
  std::string code;  ///< "None", "ConditionalCheckFailed", "TransactionConflict", ...
  std::string message;
  std::optional<table::Item> item;  ///< the item that did not meet the condition
};

/// A request that was not done, or that may not have been.
struct Failure {
  Error error;
  Again again = Again::Never;
  /// The service may have done it nevertheless; with a refusal: it may have done an earlier sending.
  bool maybe_done = false;
  bool sent_before = false;         ///< an earlier sending was not answered
  bool refused = false;             ///< a condition did not hold: an answer, not an error
  std::string type;                 ///< the service's name for it, e.g. "ThrottlingException"; else empty
  std::optional<table::Item> item;  ///< with a refused single write: the item that refused it
  std::vector<CancellationReason> reasons;               ///< with a cancelled transaction
  std::optional<std::chrono::milliseconds> retry_after;  ///< the service's hint
  std::optional<Timestamp> server_time;                  ///< the reply's `Date`
};

/// What an error says besides its name.
struct Remark {
  std::string_view message;
  std::string_view throttling_reason;
};

/// Judges a failure by its `type` and, for a cancelled transaction, by its `reasons`: sets `error`, `again`
/// and `refused`; a refusal or a cancelled transaction was not done, and if the name does not say whether
/// the request was done, `maybe_done` is left as it was. False, and nothing set, for an unknown name.
/// `operation` is for the message: "PutItem".
bool judge_by_name(Failure& failure, std::string_view operation, const Remark& remark);

/// For a reply that says "done" but not, in a form we understand, what was done: OutcomeUnknown.
Error done_but_unreadable(Operation operation, const Error& error);

/// Whether an error of this name may be due to a wrong clock.
bool about_signature(std::string_view type);

/// At most 300 bytes of a UTF-8 text, never cut inside a character.
std::string shortened(std::string_view text);

}  // namespace loopstate::table::service
