// card fingerprint.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include "agent/pepper.hpp"
#include "agent/settings.hpp"
#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "webhook/fingerprint.hpp"
#include "webhook/secret_variable.hpp"

namespace loopstate::cli {
namespace {

constexpr std::size_t kMaxIdBytes = 1024;
constexpr std::chrono::seconds kPepperTimeout{5};

// Other users of the machine can read a command line, and shells keep it.
bool is_number(std::string_view text) {
  const bool only =
      std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0 || c == ' ' || c == '-'; });
  return only && std::ranges::any_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

Result<crypto::Secret> card_id(const Arguments& arguments) {
  auto given = arguments.optional("ID").value_or("-");
  if (given != "-" && is_number(given)) {
    return fail(ErrorCode::InvalidArgument,
                "a number is not accepted on the command line, where others can read it: give it on standard "
                "input");
  }
  if (given == "-") {
    TRY(given, read_input("ID", "-", kMaxIdBytes));
  }
  const crypto::Secret text(std::move(given));
  auto id = crypto::Secret::copy_of(webhook::trim(text.reveal()));
  const auto bytes = id.reveal();
  if (id.empty()) return fail(ErrorCode::InvalidArgument, "the card's id is empty");
  if (bytes.find('\n') != bytes.npos) {
    return fail(ErrorCode::InvalidArgument, "more than one line was given; one card's id is expected");
  }
  return id;
}

// Under a pepper that is not the store's, nobody would find the card. A store that is not there, or does not
// answer, is no reason not to compute.
Result<void> check_pepper(Program& program, agent::SettingsPtr settings) {
  const auto store = program.open(OpenMode::Existing);
  if (!store) return {};
  const auto verdict =
      program.run(agent::settle_pepper(*store, std::move(settings), agent::PepperMode::Look,
                                       system_clock().now(), CallOptions().timeout(kPepperTimeout)));
  if (verdict || verdict.error().code != ErrorCode::InvalidArgument) return {};
  return std::unexpected(verdict.error());
}

Result<CommandOutput> compute_fingerprint(Program& program, const Arguments& arguments) {
  TRY(auto read, agent::AgentSettings::from_environment(process_environment()));
  const auto settings = std::make_shared<const agent::AgentSettings>(std::move(read));
  if (settings->webhooks.pepper.empty()) {
    return fail(ErrorCode::InvalidArgument,
                "LOOPSTATE_PEPPER is not set (nor LOOPSTATE_PEPPER_FILE): a fingerprint is made with it");
  }
  TRY(auto id, card_id(arguments));
  TRY_OK(check_pepper(program, settings));
  const auto card = webhook::card_fingerprints(std::move(id), settings->webhooks.peppers());
  JsonObject json;
  json.text("fingerprint", card.current.text());
  if (card.previous) json.text("previous_fingerprint", card.previous->text());
  return CommandOutput{json.str(), card.current.text()};
}

}  // namespace

std::vector<Command> fingerprint_commands() {
  return {
      {"card fingerprint",
       "Compute a card's fingerprint with LOOPSTATE_PEPPER",
       "ID is the card as its provider names it: Square's and Stripe's 'fingerprint', Fidel's card id. Each "
       "of\n"
       "them gives another fingerprint. It is read from standard input unless it is given; a number is only\n"
       "read from there. Nothing is stored.",
       "card fingerprint < card-id.txt",
       {optional("ID", "The provider's id of the card; - or nothing: from standard input")},
       compute_fingerprint}};
}

}  // namespace loopstate::cli
