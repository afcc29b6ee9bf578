#include "dynamodb/reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "aws/error_name.hpp"
#include "dynamodb/crc32.hpp"
#include "dynamodb/requests.hpp"
#include "json/reader.hpp"
#include "table/json/typed_json.hpp"

namespace loopstate::dynamodb {

namespace {

// How far a clock may be wrong before that is taken for the reason of a refused signature; the AWS SDKs'
// bound.
constexpr std::chrono::seconds kSkew = std::chrono::minutes(4);
constexpr std::size_t kMessageBytesMax = 300;

struct Known {
  std::string_view type;
  ErrorCode code;
  Again again;
};

// Source: the service model's errors, and the retry lists of the AWS SDKs.
constexpr std::array kKnown = std::to_array<Known>({
    {"ProvisionedThroughputExceededException", ErrorCode::Throttled, Again::Throttling},
    {"ThrottlingException", ErrorCode::Throttled, Again::Throttling},
    {"Throttling", ErrorCode::Throttled, Again::Throttling},
    {"ThrottledException", ErrorCode::Throttled, Again::Throttling},
    {"RequestThrottledException", ErrorCode::Throttled, Again::Throttling},
    {"RequestThrottled", ErrorCode::Throttled, Again::Throttling},
    {"TooManyRequestsException", ErrorCode::Throttled, Again::Throttling},
    {"RequestLimitExceeded", ErrorCode::Throttled, Again::Throttling},
    {"BandwidthLimitExceeded", ErrorCode::Throttled, Again::Throttling},
    {"LimitExceededException", ErrorCode::Throttled, Again::Throttling},
    {"SlowDown", ErrorCode::Throttled, Again::Throttling},
    {"PriorRequestNotComplete", ErrorCode::Throttled, Again::Throttling},
    {"TransactionInProgressException", ErrorCode::Unavailable, Again::Throttling},
    {"TransactionConflictException", ErrorCode::Unavailable, Again::Conflict},
    {"ReplicatedWriteConflictException", ErrorCode::Unavailable, Again::Conflict},
    {"InternalServerError", ErrorCode::Unavailable, Again::Transient},
    {"InternalFailure", ErrorCode::Unavailable, Again::Transient},
    {"ServiceUnavailable", ErrorCode::Unavailable, Again::Transient},
    {"ServiceUnavailableException", ErrorCode::Unavailable, Again::Transient},
    {"RequestTimeout", ErrorCode::Unavailable, Again::Transient},
    {"RequestTimeoutException", ErrorCode::Unavailable, Again::Transient},
    {"AccessDeniedException", ErrorCode::AccessDenied, Again::Never},
    {"IncompleteSignatureException", ErrorCode::AccessDenied, Again::Never},
    {"MissingAuthenticationTokenException", ErrorCode::AccessDenied, Again::Never},
    {"MissingAuthenticationToken", ErrorCode::AccessDenied, Again::Never},
    {"InvalidSignatureException", ErrorCode::AccessDenied, Again::Never},
    {"SignatureDoesNotMatch", ErrorCode::AccessDenied, Again::Never},
    {"UnrecognizedClientException", ErrorCode::AccessDenied, Again::Credentials},
    {"ExpiredTokenException", ErrorCode::CredentialsExpired, Again::Credentials},
    {"ExpiredToken", ErrorCode::CredentialsExpired, Again::Credentials},
    {"RequestExpired", ErrorCode::ClockSkew, Again::Never},
    {"RequestInTheFuture", ErrorCode::ClockSkew, Again::Never},
    {"RequestTimeTooSkewed", ErrorCode::ClockSkew, Again::Never},
    {"ResourceNotFoundException", ErrorCode::TableNotFound, Again::Never},
    {"TableNotFoundException", ErrorCode::TableNotFound, Again::Never},
    {"ResourceInUseException", ErrorCode::TableNotReady, Again::Never},
    {"UnknownOperationException", ErrorCode::Unsupported, Again::Never},
    {"ValidationException", ErrorCode::InvalidArgument, Again::Never},
    {"SerializationException", ErrorCode::InvalidArgument, Again::Never},
    {"IdempotentParameterMismatchException", ErrorCode::InvalidArgument, Again::Never},
    {"ItemCollectionSizeLimitExceededException", ErrorCode::StorageFull, Again::Never},
});

/// Those that a wrong clock may be the reason of.
bool about_signature(std::string_view type) {
  return type == "InvalidSignatureException" || type == "SignatureDoesNotMatch" || type == "RequestExpired" ||
         type == "RequestInTheFuture" || type == "RequestTimeTooSkewed";
}

/// Those whose message may quote the request's headers, the session token among them.
bool quotes_request(std::string_view type) {
  return about_signature(type) || type == "IncompleteSignatureException";
}

std::string_view advice(ErrorCode code, std::string_view type) {
  if (type == "UnrecognizedClientException")
    return "the access key is not known there; check credentials and region";
  if (type == "MissingAuthenticationTokenException" || type == "MissingAuthenticationToken") {
    return "the request came without a signature; a proxy on the way may have dropped it";
  }
  if (quotes_request(type) && code == ErrorCode::AccessDenied) {
    return "the signature does not fit: the secret access key, the session token or the region is wrong";
  }
  switch (code) {
    case ErrorCode::AccessDenied:
      return "these credentials may not do that; check them, and their policy for this table";
    case ErrorCode::CredentialsExpired:
      return "the credentials have expired; sign in again, or renew them";
    case ErrorCode::ClockSkew:
      return "this machine's clock is wrong; set it by NTP";
    case ErrorCode::TableNotFound:
      return "no such table in this account and region, or it is still being created; check the name and the "
             "region, or run `loopstate init`";
    case ErrorCode::TableNotReady:
      return "the table is being created or changed; try again in a while";
    case ErrorCode::Throttled:
      return "the table or the account takes no more requests for now";
    case ErrorCode::Unsupported:
      return "this server or table has no such operation; loopstate needs a DynamoDB table with transactions "
             "and "
             "time to live, which one with strong consistency between Regions has not";
    default:
      return {};
  }
}

/// What an error's body says.
struct Body {
  std::string type;
  std::string message;
  std::string throttling_reason;
  std::optional<table::Item> item;
  std::vector<CancellationReason> reasons;
};

bool read_optional_string(json::Reader& reader, std::string& text) {
  return reader.peek() == json::Kind::Null ? reader.read_null() : reader.read_string(text);
}

bool read_reason(json::Reader& reader, CancellationReason& reason) {
  if (!reader.begin_object()) return false;
  std::string_view key;
  while (reader.next_member(key)) {
    if (key == "Code") {
      read_optional_string(reader, reason.code);
    } else if (key == "Message") {
      read_optional_string(reader, reason.message);
    } else if (key == "Item" && reader.peek() == json::Kind::Object) {
      table::read_item(reader, reason.item.emplace());
    } else {
      reader.skip();
    }
  }
  return reader.ok();
}

bool read_reasons(json::Reader& reader, std::vector<CancellationReason>& reasons) {
  if (!reader.begin_array()) return false;
  while (reader.next_element()) {
    if (!read_reason(reader, reasons.emplace_back())) return false;
  }
  return reader.ok();
}

/// The first one's name; the service gives one for each table or index.
bool read_throttling(json::Reader& reader, std::string& reason) {
  if (!reader.begin_array()) return false;
  while (reader.next_element()) {
    if (!reader.begin_object()) return false;
    std::string_view key;
    while (reader.next_member(key)) {
      if (key == "reason" && reason.empty()) {
        reader.read_string(reason);
      } else {
        reader.skip();
      }
    }
  }
  return reader.ok();
}

bool read_body(json::Reader& reader, Body& body) {
  if (!reader.begin_object()) return false;
  std::string_view key;
  while (reader.next_member(key)) {
    if (key == "__type") {
      reader.read_string(body.type);
    } else if (key == "message" || key == "Message") {
      read_optional_string(reader, body.message);
    } else if (key == "Item" && reader.peek() == json::Kind::Object) {
      table::read_item(reader, body.item.emplace());
    } else if (key == "CancellationReasons" && reader.peek() == json::Kind::Array) {
      read_reasons(reader, body.reasons);
    } else if ((key == "ThrottlingReasons" || key == "throttlingReasons") &&
               reader.peek() == json::Kind::Array) {
      read_throttling(reader, body.throttling_reason);
    } else {
      reader.skip();
    }
  }
  body.type = aws::error_name(body.type);
  return reader.finish();
}

std::optional<std::uint64_t> number(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return value;
}

std::string shortened(std::string text) {
  if (text.size() <= kMessageBytesMax) return text;
  std::size_t end = kMessageBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

bool mentions_item_size(std::string_view message) {
  return message.find("tem size") != std::string_view::npos;
}

/// Where the reasons allow it the whole transaction is sent again; a condition that did not hold is an
/// answer.
void judge_cancelled(Failure& failure) {
  bool refused = false;
  bool conflict = false;
  bool throttled = false;
  const CancellationReason* fault = nullptr;
  for (const CancellationReason& reason : failure.reasons) {
    if (reason.code == "None" || reason.code.empty()) continue;
    if (reason.code == "ConditionalCheckFailed") {
      refused = true;
    } else if (reason.code == "TransactionConflict") {
      conflict = true;
    } else if (reason.code == "ThrottlingError" || reason.code == "ProvisionedThroughputExceeded") {
      throttled = true;
    } else if (fault == nullptr) {
      fault = &reason;
    }
  }
  if (fault != nullptr) {
    const bool too_large = mentions_item_size(fault->message);
    const bool denied = fault->code == "AccessDenied";
    failure.error.code = too_large ? ErrorCode::ItemTooLarge
                         : denied  ? ErrorCode::AccessDenied
                                   : ErrorCode::InvalidArgument;
    failure.error.message =
        fmt::format("the service refused the transaction: operation {}: {}: {}",
                    fault - failure.reasons.data() + 1, fault->code, shortened(fault->message));
    return;
  }
  failure.refused = refused;
  failure.error.code = throttled ? ErrorCode::Throttled : ErrorCode::Unavailable;
  failure.error.retryable = true;
  failure.error.message = throttled ? "the service took no part of the transaction: it asks for less load"
                                    : "another transaction was at work on one of the items";
  if (!refused && (conflict || throttled)) failure.again = throttled ? Again::Throttling : Again::Conflict;
}

void judge_known(Failure& failure, const Body& body, Operation operation) {
  const auto known = std::ranges::find(kKnown, body.type, &Known::type);
  if (known == kKnown.end()) return;
  failure.again = known->again;
  Error& error = failure.error;
  // What failed halfway may be done all the same, and so may a transaction that is under way under our token.
  failure.maybe_done =
      failure.maybe_done || known->again == Again::Transient || body.type == "TransactionInProgressException";
  error.code = known->code;
  error.retryable = known->again != Again::Never && known->again != Again::Credentials;
  if (known->code == ErrorCode::InvalidArgument && mentions_item_size(body.message)) {
    error.code = ErrorCode::ItemTooLarge;
  }
  // A table with strong consistency between Regions has the operation, and refuses it.
  if (operation == Operation::TransactWriteItems && body.type == "ValidationException" &&
      body.message.find("not supported") != std::string::npos) {
    error.code = ErrorCode::Unsupported;
  }
  error.message = fmt::format("{} was refused: {}", to_string(operation), body.type);
  const std::string_view hint = advice(error.code, body.type);
  if (!body.throttling_reason.empty()) {
    error.message += fmt::format(" ({})", shortened(body.throttling_reason));
  } else if (!body.message.empty() && !quotes_request(body.type)) {
    error.message += fmt::format(" (\"{}\")", shortened(body.message));
  }
  if (!hint.empty()) error.message += fmt::format(": {}", hint);
}

constexpr std::string_view kSomebodyElse = "is there a proxy on the way, or another server at that endpoint?";

/// The error's own name behind a status, where there is one.
std::string named(const Failure& failure) {
  return failure.type.empty() ? std::string() : " " + failure.type;
}

/// 5xx may have been done, and so may what something on the way took too long to bring back; 429 asks for
/// less load; anything else that we do not know is final, and where it is no refusal says nothing of what was
/// done.
void judge_status(Failure& failure, std::uint16_t status, Operation operation) {
  failure.maybe_done = status >= 500 || status == 408 || status < 400;
  if (status >= 500 || status == 408) {
    failure.again = Again::Transient;
    failure.error = Error{ErrorCode::Unavailable,
                          fmt::format("{} failed: the service answered HTTP {}{}", to_string(operation),
                                      status, named(failure)),
                          true, nullptr};
    return;
  }
  if (status == 429) {
    failure.again = Again::Throttling;
    failure.error = Error{
        ErrorCode::Throttled,
        fmt::format("{} was refused: the service asks for less load{}", to_string(operation), named(failure)),
        true, nullptr};
    return;
  }
  failure.error = Error{ErrorCode::ProtocolError,
                        fmt::format("{} was answered with HTTP {}{}, which is none of DynamoDB's answers; {}",
                                    to_string(operation), status, named(failure), kSomebodyElse),
                        false, nullptr};
}

Failure garbled(Operation operation, std::string_view what) {
  Failure failure;
  failure.again = Again::Transient;
  failure.maybe_done = true;
  failure.error = Error{ErrorCode::ProtocolError,
                        fmt::format("the reply to {} {}", to_string(operation), what), true, nullptr};
  return failure;
}

Failure understand_error(Operation operation, const http::ClientReply& reply, Timestamp now) {
  Failure failure;
  failure.retry_after = [&]() -> std::optional<std::chrono::milliseconds> {
    const auto value = number(reply.header("x-amz-retry-after"));
    if (!value || *value > 86'400'000) return std::nullopt;
    return std::chrono::milliseconds(*value);
  }();
  if (const auto date = reply.header("date")) failure.server_time = parse_http_date(*date);

  Body body;
  json::Reader reader(reply.body, kReplyLimits);
  const bool readable = read_body(reader, body) && !body.type.empty();
  if (!readable) {
    judge_status(failure, reply.status, operation);
    return failure;
  }
  failure.type = body.type;
  failure.item = std::move(body.item);
  failure.reasons = std::move(body.reasons);
  if (body.type == "ConditionalCheckFailedException") {
    failure.refused = true;
    failure.error = Error{ErrorCode::AlreadyExists, "the condition did not hold", false, nullptr};
    return failure;
  }
  if (body.type == "TransactionCanceledException") {
    judge_cancelled(failure);
    return failure;
  }
  judge_status(failure, reply.status, operation);
  judge_known(failure, body, operation);
  if (about_signature(body.type) && failure.server_time &&
      std::chrono::abs(*failure.server_time - now) > kSkew) {
    failure.again = Again::Clock;
    failure.error.code = ErrorCode::ClockSkew;
    failure.error.message =
        fmt::format("{} was refused: this machine's clock is {} s off the service's; set it by NTP",
                    to_string(operation), (now - *failure.server_time).count());
  }
  return failure;
}

/// What to do where no reply came.
std::string_view way_advice(ErrorCode code) {
  switch (code) {
    case ErrorCode::ConnectionFailed:
      return "; check the region and the endpoint, and whether this network lets connections out";
    case ErrorCode::TlsFailed:
      return "; check that the endpoint's scheme and name are right, and AWS_CA_BUNDLE where it or a proxy "
             "has an "
             "authority of its own";
    case ErrorCode::ProtocolError:
      return "; if that stays, see what lies between here and the endpoint";
    default:
      return {};
  }
}

std::expected<std::string, Failure> understand_reply(Operation operation, http::ClientReply& reply,
                                                     Timestamp now) {
  if (const auto stated = number(reply.header("x-amz-crc32")); stated && *stated != crc32(reply.body)) {
    return std::unexpected(garbled(operation, "was damaged on its way: its checksum is wrong"));
  }
  if (reply.status == 200) {
    if (reply.body.starts_with('{') && reply.body.ends_with('}')) return std::move(reply.body);
    return std::unexpected(garbled(operation, fmt::format("is not JSON; {}", kSomebodyElse)));
  }
  return std::unexpected(understand_error(operation, reply, now));
}

}  // namespace

std::expected<std::string, Failure> understand(Operation operation, http::ClientReply reply, Timestamp now) {
  auto understood = understand_reply(operation, reply, now);
  if (!understood) understood.error().sent_before = reply.sent_before;
  return understood;
}

Failure understand(Operation operation, http::ClientFailure failure) {
  Failure out;
  out.maybe_done = failure.sent;
  const ErrorCode code = failure.error.code;
  const bool final_one = code == ErrorCode::Cancelled || code == ErrorCode::NoCredentials ||
                         code == ErrorCode::CredentialsExpired || code == ErrorCode::InvalidArgument ||
                         (code == ErrorCode::TlsFailed && !failure.error.retryable);
  out.again = final_one ? Again::Never : Again::Transient;
  out.error = std::move(failure.error);
  out.error.message = fmt::format("{}: {}{}", to_string(operation), out.error.message, way_advice(code));
  return out;
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  // "Wed, 25 Nov 2026 08:19:13 GMT": the one form that RFC 9110 lets a server send.
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto digits = [&](std::size_t at, std::size_t count) -> std::optional<int> {
    int value = 0;
    const char* begin = text.data() + at;
    const auto [end, error] = std::from_chars(begin, begin + count, value);
    if (error != std::errc() || end != begin + count) return std::nullopt;
    return value;
  };
  const auto day = digits(5, 2), year = digits(12, 4), hour = digits(17, 2), minute = digits(20, 2),
             second = digits(23, 2);
  const std::size_t month = kMonths.find(text.substr(8, 3));
  if (!day || !year || !hour || !minute || !second || month == std::string_view::npos || month % 3 != 0) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace loopstate::dynamodb
