// card link, lookup, unlink, list.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "json/array.hpp"
#include "webhook/fingerprint.hpp"

namespace loopstate::cli {
namespace {

// Nobody's user has a name of this form, and a card linked the wrong way round would be found by no payment.
Result<void> check_order(const Fingerprint& fingerprint, const UserId& user) {
  if (!webhook::is_card_fingerprint(user.text()) || webhook::is_card_fingerprint(fingerprint.text()))
    return {};
  return fail(ErrorCode::InvalidArgument,
              "USER has the form of a fingerprint, and FP has not: the order is 'card link FP USER'");
}

// What the link recorded is said only if anything had waited for it.
CommandOutput linked(const LinkedCard& card) {
  auto json = to_json(card);
  auto text = card_text(card);
  if (card.recorded.empty()) return {std::move(json), std::move(text)};
  json.pop_back();
  json += fmt::format(R"(,"recorded":{},"dropped":{},"version":{}}})", json::array(card.recorded),
                      json::array(card.dropped), card.version);
  text += fmt::format("\nrecorded {} purchase{} that had waited for it", card.recorded.size(),
                      card.recorded.size() == 1 ? "" : "s");
  if (!card.dropped.empty()) text += fmt::format("; {} left the full ring", card.dropped.size());
  return {std::move(json), std::move(text)};
}

Result<CommandOutput> link(Program& program, const Arguments& arguments) {
  TRY(auto fingerprint, name<Fingerprint>(arguments, "FP"));
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY_OK(check_order(fingerprint, user));
  TRY(auto call, program.begin(arguments, OpenMode::CreateIfMissing));
  TRY(const auto card,
      program.run(call.store.link(fingerprint, user, arguments.text("--last4"),
                                  LinkOptions(call.options).transfer(arguments.has("--transfer")))));
  auto answer = linked(card);
  if (!webhook::is_card_fingerprint(fingerprint.text())) {
    answer.notes.push_back(
        fmt::format("{} does not have the form of a fingerprint that the agent computes (loop_fp_ and 64 "
                    "hexadecimal digits), so "
                    "no payment will find it",
                    shown(fingerprint.text())));
  }
  return answer;
}

Result<CommandOutput> lookup(Program& program, const Arguments& arguments) {
  TRY(auto fingerprint, name<Fingerprint>(arguments, "FP"));
  TRY(auto call, program.begin(arguments));
  TRY(const auto card, program.run(call.store.lookup(fingerprint, call.options)));
  return CommandOutput{to_json(card), card_text(card)};
}

Result<CommandOutput> unlink(Program& program, const Arguments& arguments) {
  TRY(auto fingerprint, name<Fingerprint>(arguments, "FP"));
  TRY(auto user, optional_name<UserId>(arguments, "USER"));
  TRY(auto call, program.begin(arguments));
  TRY(const auto card, program.run(call.store.unlink(fingerprint, UnlinkOptions(call.options).owner(user))));
  return CommandOutput{to_json(card),
                       fmt::format("{} no longer belongs to {}", printable(card.fingerprint.text()),
                                   printable(card.user.text()))};
}

Result<CommandOutput> list_cards(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  TRY(const auto cards, program.run(call.store.cards_of(call.user, call.options)));
  std::string text;
  for (const auto& card : cards) text += card_text(card) + "\n";
  if (cards.empty()) text = fmt::format("{} has no cards", printable(call.user.text()));
  return CommandOutput{json::array(cards), text};
}

}  // namespace

std::vector<Command> card_commands() {
  return {of_catalogue("card link", link), of_catalogue("card lookup", lookup),
          of_catalogue("card unlink", unlink), of_catalogue("card list", list_cards)};
}

}  // namespace loopstate::cli
