#include "cli/demo_agent.hpp"

#include <fmt/format.h>

#include <string>

#include "agent/demo_secrets.hpp"
#include "base/try.hpp"
#include "webhook/fingerprint.hpp"
#include "webhook/settings.hpp"

namespace loopstate::cli {
namespace {

/// "127.0.0.1:8080", "[::1]:0", "localhost:80".
bool is_this_machine(std::string_view listen) {
  const auto host = listen.substr(0, listen.rfind(':'));
  return host == "localhost" || host == "[::1]" || host == "::1" || host.starts_with("127.");
}

}  // namespace

Result<void> check_demo_is_private(const Settings& settings, std::string_view listen) {
  if (!settings.url.starts_with("embedded:")) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format(
            "--demo is for a store on this machine, not for {}: anybody can make up payments with its "
            "secrets",
            settings.url));
  }
  if (!is_this_machine(listen)) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format(
            "--demo listens on 127.0.0.1, ::1 or localhost only, not on {}: anybody can make up payments "
            "with its secrets",
            listen));
  }
  return {};
}

Result<void> prepare_demo(Program& program, Store store, const log::Logger& log) {
  log.warn(
      "DEMO: THE SECRETS ARE MADE UP AND PUBLIC, so anybody who reaches this agent can invent payments; use "
      "it "
      "to try things out, and never with a store that matters");
  const auto environment = agent::demo_environment(process_environment());
  TRY(const auto settings, webhook::WebhookSettings::from_environment(environment));
  TRY(const auto user, UserId::parse(agent::kDemoUser));
  for (const auto& card : agent::kDemoCards) {
    auto fingerprint = webhook::card_fingerprint(crypto::Secret(std::string(card.id)), settings.pepper);
    TRY([[maybe_unused]] const auto linked,
        program.run(store.link(std::move(fingerprint), user, std::string(card.last4))));
  }
  log.info("DEMO: the cards of the example deliveries belong to demo-shopper; 'send_deliveries' sends them");
  return {};
}

}  // namespace loopstate::cli
