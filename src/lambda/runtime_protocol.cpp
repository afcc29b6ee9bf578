#include "lambda/runtime_protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "async/backoff.hpp"
#include "base/utf8.hpp"
#include "json/writer.hpp"

namespace loopstate::lambda {

using std::chrono::milliseconds;

namespace {

constexpr unsigned kPollFailuresMax = 12;
constexpr unsigned kEmptyPollsAtOnceMax = 16;
constexpr async::Backoff kBackoff{milliseconds(10), milliseconds(500)};
constexpr milliseconds kTimeWhenUnknown{3'000};
constexpr milliseconds kTimeMax{900'000};
constexpr std::size_t kErrorMessageBytesMax = 4096;
constexpr std::size_t kPollsMax = 512;

bool is_success(std::uint16_t status) {
  return status >= 200 && status < 300;
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/// Cut between code points, with anything that is not UTF-8 replaced.
std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out;
  while (!text.empty() && out.size() < bytes_max) {
    const auto point = first_code_point(text);
    out += point ? text.substr(0, point->bytes) : std::string_view("?");
    text.remove_prefix(point ? point->bytes : 1);
  }
  return out;
}

std::string text_of(const http::ClientReply& reply, std::string_view name) {
  return std::string(reply.header(name).value_or(std::string_view()));
}

}  // namespace

AfterNext after_next(std::uint16_t status) noexcept {
  if (status == 204) return AfterNext::PollAgain;
  if (is_success(status)) return AfterNext::Serve;
  return status == 500 ? AfterNext::Leave : AfterNext::BackOff;
}

AfterPost after_post(std::uint16_t status) noexcept {
  if (is_success(status)) return AfterPost::Delivered;
  switch (status) {
    case 410:
      return AfterPost::Stale;
    case 413:
      return AfterPost::TooLarge;
    case 408:
    case 429:
      return AfterPost::TryAgain;
    case 500:
      return AfterPost::Leave;
    default:
      return status > 500 ? AfterPost::TryAgain : AfterPost::Refused;
  }
}

std::optional<milliseconds> pause_after(unsigned failures) noexcept {
  if (failures >= kPollFailuresMax) return std::nullopt;
  return kBackoff.ceiling(failures);
}

milliseconds pause_after_empty(unsigned empty) noexcept {
  return empty < kEmptyPollsAtOnceMax ? milliseconds(0) : kBackoff.max;
}

TimeAllowed divide_time(std::optional<std::string_view> deadline_ms, Moment now,
                        milliseconds reserve) noexcept {
  milliseconds left = kTimeWhenUnknown;
  if (const auto at = deadline_ms ? whole_number<std::int64_t>(*deadline_ms) : std::nullopt; at && *at > 0) {
    // Neither side is negative, so the difference cannot overflow.
    left = milliseconds(
        std::clamp<std::int64_t>(*at - std::max<std::int64_t>(now.unix_ms, 0), 0, kTimeMax.count()));
  }
  const milliseconds kept = std::min(reserve, left / 4);
  const Deadline handler = now.steady + left - kept;
  return {handler, handler + kept / 2, handler + kept * 3 / 4};
}

std::optional<PolledEvent> read_event(http::ClientReply reply, Moment now, milliseconds reserve) {
  PolledEvent polled;
  Invocation& invocation = polled.invocation;
  invocation.request_id = text_of(reply, "Lambda-Runtime-Aws-Request-Id");
  if (invocation.request_id.empty()) return std::nullopt;
  const auto deadline_ms = reply.header("Lambda-Runtime-Deadline-Ms");
  polled.deadline_known = deadline_ms && whole_number<std::int64_t>(*deadline_ms).value_or(0) > 0;
  polled.time = divide_time(deadline_ms, now, reserve);
  if (const auto id = reply.header("Lambda-Runtime-Invocation-Id")) polled.invocation_id = std::string(*id);
  invocation.deadline = polled.time.handler;
  invocation.function_arn = text_of(reply, "Lambda-Runtime-Invoked-Function-Arn");
  invocation.trace_id = text_of(reply, "Lambda-Runtime-Trace-Id");
  invocation.tenant_id = text_of(reply, "Lambda-Runtime-Aws-Tenant-Id");
  invocation.client_context = text_of(reply, "Lambda-Runtime-Client-Context");
  invocation.cognito_identity = text_of(reply, "Lambda-Runtime-Cognito-Identity");
  invocation.event = std::move(reply.body);
  return polled;
}

std::string invocation_path(std::string_view request_id, std::string_view what) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string path = "/2018-06-01/runtime/invocation/";
  for (const char c : request_id) {
    if (is_unreserved(c)) {
      path += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      path += '%';
      path += kHex[byte >> 4u];
      path += kHex[byte & 15u];
    }
  }
  path += '/';
  path += what;
  return path;
}

std::string error_body(const FunctionError& error) {
  json::Writer json(error.message.size() + 80);
  json.begin_object().key("errorMessage").string(printable(error.message, kErrorMessageBytesMax));
  json.key("errorType").string(printable(error.type, 100));
  json.key("stackTrace").begin_array().end_array().end_object();
  return std::move(json).take();
}

std::string error_type_header(const FunctionError& error) {
  return "Function." + error.type;
}

std::size_t poll_count(const std::optional<std::string>& setting) noexcept {
  if (!setting) return 1;
  return std::clamp<std::size_t>(whole_number<std::size_t>(*setting).value_or(1), 1, kPollsMax);
}

}  // namespace loopstate::lambda
