// What the agent is configured with, read and judged in one place: for its start, for SIGHUP and for
// `loopstate doctor`.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/secret.hpp"
#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "webhook/settings.hpp"

namespace loopstate::agent {

inline constexpr std::chrono::seconds kDefaultWait = std::chrono::minutes(15);

/// Move-only, like the secrets in it.
struct AgentSettings {
  webhook::WebhookSettings webhooks;
  /// How long a purchase of an unknown card waits for its link; 0: not at all.
  std::chrono::seconds keep_unknown = kDefaultWait;

  /// What webhook::WebhookSettings reads, and LOOPSTATE_KEEP_UNKNOWN_SECONDS (0 to 86400, default 900).
  /// InvalidArgument names the variable; StorageFailure: a secret's file cannot be read.
  static Result<AgentSettings> from_environment(const Environment& environment,
                                                std::optional<crypto::Secret> pepper = {});
};

using SettingsPtr = std::shared_ptr<const AgentSettings>;

/// One provider, and what it was given.
struct ProviderState {
  webhook::Provider provider;
  bool on = false;
  std::size_t secrets = 0;
};
std::vector<ProviderState> providers_of(const webhook::WebhookSettings& settings);

/// "square (1 secret), fidel (4 secrets)"; "none".
std::string providers_text(const webhook::WebhookSettings& settings);

/// InvalidArgument if no provider is switched on: there is nothing to serve.
Result<void> check_any_on(const webhook::WebhookSettings& settings);

}  // namespace loopstate::agent
