// Secrets for trying out: `loopstate agent --demo` and the program that plays the providers
// (examples/deliveries) share them. They are public, so whoever can reach an agent that uses them can make up
// payments.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "loopstate/settings.hpp"

namespace loopstate::agent {

struct DemoVariable {
  std::string_view name, value;
};

inline constexpr std::array<DemoVariable, 9> kDemoVariables = {{
    {"SQUARE_WEBHOOK_SIGNATURE_KEY", "demo-square-key"},
    {"SQUARE_WEBHOOK_URL", "https://demo.example/webhooks/square"},
    {"STRIPE_WEBHOOK_SECRET", "whsec_demo_stripe_secret"},
    {"FIDEL_WEBHOOK_SECRET_AUTH", "demo-fidel-secret-auth"},
    {"FIDEL_WEBHOOK_SECRET_CLEARING", "demo-fidel-secret-clearing"},
    {"FIDEL_WEBHOOK_SECRET_REFUND", "demo-fidel-secret-refund"},
    {"FIDEL_WEBHOOK_SECRET_CARD_LINKED", "demo-fidel-secret-card-linked"},
    {"FIDEL_WEBHOOK_URL", "https://demo.example/webhooks/fidel"},
    {"LOOPSTATE_PEPPER", "YSBkZW1vIHBlcHBlciB0aGF0IG5vYm9keSBtYXkgdXNl"},
}};

/// The user to whom the demonstration's cards belong.
inline constexpr std::string_view kDemoUser = "demo-shopper";

struct DemoCard {
  std::string_view id, last4;
};
/// The providers' ids of the cards with which the deliveries are paid. Fidel's comes with a delivery.
inline constexpr std::array<DemoCard, 3> kDemoCards = {
    {{"sq-1-demo-card", "1111"}, {"demoStripeCard01", "4242"}, {"demoStripeCard02", "4444"}}};

/// The process's environment with these secrets in place of its own, those in files and the pepper before
/// included.
inline Environment demo_environment(Environment others) {
  return [others = std::move(others)](std::string_view name) -> std::optional<std::string> {
    constexpr std::string_view kFile = "_FILE";
    if (name == "LOOPSTATE_PREVIOUS_PEPPER" || name == "LOOPSTATE_PREVIOUS_PEPPER_FILE") return std::nullopt;
    for (const auto& [variable, value] : kDemoVariables) {
      if (name == variable) return std::string(value);
      const bool is_its_file = name.size() == variable.size() + kFile.size() && name.starts_with(variable) &&
                               name.ends_with(kFile);
      if (is_its_file) return std::nullopt;
    }
    return others(name);
  };
}

}  // namespace loopstate::agent
