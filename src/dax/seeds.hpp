// Where a cluster is first looked for: what DAX_ENDPOINT says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/client/endpoint.hpp"
#include "loopstate/error.hpp"

namespace loopstate::dax {

/// A cluster's default ports, plain and encrypted.
inline constexpr std::uint16_t kPlainPort = 8111;
inline constexpr std::uint16_t kTlsPort = 9111;

struct Seeds {
  bool tls = false;
  std::vector<http::Endpoint> hosts;  ///< one if `tls`: its name is the one in every node's certificate
};

/// Takes "dax://HOST[:PORT]", "daxs://HOST[:PORT]" or "HOST:PORT" (which means dax), and several that
/// are not encrypted, separated by commas. InvalidArgument names DAX_ENDPOINT and what is wrong.
Result<Seeds> parse_seeds(std::string_view text);

/// "daxs://host:9111", for messages.
std::string url_of(const http::Endpoint& endpoint);

}  // namespace loopstate::dax
