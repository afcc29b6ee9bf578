#include "function/start.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>

#include "agent/agent.hpp"
#include "agent/pepper.hpp"
#include "agent/retry.hpp"
#include "agent/settings.hpp"
#include "async/parallel.hpp"
#include "aws/secrets_manager.hpp"
#include "base/try.hpp"
#include "open/open_store.hpp"

namespace loopstate::function {
namespace {

constexpr std::string_view kPepper = "LOOPSTATE_PEPPER";
/// The Rust crate's name for it.
constexpr std::string_view kPepperSecretName = "PEPPER_SECRET_NAME";
constexpr std::array<std::string_view, 7> kOtherSecrets = {
    "LOOPSTATE_PREVIOUS_PEPPER",       "STRIPE_WEBHOOK_SECRET",         "SQUARE_WEBHOOK_SIGNATURE_KEY",
    "FIDEL_WEBHOOK_SECRET_AUTH",       "FIDEL_WEBHOOK_SECRET_CLEARING", "FIDEL_WEBHOOK_SECRET_REFUND",
    "FIDEL_WEBHOOK_SECRET_CARD_LINKED"};

/// What a small function's memory allows. A user with a full ring takes about 8 KB.
constexpr agent::HeldCacheLimits kCacheLimits{1024, 4u << 20};

/// A secret to be read, and the destination of its value.
struct Wanted {
  std::string variable;  ///< the variable that names it
  std::string name;
  std::string target;  ///< the variable that its value stands in for
  Result<crypto::Secret> value;
};

std::string text(const Environment& environment, std::string_view name) {
  return environment(name).value_or("");
}

/// InvalidArgument: a secret is both named and given.
Result<std::vector<Wanted>> wanted_secrets(const Environment& environment) {
  std::vector<Wanted> wanted;
  const auto add = [&](std::string variable, std::string_view target) -> Result<void> {
    auto name = text(environment, variable);
    if (name.empty()) return {};
    for (const auto& given : {std::string(target), fmt::format("{}_FILE", target)}) {
      if (text(environment, given).empty()) continue;
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("{} and {} are both set; set one of them", variable, given));
    }
    wanted.push_back({std::move(variable), std::move(name), std::string(target), {}});
    return {};
  };
  TRY_OK(add(std::string(kPepperSecretName), kPepper));
  for (const auto target : kOtherSecrets) {
    TRY_OK(add(fmt::format("{}_SECRET_NAME", target), target));
  }
  return wanted;
}

/// InvalidArgument: the store would not outlive the process.
Result<Store> open_lasting_store(const Settings& settings, const Environment& environment) {
  if (!settings.url.starts_with("dynamodb:")) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("the store is \"{}\"; a function's files do not last, so LOOPSTATE_URL must be "
                            "dynamodb:TABLE here (or DYNAMO_TABLE the table's name)",
                            settings.url));
  }
  return open_store(settings, OpenMode::Existing, environment);
}

/// Everything that lives as long as the process.
struct App {
  App(Store store, agent::SettingsPtr settings, agent::RecorderOptions options,
      FunctionOptions function_options, const log::Logger& log, agent::PepperState pepper)
      : agent(std::move(store), std::move(settings), options, log, pepper),
        function(agent, std::move(function_options), log) {}

  agent::Agent agent;
  Function function;
};

/// What is awaited, all at once: held by each of the waits.
struct Waits {
  std::vector<Wanted> secrets;
  std::optional<Store> store;
  Result<void> warmed;
  std::unique_ptr<aws::SecretsManager> manager;  ///< null if no secret is named
  Deadline deadline;
};

Task<void> wait_for(std::shared_ptr<Waits> waits, std::size_t index) {
  if (index == waits->secrets.size()) {
    waits->warmed = co_await waits->store->warm_up(CallOptions().deadline(waits->deadline));
    co_return;
  }
  Wanted& wanted = waits->secrets[index];
  wanted.value = co_await waits->manager->fetch(wanted.name, waits->deadline);
}

Result<agent::AgentSettings> read_settings(const Environment& environment, std::vector<Wanted> secrets) {
  std::map<std::string, crypto::Secret, std::less<>> values;
  std::optional<crypto::Secret> pepper;
  for (Wanted& wanted : secrets) {
    if (!wanted.value) {
      Error error = std::move(wanted.value.error());
      error.message =
          fmt::format("the secret that {} names cannot be read: {}", wanted.variable, error.message);
      return std::unexpected(std::move(error));
    }
    if (wanted.target == kPepper) {
      pepper = std::move(*wanted.value);
    } else {
      values.emplace(wanted.target, std::move(*wanted.value));
    }
  }
  return agent::AgentSettings::from_environment(
      [&](std::string_view name) -> std::optional<std::string> {
        const auto found = values.find(name);
        if (found == values.end()) return environment(name);
        return std::string(found->second.reveal());
      },
      std::move(pepper));
}

/// Whether the pepper is the store's. A passing failure leaves that to the first event, and a cold start does
/// not wait for it either unless cards are being moved from a previous one: an event whose card is found
/// needs no such answer, and any other waits for it. InvalidArgument: it is another's.
Task<Result<agent::PepperState>> settle(Store store, agent::SettingsPtr settings, Deadline deadline,
                                        log::Logger log) {
  if (settings->webhooks.pepper.empty()) co_return agent::PepperState::Settled;
  if (settings->webhooks.previous_pepper.empty()) co_return agent::PepperState::Unsettled;
  const auto now = now_of(store);
  auto settling = agent::settle_pepper(std::move(store), std::move(settings), agent::PepperMode::Settle, now,
                                       CallOptions().deadline(deadline));
  auto verdict = co_await std::move(settling);
  if (verdict) {
    log.write(verdict->warns ? log::Level::Warn : log::Level::Info, verdict->said);
    co_return agent::PepperState::Settled;
  }
  if (agent::outcome_of(verdict.error().code) != agent::Outcome::StoreBusy) {
    co_return std::unexpected(std::move(verdict.error()));
  }
  co_return agent::PepperState::Unsettled;
}

Task<Result<std::string>> handle(std::shared_ptr<App> app, lambda::Invocation invocation) {
  co_return co_await app->function.handle(std::move(invocation));
}

Task<Result<lambda::Handler>> start(std::shared_ptr<StartOptions> options) {
  const Environment& environment = options->environment;
  CO_TRY(auto settings, Settings::from_environment(environment));
  CO_TRY(auto function_options, FunctionOptions::from_environment(environment));
  CO_TRY(auto secrets, wanted_secrets(environment));
  CO_TRY(auto store, open_lasting_store(settings, environment));

  auto waits = std::make_shared<Waits>();
  waits->secrets = std::move(secrets);
  waits->store = std::move(store);
  if (!waits->secrets.empty()) {
    CO_TRY(auto manager, aws::SecretsManager::create(aws::real_surroundings(environment)));
    waits->manager = std::move(manager);
  }
  waits->deadline = std::chrono::steady_clock::now() + options->timeout;
  const std::size_t count = waits->secrets.size() + 1;
  std::function<Task<void>(std::size_t)> one = [waits](std::size_t index) { return wait_for(waits, index); };
  co_await async::in_parallel(count, count, std::move(one));

  CO_TRY(auto read, read_settings(environment, std::move(waits->secrets)));
  for (const auto& notice : read.webhooks.notices) options->log.warn(notice);
  const auto in_use = std::make_shared<const agent::AgentSettings>(std::move(read));
  options->log.info("starting", log::Fields()
                                    .add("version", options->version)
                                    .add("store", settings.url)
                                    .add("providers", agent::providers_text(in_use->webhooks))
                                    .add("keep_unknown_s", in_use->keep_unknown.count()));
  if (!waits->warmed) {
    options->log.warn("the table cannot be reached yet; the first event tries again",
                      log::Fields()
                          .add("error", waits->warmed.error().code)
                          .add("error_message", waits->warmed.error().message));
  }
  auto settling = settle(*waits->store, in_use, waits->deadline, options->log);
  CO_TRY(const auto pepper, co_await std::move(settling));
  agent::RecorderOptions recorder;
  recorder.cache = kCacheLimits;
  auto app = std::make_shared<App>(*waits->store, in_use, recorder, std::move(function_options), options->log,
                                   pepper);
  co_return lambda::Handler(
      [app](lambda::Invocation invocation) { return handle(app, std::move(invocation)); });
}

}  // namespace

lambda::Start make_start(StartOptions options) {
  auto shared = std::make_shared<StartOptions>(std::move(options));
  return [shared] { return start(shared); };
}

}  // namespace loopstate::function
