#include "http/client/endpoint.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace loopstate::http {

namespace {

bool is_default_port(const Endpoint& endpoint) {
  return endpoint.port == (endpoint.tls ? 443 : 80);
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

bool is_host(std::string_view host, bool in_brackets) {
  for (const char c : host) {
    const bool letter_or_digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter_or_digit && c != '-' && c != '.' && c != '_' && !(in_brackets && (c == ':' || c == '%')))
      return false;
  }
  return !host.empty() && host.size() <= 253;
}

}  // namespace

std::string Endpoint::authority() const {
  return is_default_port(*this) ? bracketed(host) : fmt::format("{}:{}", bracketed(host), port);
}

std::string Endpoint::url() const {
  return fmt::format("{}://{}", tls ? "https" : "http", authority());
}

std::optional<std::string_view> read_authority(std::string_view text, Endpoint& endpoint) {
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.find_first_of("/?#") != std::string_view::npos) return "the URL has a path";
  if (text.find('@') != std::string_view::npos) return "the URL has a user name";

  std::string_view host = text;
  std::optional<std::string_view> port;
  const bool in_brackets = text.starts_with('[');
  if (in_brackets) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return "the address has no closing bracket";
    host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return "something follows the closing bracket";
    if (!rest.empty()) port = rest.substr(1);
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (!is_host(host, in_brackets)) return "the host is empty or has a character that is not allowed";
  endpoint.host = host;
  if (port) {
    const auto number = parse_port(*port);
    if (!number) return "the port is not a number from 1 to 65535";
    endpoint.port = *number;
  }
  return std::nullopt;
}

Result<Endpoint> parse_endpoint(std::string_view url, std::string_view what) {
  const auto refuse = [&](std::string_view why) {
    // The URL may hold a password: only the parts of it that were checked are repeated.
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{}: {}; expected http://HOST[:PORT] or https://HOST[:PORT]", what, why));
  };
  Endpoint endpoint;
  if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
    endpoint.tls = false;
    endpoint.port = 80;
  } else {
    return refuse("the URL begins with neither http:// nor https://");
  }
  if (const auto wrong = read_authority(url, endpoint)) return refuse(*wrong);
  return endpoint;
}

}  // namespace loopstate::http
