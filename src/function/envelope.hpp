// What Lambda was invoked with: removes the caller's envelope before anything is done about its contents.
// Nothing here has side effects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "loopstate/webhook_delivery.hpp"

namespace loopstate::function {

/// Who made an event from an HTTP request, and so which form the reply must have.
enum class Caller : std::uint8_t {
  ApiGatewayV1,  ///< a REST API, or an HTTP API with payload format 1.0
  ApiGatewayV2,  ///< an HTTP API with payload format 2.0
  FunctionUrl,
  AlbSingle,  ///< an Application Load Balancer
  AlbMulti,   ///< the same with multi-value headers enabled for its target group
  Direct      ///< no gateway: the user's own program, with only `path`, `headers` and `body`
};

/// "api_gateway_v1", "api_gateway_v2", "function_url", "alb", "alb_multi", "direct".
std::string_view to_string(Caller caller) noexcept;

struct HttpRequest {
  Caller caller = Caller::ApiGatewayV2;
  std::string method;
  std::string path;  ///< without a query; a stage or a mapping may precede what the user named
  /// A header that came several times is here several times, unless the gateway itself joined it: then a
  /// verifier sees one value that no provider made.
  webhook::Headers headers;
  std::string body;  ///< the bytes as sent
};

struct SqsRecord {
  std::string message_id;  ///< empty: the record has none
  std::string queue_arn;   ///< where it comes from; empty: the record does not say
  std::string body;
  std::optional<std::int64_t> sent_at_ms;                       ///< SQS's own: when it was put in the queue
  std::vector<std::pair<std::string, std::string>> attributes;  ///< of the message: text and numbers
  std::string problem;  ///< why this record cannot be read, a sentence; else empty
};

struct SqsBatch {
  bool fifo = false;  ///< in order: nothing may be done after a failure
  std::vector<SqsRecord> records;
};

/// From EventBridge: the JSON text as received.
struct BusMessage {
  std::string json;
};

/// An event from another or an unknown service. `what` is a sentence that says what came and what
/// is accepted.
struct Unsupported {
  std::string what;
};

/// Not JSON, or an envelope whose members are not what its kind should have. `what` names the member.
struct Malformed {
  std::string what;
  std::optional<Caller> caller;  ///< who is waiting for an HTTP reply, if that much could be read
};

using Envelope = std::variant<HttpRequest, SqsBatch, BusMessage, Unsupported, Malformed>;

/// Recognised, in this order: SQS records (also as the bare array that EventBridge Pipes sends),
/// format 2.0 with `requestContext.http`, `httpMethod` with `requestContext`, `detail-type` with `source`,
/// and an object with a `path` and a `body`. Members may be null or missing where AWS leaves them so. No
/// message repeats the event's contents.
Envelope read_envelope(std::string_view event);

}  // namespace loopstate::function
