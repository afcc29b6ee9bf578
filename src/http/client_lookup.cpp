#include "http/client_lookup.hpp"

#include <fmt/format.h>
#include <netdb.h>

#include <boost/asio/ip/address.hpp>
#include <cstring>
#include <system_error>
#include <thread>

namespace loopstate::http {

using boost::asio::ip::tcp;

namespace {

Result<Addresses> ask_system(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  int status = getaddrinfo(endpoint.host.c_str(), nullptr, &hints, &found);
  if (status != 0) {
    // AI_ADDRCONFIG finds nothing on a machine that has only its loopback.
    hints.ai_flags = 0;
    status = getaddrinfo(endpoint.host.c_str(), nullptr, &hints, &found);
  }
  if (status != 0) {
    return fail(
        ErrorCode::NameResolutionFailed,
        fmt::format("the name {} was not found: {}; check the endpoint or region, and this machine's DNS",
                    endpoint.host, gai_strerror(status)),
        status == EAI_AGAIN || status == EAI_FAIL || status == EAI_SYSTEM);
  }
  Addresses out;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    tcp::endpoint address;
    if (at->ai_addrlen > address.capacity()) continue;
    std::memcpy(address.data(), at->ai_addr, at->ai_addrlen);
    address.resize(at->ai_addrlen);
    address.port(endpoint.port);
    out.push_back(address);
  }
  freeaddrinfo(found);
  if (out.empty()) {
    return fail(ErrorCode::NameResolutionFailed, fmt::format("the name {} has no address", endpoint.host),
                true);
  }
  return out;
}

}  // namespace

Addresses literal_address(const Endpoint& endpoint) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(endpoint.host, error);
  if (error) return {};
  return {tcp::endpoint(address, endpoint.port)};
}

void look_up(Endpoint endpoint, std::function<void(Result<Addresses>)> done) {
  try {
    // Copied, not moved: where no thread can be had, `done` is still needed.
    std::thread([endpoint, done] { done(ask_system(endpoint)); }).detach();
  } catch (const std::system_error& error) {
    done(fail(ErrorCode::NameResolutionFailed,
              fmt::format("no thread to look up {}: {}", endpoint.host, error.what()), true));
  }
}

}  // namespace loopstate::http
