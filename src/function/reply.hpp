// What the caller is told, in the form it expects.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/answer.hpp"
#include "function/envelope.hpp"

namespace loopstate::function {

struct HttpReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Content-Type is added
  std::string body;                                          ///< JSON
};

/// The answer's status and body, and Retry-After if it has one.
HttpReply reply_of(const agent::Answer& answer);

/// {"error": `message`}.
HttpReply error_reply(int status, std::string_view message);

/// As that caller reads it: statusCode, headers and body as text, and for a load balancer statusDescription
/// and the headers in the mode of its request (source: Lambda proxy integration 1.0 and 2.0; ALB, "Lambda
/// functions as targets"). A body is never base64.
std::string write_reply(Caller caller, const HttpReply& reply);

/// For SQS with ReportBatchItemFailures: which messages stay in the queue. None of the ids is empty.
std::string write_failures(const std::vector<std::string>& message_ids);

/// "OK", "Service Unavailable"; "Status" for a number without a name.
std::string_view reason_phrase(int status) noexcept;

}  // namespace loopstate::function
