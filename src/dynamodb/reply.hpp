// What a reply from the service means.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "dynamodb/sender.hpp"
#include "http/client/message.hpp"
#include "loopstate/clock.hpp"
#include "table/service/failure.hpp"

namespace loopstate::dynamodb {

using table::service::Again;
using table::service::CancellationReason;
using table::service::Failure;

/// The body of a reply that says "done", or else what it says. `now` is the time that was signed, which tells
/// a wrong clock from a wrong signature.
std::expected<std::string, Failure> understand(Operation operation, http::ClientReply reply, Timestamp now);

/// The same for a request without a reply.
Failure understand(Operation operation, http::ClientFailure failure);

/// "Wed, 25 Nov 2026 08:19:13 GMT".
std::optional<Timestamp> parse_http_date(std::string_view text);

}  // namespace loopstate::dynamodb
