// card link, lookup, unlink, list.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"

namespace loopstate::cli {
namespace {

Result<Answer> link(Program& program, const Arguments& arguments) {
  auto fingerprint = name<Fingerprint>(arguments, "FP");
  if (!fingerprint) return std::unexpected(fingerprint.error());
  auto user = name<UserId>(arguments, "USER");
  if (!user) return std::unexpected(user.error());
  const auto elsewhere =
      arguments.has("--transfer") ? IfLinkedElsewhere::Transfer : IfLinkedElsewhere::Refuse;
  auto call = program.begin(arguments);
  if (!call) return std::unexpected(call.error());
  const auto card =
      program.run(call->store.link(*fingerprint, *user, arguments.text("--last4"), elsewhere, call->options));
  if (!card) return std::unexpected(card.error());
  return Answer{to_json(*card), card_text(*card)};
}

Result<Answer> lookup(Program& program, const Arguments& arguments) {
  auto fingerprint = name<Fingerprint>(arguments, "FP");
  if (!fingerprint) return std::unexpected(fingerprint.error());
  auto call = program.begin(arguments);
  if (!call) return std::unexpected(call.error());
  const auto card = program.run(call->store.lookup(*fingerprint, call->options));
  if (!card) return std::unexpected(card.error());
  return Answer{to_json(*card), card_text(*card)};
}

Result<Answer> unlink(Program& program, const Arguments& arguments) {
  auto fingerprint = name<Fingerprint>(arguments, "FP");
  if (!fingerprint) return std::unexpected(fingerprint.error());
  auto user = optional_name<UserId>(arguments, "USER");
  if (!user) return std::unexpected(user.error());
  auto call = program.begin(arguments);
  if (!call) return std::unexpected(call.error());
  const auto card = program.run(call->store.unlink(*fingerprint, *user, call->options));
  if (!card) return std::unexpected(card.error());
  return Answer{to_json(*card), fmt::format("{} no longer belongs to {}", printable(card->fingerprint),
                                            printable(card->user_pubkey))};
}

Result<Answer> list_cards(Program& program, const Arguments& arguments) {
  auto call = program.begin_for_user(arguments);
  if (!call) return std::unexpected(call.error());
  const auto cards = program.run(call->store.cards_of(call->user, call->options));
  if (!cards) return std::unexpected(cards.error());
  std::string text;
  for (const auto& card : *cards) text += card_text(card) + "\n";
  if (cards->empty()) text = fmt::format("{} has no cards", printable(call->user.text()));
  return Answer{json_array(*cards), text};
}

}  // namespace

std::vector<Command> card_commands() {
  const auto fingerprint = required("FP", "The card's fingerprint");
  const auto user = required("USER", "The user's public key or id");
  const auto request_id = option("--request-id", "ID", kRequestIdHelp);
  return {
      {"card link",
       "Link a card to a user",
       "A card that belongs to somebody else is refused (status 4), unless --transfer says to take it over.",
       "card link loop_fp_7c1a U1 --last4 4242",
       {fingerprint, user, option("--last4", "DIGITS", "The last four digits of its number"),
        flag("--transfer", "Take it over from whoever has it"), request_id},
       link},
      {"card lookup", "Show whose card it is", "", "card lookup loop_fp_7c1a", {fingerprint}, lookup},
      {"card unlink",
       "Unlink a card",
       "With USER: only if it is that user's.",
       "card unlink loop_fp_7c1a U1",
       {fingerprint, optional("USER", "Whose it has to be"), request_id},
       unlink},
      {"card list", "List a user's cards", "", "card list U1", {user}, list_cards},
  };
}

}  // namespace loopstate::cli
