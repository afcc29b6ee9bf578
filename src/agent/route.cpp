#include "agent/route.hpp"

namespace loopstate::agent {
namespace {

/// Removes the last segment and returns it.
std::string_view take_last(std::string_view& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  const auto segment = path.substr(slash + 1);
  path = path.substr(0, slash);
  return segment;
}

Route reading(Endpoint endpoint, std::string_view method) {
  return {endpoint, std::nullopt, method == "GET" || method == "HEAD", "GET, HEAD"};
}

}  // namespace

Route route(std::string_view method, std::string_view path) noexcept {
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const auto last = take_last(path);
  if (last == "healthz") return reading(Endpoint::Health, method);
  if (last == "metrics") return reading(Endpoint::Metrics, method);
  const auto provider = webhook::provider_from(last);
  if (provider && take_last(path) == "webhooks") {
    return {Endpoint::Webhook, provider, method == "POST", "POST"};
  }
  return {};
}

}  // namespace loopstate::agent
