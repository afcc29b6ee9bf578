// Where requests go: scheme, host and port of a URL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loopstate/error.hpp"

namespace loopstate::http {

struct Endpoint {
  bool tls = true;
  std::string host;  ///< a name or an address; an IPv6 address without brackets
  std::uint16_t port = 443;

  /// The value of the `Host` header: with the port only if it is not the scheme's default.
  std::string authority() const;
  /// "https://host:port", for messages.
  std::string url() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// Takes "http://host[:port][/]" or "https://..."; refuses a path other than "/", and user
/// information. InvalidArgument names what is wrong; `what` names the setting it came from.
Result<Endpoint> parse_endpoint(std::string_view url, std::string_view what);

/// Takes what follows the scheme of a URL: "HOST[:PORT][/]", an IPv6 address in brackets. Returns what is
/// wrong with it; nothing: `endpoint` has the host, and the port if one is given.
std::optional<std::string_view> read_authority(std::string_view text, Endpoint& endpoint);

}  // namespace loopstate::http
