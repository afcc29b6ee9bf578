#include "cli/doctor_agent.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "agent/pepper.hpp"
#include "agent/settings.hpp"
#include "log/log.hpp"

namespace loopstate::cli {
namespace {

using table::Finding;
using Level = Finding::Level;
using Findings = std::vector<Finding>;

constexpr std::string_view kTestPayments = "LOOPSTATE_ACCEPT_TEST_PAYMENTS";

/// What the agent reads a secret or a URL from; each also with _FILE.
constexpr std::array<std::string_view, 10> kSecrets = {"LOOPSTATE_PEPPER",
                                                       "LOOPSTATE_PREVIOUS_PEPPER",
                                                       "SQUARE_WEBHOOK_SIGNATURE_KEY",
                                                       "SQUARE_WEBHOOK_URL",
                                                       "STRIPE_WEBHOOK_SECRET",
                                                       "FIDEL_WEBHOOK_SECRET_AUTH",
                                                       "FIDEL_WEBHOOK_SECRET_CLEARING",
                                                       "FIDEL_WEBHOOK_SECRET_REFUND",
                                                       "FIDEL_WEBHOOK_SECRET_CARD_LINKED",
                                                       "FIDEL_WEBHOOK_URL"};

bool is_set(const Environment& environment, std::string_view name) {
  return !environment(name).value_or("").empty() ||
         !environment(fmt::format("{}_FILE", name)).value_or("").empty();
}

bool is_set_up(const Environment& environment, std::string_view prefix) {
  return std::ranges::any_of(
      kSecrets, [&](std::string_view name) { return name.starts_with(prefix) && is_set(environment, name); });
}

std::string_view prefix_of(webhook::Provider provider) {
  switch (provider) {
    case webhook::Provider::Square:
      return "SQUARE_";
    case webhook::Provider::Stripe:
      return "STRIPE_";
    case webhook::Provider::Fidel:
      return "FIDEL_";
  }
  return "";
}

void add_log(const Environment& environment, Findings& findings) {
  const auto log = log::options_from_environment(environment, false);
  if (!log) {
    findings.push_back({Level::Bad, "log", log.error().message, "correct it; the agent does not start"});
  }
}

bool is_about(std::string_view notice, webhook::Provider provider) {
  return notice.starts_with(webhook::to_string(provider));
}

void add_provider(const Environment& environment, const webhook::WebhookSettings& settings,
                  const agent::ProviderState& state, Findings& findings) {
  const auto name = std::string(webhook::to_string(state.provider));
  const bool set_up = is_set_up(environment, prefix_of(state.provider));
  if (state.on) {
    findings.push_back({Level::Good, name,
                        fmt::format("on, with {} secret{}", state.secrets, state.secrets == 1 ? "" : "s"),
                        ""});
  } else if (!set_up) {
    findings.push_back({Level::Good, name, "not set up: its deliveries are answered with 503", ""});
  }
  for (const auto& notice : settings.notices) {
    if (!set_up || !is_about(notice, state.provider)) continue;
    findings.push_back(
        {Level::Warning, name, notice, "set it; until then, what is off is answered with 503"});
  }
}

void add_other_notices(const webhook::WebhookSettings& settings, Findings& findings) {
  for (const auto& notice : settings.notices) {
    const bool said = std::ranges::any_of(
        webhook::kProviders, [&](webhook::Provider provider) { return is_about(notice, provider); });
    if (said) continue;
    const auto advice = notice.starts_with(kTestPayments) ? "unset it if the store holds real payments" : "";
    findings.push_back({Level::Warning, "agent", notice, advice});
  }
}

// The providers deliver to nothing else; and the URL is part of what they sign.
void add_url(std::string_view variable, std::string_view url, Findings& findings) {
  if (url.starts_with("https://")) return;
  findings.push_back({Level::Warning, std::string(variable),
                      "it names a URL that does not begin with https://, and providers deliver to no other",
                      "set it to the URL exactly as it is registered with the provider"});
}

void add_urls(const webhook::WebhookSettings& settings, Findings& findings) {
  for (const auto& key : settings.square) add_url("SQUARE_WEBHOOK_URL", key.url, findings);
  std::string said;
  for (const auto& secret : settings.fidel) {
    // Each of its secrets has the list of URLs once more.
    if (std::exchange(said, secret.key.url) == secret.key.url) continue;
    add_url("FIDEL_WEBHOOK_URL", secret.key.url, findings);
  }
}

void add_files(const Environment& environment, Findings& findings) {
  for (const auto name : kSecrets) {
    const auto variable = fmt::format("{}_FILE", name);
    const auto path = environment(variable).value_or("");
    struct stat file{};
    if (path.empty() || name.ends_with("_URL") || ::stat(path.c_str(), &file) != 0) continue;
    if ((file.st_mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH)) == 0) continue;
    findings.push_back({Level::Warning, variable,
                        fmt::format("other users of this machine can read or change {}", path),
                        fmt::format("chmod 600 {}", path)});
  }
}

void add_pepper(Program& program, const Store& store, agent::SettingsPtr settings, Findings& findings) {
  if (settings->webhooks.pepper.empty()) return;
  const auto verdict = program.run(agent::settle_pepper(store, std::move(settings), agent::PepperMode::Look,
                                                        system_clock().now(), CallOptions()));
  if (!verdict) {
    findings.push_back(
        {Level::Bad, "pepper", verdict.error().message, "the agent does not start until then"});
    return;
  }
  findings.push_back({verdict->warns ? Level::Warning : Level::Good, "pepper", verdict->said, ""});
}

}  // namespace

std::vector<Finding> examine_agent(Program& program, const std::optional<Store>& store) {
  Findings findings;
  const auto environment = process_environment();
  add_log(environment, findings);
  auto read = agent::AgentSettings::from_environment(environment);
  if (!read) {
    findings.push_back({Level::Bad, "agent", read.error().message, "correct it: the agent does not start"});
    return findings;
  }
  const auto settings = std::make_shared<const agent::AgentSettings>(std::move(*read));
  const auto& webhooks = settings->webhooks;
  if (!is_set_up(environment, "")) {
    findings.push_back({Level::Good, "agent", "not set up here: none of its secrets is set", ""});
    return findings;
  }
  for (const auto& state : agent::providers_of(webhooks))
    add_provider(environment, webhooks, state, findings);
  add_other_notices(webhooks, findings);
  add_urls(webhooks, findings);
  add_files(environment, findings);
  if (store) add_pepper(program, *store, settings, findings);
  return findings;
}

}  // namespace loopstate::cli
