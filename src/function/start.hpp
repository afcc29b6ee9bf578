// What is done once, before the first event: settings, secrets, the store, and a warm connection.
#pragma once

#include <chrono>
#include <string>

#include "function/function.hpp"
#include "log/log.hpp"
#include "loopstate/lambda.hpp"

namespace loopstate::function {

struct StartOptions {
  Environment environment = process_environment();
  log::Logger log;
  std::string version = {};  ///< for the line that the start logs
  /// How long secrets and connections may take. Lambda ends the init phase after 10 s.
  std::chrono::milliseconds timeout{8'000};
};

/// The start of the agent's function. Everything to be awaited is awaited at once: the secrets that
/// PEPPER_SECRET_NAME and each NAME_SECRET_NAME name (NAME: a provider's secret or LOOPSTATE_PREVIOUS_PEPPER,
/// as webhook/settings.hpp has them), and the connection to the table. Then the table is asked whether the
/// pepper is its own (agent/pepper.hpp). A connection that cannot be made yet is only logged; the first event
/// tries again.
///
/// The start returns InvalidArgument (a setting: the sentence names it; a pepper that is not the table's),
/// StorageFailure (a secret's file) or the error of aws::SecretsManager, with the variable that asked for the
/// secret.
lambda::Start make_start(StartOptions options);

}  // namespace loopstate::function
