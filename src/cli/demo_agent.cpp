#include "cli/demo_agent.hpp"

#include <fmt/format.h>

#include <string>

#include "agent/demo_secrets.hpp"
#include "agent/pepper.hpp"
#include "agent/settings.hpp"
#include "base/try.hpp"
#include "loopstate/pepper.hpp"
#include "store/rows/keys.hpp"
#include "store/spine/store_access.hpp"
#include "webhook/fingerprint.hpp"

namespace loopstate::cli {
namespace {

/// "127.0.0.1:8080", "[::1]:0", "localhost:80".
bool is_this_machine(std::string_view listen) {
  const auto host = listen.substr(0, listen.rfind(':'));
  return host == "localhost" || host == "[::1]" || host == "::1" || host.starts_with("127.");
}

std::unexpected<Error> anothers_store() {
  return fail(
      ErrorCode::InvalidArgument,
      "this store has cards that an agent with a pepper of its own recognises, and the secrets of --demo are "
      "public: give it a store to try things out with, such as --store embedded:./demo.db");
}

/// A store that agents used before check values of peppers were written has cards and no check value.
Result<bool> has_cards_of_an_agent(Program& program, const Store& store) {
  const auto table = store::table_of(store);
  std::optional<std::string> cursor;
  do {
    table::Scan scan;
    scan.pk_prefix = store::kCardPrefix;
    scan.sk_prefix = store::kMetaSort;
    scan.past_damage = true;
    scan.cursor = std::move(cursor);
    TRY(auto timeout, program.request_timeout());
    const table::Call call{now_of(store), std::chrono::steady_clock::now() + timeout};
    TRY(auto page, program.run(table->scan(std::move(scan), call)));
    for (const auto& row : page.items) {
      if (webhook::is_card_fingerprint(row.key.pk.substr(store::kCardPrefix.size()))) return true;
    }
    cursor = std::move(page.next);
  } while (cursor);
  return false;
}

/// Takes the store for the demonstration's pepper, if no other agent has it.
Result<void> take_store(Program& program, const Store& store, const agent::SettingsPtr& settings) {
  TRY(const auto row, program.run(read_pepper(store, CallOptions())));
  if (!row) {
    TRY(const auto taken, has_cards_of_an_agent(program, store));
    if (taken) return anothers_store();
  }
  auto settled = program.run(
      agent::settle_pepper(store, settings, agent::PepperMode::Settle, now_of(store), CallOptions()));
  if (settled) return {};
  if (settled.error().code == ErrorCode::InvalidArgument) return anothers_store();
  return std::unexpected(std::move(settled.error()));
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
  TRY(auto read, agent::AgentSettings::from_environment(agent::demo_environment(process_environment())));
  const auto settings = std::make_shared<const agent::AgentSettings>(std::move(read));
  TRY_OK(take_store(program, store, settings));
  TRY(const auto user, UserId::parse(agent::kDemoUser));
  for (const auto& card : agent::kDemoCards) {
    auto fingerprint =
        webhook::card_fingerprint(crypto::Secret(std::string(card.id)), settings->webhooks.pepper);
    TRY([[maybe_unused]] const auto linked,
        program.run(store.link(std::move(fingerprint), user, std::string(card.last4))));
  }
  log.info("DEMO: the cards of the example deliveries belong to demo-shopper; 'send_deliveries' sends them");
  return {};
}

}  // namespace loopstate::cli
