#include "http/server/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/ascii.hpp"

namespace loopstate::http {
namespace {

std::string_view reason_of(int status) {
  switch (status) {
    case 400:
      return "the request is not valid HTTP/1.1";
    case 408:
      return "the request took too long to arrive";
    case 413:
      return "the body is too large";
    case 417:
      return "the expectation is not supported";
    case 431:
      return "the headers are too large";
    case 503:
      return "too many connections";
    default:
      return "internal error";
  }
}

}  // namespace

std::string_view ServerRequest::path() const noexcept {
  const std::string_view text = target;
  return text.substr(0, text.find_first_of("?#"));
}

std::optional<std::string_view> ServerRequest::header(std::string_view name) const noexcept {
  for (const auto& entry : headers) {
    if (equals_ignoring_case(entry.name, name)) return entry.value;
  }
  return std::nullopt;
}

int status_of(ReadPhase phase, ReadFailure failure) noexcept {
  switch (failure) {
    case ReadFailure::Closed:
    case ReadFailure::Stopping:
      return 0;
    case ReadFailure::TimedOut:
      return phase == ReadPhase::Idle ? 0 : 408;
    case ReadFailure::HeaderTooLarge:
      return 431;
    case ReadFailure::BodyTooLarge:
      return 413;
    case ReadFailure::Malformed:
      return 400;
  }
  return 400;
}

std::optional<std::size_t> which_makes_room(std::span<const Activity> connections,
                                            std::chrono::steady_clock::time_point now,
                                            std::chrono::milliseconds patience) {
  using Doing = Activity::Doing;
  std::optional<std::size_t> waiting;
  std::optional<std::size_t> slow;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const Activity& one = connections[i];
    if (one.doing == Doing::Serving) continue;
    auto& oldest = one.doing == Doing::Waiting ? waiting : slow;
    if (!oldest || one.since < connections[*oldest].since) oldest = i;
  }
  if (waiting) return waiting;
  if (slow && now - connections[*slow].since > patience) return slow;
  return std::nullopt;
}

PeerKey peer_key(std::span<const std::uint8_t, 16> address) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  PeerKey key{};
  if (std::ranges::equal(address.first<12>(), kMapped)) {
    key[3] = 0xFF;  // no routed network begins with these four bytes
    std::ranges::copy(address.last<4>(), key.begin() + 4);
  } else {
    std::ranges::copy(address.first<8>(), key.begin());
  }
  return key;
}

namespace {

/// Whether everybody along the way agrees where the body ends.
bool body_end_is_clear(unsigned version, const ServerRequest& request) noexcept {
  std::size_t encodings = 0;
  bool chunked = false;
  bool has_length = false;
  for (const auto& entry : request.headers) {
    if (equals_ignoring_case(entry.name, "transfer-encoding")) {
      ++encodings;
      chunked = equals_ignoring_case(entry.value, "chunked");
    } else if (equals_ignoring_case(entry.name, "content-length")) {
      has_length = true;
    }
  }
  if (encodings == 0) return true;
  return version == 11 && encodings == 1 && chunked && !has_length;
}

}  // namespace

int check_request(unsigned version, const ServerRequest& request) noexcept {
  const auto hosts = std::ranges::count_if(
      request.headers, [](const auto& entry) { return equals_ignoring_case(entry.name, "host"); });
  if (version == 11 && hosts != 1) return 400;
  if (!body_end_is_clear(version, request)) return 400;
  const auto expect = request.header("expect");
  if (version == 11 && expect && !equals_ignoring_case(*expect, "100-continue")) return 417;
  return 0;
}

bool expects_continue(unsigned version, const ServerRequest& request) noexcept {
  const auto expect = request.header("expect");
  return version == 11 && expect && equals_ignoring_case(*expect, "100-continue");
}

ServerResponse refusal(int status) {
  ServerResponse response;
  response.status = status;
  response.body = fmt::format("{{\"error\":\"{}\"}}\n", reason_of(status));
  if (status == 503) response.headers.push_back({"Retry-After", "5"});
  return response;
}

std::string http_date(std::int64_t unix_seconds) {
  const auto seconds = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                     months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
}

Result<ServerAddress> ServerAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto wrong = [&](std::string_view why) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("the address to listen on is \"{}\": {}; expected HOST:PORT, e.g. 127.0.0.1:8080",
                            text.substr(0, 100), why));
  };
  if (colon == std::string_view::npos) return wrong("it has no port");
  auto host = text.substr(0, colon);
  const auto port_text = text.substr(colon + 1);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong("an IPv6 address goes into square brackets");
  }
  if (host.empty()) return wrong("it has no host");
  ServerAddress address{std::string(host), 0};
  const auto* const first = port_text.data();
  const auto* const end = first + port_text.size();
  const auto [stopped, error] = std::from_chars(first, end, address.port);
  if (error != std::errc() || stopped != end) return wrong("the port is not a number from 0 to 65535");
  return address;
}

}  // namespace loopstate::http
