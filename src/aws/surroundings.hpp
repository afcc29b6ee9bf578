// What a caller of AWS needs of the world outside.
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
  /// A client for the server. Who asks may keep it.
  std::function<Result<std::shared_ptr<http::Transport>>(const http::Endpoint&)> connect;
  const Clock& clock = system_clock();
};

/// More servers than anybody's settings name.
inline constexpr std::size_t kClientsMax = 64;

/// Over real connections; the CA bundle is AWS_CA_BUNDLE's. Who asks for the same server again, through a
/// copy too, gets the same client, whose connections are open already. The clients of kClientsMax servers are
/// kept; one more, and they are forgotten.
Surroundings real_surroundings(Environment environment);

}  // namespace loopstate::aws
