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

using table::service::about_signature;
using table::service::judge_by_name;
using table::service::Remark;

namespace {

// How wrong a clock may be before that is taken as the reason for a refused signature; the AWS SDKs'
// bound.
constexpr std::chrono::seconds kSkew = std::chrono::minutes(4);

/// What the body of an error says.
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

/// The name of the first one; the service gives one for each table or index.
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

constexpr std::string_view kSomebodyElse = "is there a proxy in between, or another server at that endpoint?";

/// The error's own name, after a status, if there is one.
std::string named(const Failure& failure) {
  return failure.type.empty() ? std::string() : " " + failure.type;
}

/// After 5xx the request may have been done, and so it may if something on the way timed out; 429 asks for
/// less load; any other unknown error is final, and unless it is a refusal says nothing about what was
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
    failure.error =
        Error{ErrorCode::Throttled,
              fmt::format("{} was throttled by the service{}", to_string(operation), named(failure)), true,
              nullptr};
    return;
  }
  failure.error =
      Error{ErrorCode::ProtocolError,
            fmt::format("{} was answered with HTTP {}{}, which is not one of DynamoDB's answers; {}",
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
  judge_status(failure, reply.status, operation);
  judge_by_name(failure, to_string(operation), Remark{body.message, body.throttling_reason});
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

/// What to do if no reply came.
std::string_view way_advice(ErrorCode code) {
  switch (code) {
    case ErrorCode::ConnectionFailed:
      return "; check the region and the endpoint, and whether this network lets connections out";
    case ErrorCode::TlsFailed:
      return "; check that the endpoint's scheme and name are right, and AWS_CA_BUNDLE if it or a proxy has "
             "its own certificate authority";
    case ErrorCode::ProtocolError:
      return "; if that persists, check what lies between here and the endpoint";
    default:
      return {};
  }
}

std::expected<std::string, Failure> understand_reply(Operation operation, http::ClientReply& reply,
                                                     Timestamp now) {
  if (const auto stated = number(reply.header("x-amz-crc32")); stated && *stated != crc32(reply.body)) {
    return std::unexpected(garbled(operation, "was damaged in transit: its checksum is wrong"));
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
  // "Wed, 25 Nov 2026 08:19:13 GMT": the only form that RFC 9110 lets a server send.
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
