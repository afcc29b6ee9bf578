#include "dax/seeds.hpp"

#include <fmt/format.h>

#include "base/try.hpp"

namespace loopstate::dax {

namespace {

std::unexpected<Error> refuse(std::string_view why) {
  // The text may hold a password: none of it is repeated.
  return fail(ErrorCode::InvalidArgument,
              fmt::format("DAX_ENDPOINT: {}; expected dax://HOST[:PORT] or daxs://HOST[:PORT]", why));
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

Result<http::Endpoint> parse_seed(std::string_view text) {
  http::Endpoint endpoint{false, "", kPlainPort};
  bool needs_port = false;
  if (text.starts_with("daxs://")) {
    text.remove_prefix(7);
    endpoint.tls = true;
    endpoint.port = kTlsPort;
  } else if (text.starts_with("dax://")) {
    text.remove_prefix(6);
  } else if (text.find("://") != std::string_view::npos) {
    return refuse("the URL begins with neither dax:// nor daxs://");
  } else {
    needs_port = true;
    endpoint.port = 0;
  }
  if (const auto wrong = http::read_authority(text, endpoint)) return refuse(*wrong);
  if (needs_port && endpoint.port == 0) return refuse("a host without dax:// needs a port");
  return endpoint;
}

}  // namespace

Result<Seeds> parse_seeds(std::string_view text) {
  Seeds seeds;
  while (true) {
    const std::size_t comma = text.find(',');
    TRY(auto endpoint, parse_seed(trimmed(text.substr(0, comma))));
    if (seeds.hosts.empty()) seeds.tls = endpoint.tls;
    if (seeds.tls != endpoint.tls) return refuse("its URLs are not all of one scheme");
    seeds.hosts.push_back(std::move(endpoint));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (seeds.tls && seeds.hosts.size() > 1) {
    return refuse("more than one daxs:// URL; one name is what the nodes' certificates are for");
  }
  return seeds;
}

std::string url_of(const http::Endpoint& endpoint) {
  const bool is_address = endpoint.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", endpoint.tls ? "daxs" : "dax", is_address ? "[" : "", endpoint.host,
                     is_address ? "]" : "", endpoint.port);
}

}  // namespace loopstate::dax
