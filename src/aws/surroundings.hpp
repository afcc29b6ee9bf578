// What code that calls AWS needs from the outside world.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "http/client/client.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"

namespace loopstate::aws {

/// Its settings, its servers, its time; tests bring their own.
struct Surroundings {
  Environment environment;
  /// A client for the server. The caller may keep it.
  std::function<Result<std::shared_ptr<http::Transport>>(const http::Endpoint&)> connect;
  const Clock& clock = system_clock();
};

/// More servers than anybody's settings name.
inline constexpr std::size_t kClientsMax = 64;

/// Over real connections; the CA bundle is AWS_CA_BUNDLE's. A later request for the same server, even through
/// a copy, gets the same client, whose connections are open already. The clients of kClientsMax servers are
/// kept; with one more, all are forgotten.
Surroundings real_surroundings(Environment environment);

}  // namespace loopstate::aws
