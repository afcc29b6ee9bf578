#include "agent/settings.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/try.hpp"
#include "loopstate/store.hpp"

namespace loopstate::agent {
namespace {

Result<std::chrono::seconds> read_wait(const Environment& environment) {
  constexpr std::string_view name = "LOOPSTATE_KEEP_UNKNOWN_SECONDS";
  const auto text = environment(name).value_or("");
  if (text.empty()) return kDefaultWait;
  std::int64_t seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool whole = code == std::errc() && end == text.data() + text.size();
  if (!whole || seconds < 0 || seconds > kMaxWait.count()) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} is \"{}\"; a whole number from 0 to {} is expected", name, text, kMaxWait.count()));
  }
  return std::chrono::seconds(seconds);
}

std::size_t secrets_of(const webhook::WebhookSettings& settings, webhook::Provider provider) {
  switch (provider) {
    case webhook::Provider::Square:
      return settings.square.size();
    case webhook::Provider::Stripe:
      return settings.stripe.size();
    case webhook::Provider::Fidel:
      return settings.fidel.size();
  }
  return 0;
}

}  // namespace

Result<AgentSettings> AgentSettings::from_environment(const Environment& environment,
                                                      std::optional<crypto::Secret> pepper) {
  AgentSettings settings;
  TRY(settings.webhooks, webhook::WebhookSettings::from_environment(environment, std::move(pepper)));
  TRY(settings.keep_unknown, read_wait(environment));
  return settings;
}

std::vector<ProviderState> providers_of(const webhook::WebhookSettings& settings) {
  std::vector<ProviderState> states;
  for (const auto provider : webhook::kProviders) {
    states.push_back({provider, settings.is_on(provider), secrets_of(settings, provider)});
  }
  return states;
}

std::string providers_text(const webhook::WebhookSettings& settings) {
  std::string text;
  for (const auto& state : providers_of(settings)) {
    if (!state.on) continue;
    text += fmt::format("{}{} ({} secret{})", text.empty() ? "" : ", ", webhook::to_string(state.provider),
                        state.secrets, state.secrets == 1 ? "" : "s");
  }
  return text.empty() ? "none" : text;
}

Result<void> check_any_on(const webhook::WebhookSettings& settings) {
  if (settings.any_on()) return {};
  return fail(ErrorCode::InvalidArgument,
              "no webhook provider is switched on; set at least one provider's secret and LOOPSTATE_PEPPER");
}

}  // namespace loopstate::agent
