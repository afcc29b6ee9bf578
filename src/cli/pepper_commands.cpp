// pepper status, finish.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/terminal.hpp"
#include "cli/text.hpp"
#include "cli/whole_store.hpp"
#include "loopstate/pepper.hpp"
#include "store/upkeep/pepper_cards.hpp"

namespace loopstate::cli {
namespace {

struct Standing {
  std::optional<PepperRecord> row;
  store::PepperCards cards;  ///< counted only while cards are being moved
};

bool is_moving(const Standing& standing) {
  return standing.row && !standing.row->previous.empty();
}

Result<Standing> look_at_pepper(Program& program, const Store& store, const CallOptions& options) {
  Standing standing;
  TRY(standing.row, program.run(read_pepper(store, options)));
  if (!is_moving(standing)) return standing;
  TRY(const auto timeout, program.request_timeout());
  const Interruption interruption;
  Progress progress("cards");
  TRY(standing.cards, program.run(store::count_cards(store, standing.row->since, timeout,
                                                     [&](const store::PepperCards& so_far) {
                                                       progress.show(so_far.cards);
                                                       return interruption.check();
                                                     })));
  return standing;
}

std::string text_of(const Standing& standing) {
  if (!standing.row) return "no agent has used a pepper on this store yet";
  const auto since = time_text(standing.row->since);
  if (!is_moving(standing)) return fmt::format("one pepper, in use since {}; no card needs another", since);
  const auto& cards = standing.cards;
  auto text = fmt::format("a new pepper is in use since {}; {} of {} cards still need the previous one",
                          since, cards.need_previous, cards.cards);
  if (cards.unreadable > 0)
    text += fmt::format("\n{} items cannot be read: 'loopstate check'", cards.unreadable);
  if (cards.need_previous > 0) return text + "\neach is moved with its next purchase";
  return text + "\nrun 'loopstate pepper finish', then unset LOOPSTATE_PREVIOUS_PEPPER";
}

std::string json_of(const Standing& standing) {
  JsonObject json;
  json.boolean("used", standing.row.has_value()).boolean("moving", is_moving(standing));
  if (standing.row) json.time("since", standing.row->since);
  if (is_moving(standing)) {
    json.number("cards", standing.cards.cards).number("need_previous", standing.cards.need_previous);
    json.number("unreadable", standing.cards.unreadable);
  }
  return json.str();
}

Result<CommandOutput> pepper_status(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin(arguments, OpenMode::Existing));
  TRY(const auto standing, look_at_pepper(program, call.store, call.options));
  return CommandOutput{json_of(standing), text_of(standing)};
}

Result<CommandOutput> pepper_finish(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin(arguments, OpenMode::Existing));
  TRY(auto standing, look_at_pepper(program, call.store, call.options));
  if (!is_moving(standing)) return CommandOutput{json_of(standing), text_of(standing)};
  const auto left = standing.cards.need_previous + standing.cards.unreadable;
  if (left > 0 && !arguments.has("--abandon")) {
    CommandOutput refused{json_of(standing), text_of(standing)};
    refused.text += "\nnothing was done; --abandon finishes all the same, and those cards become unknown";
    refused.status = ExitStatus::Refused;
    return refused;
  }
  auto next = *standing.row;
  next.previous.clear();
  TRY(const auto written, program.run(write_pepper(call.store, standing.row, next, call.options)));
  if (!written) {
    return fail(ErrorCode::Unavailable, "an agent changed the pepper at this moment; look at 'pepper status'",
                true);
  }
  standing.row = std::move(next);
  return CommandOutput{json_of(standing),
                       "finished: no card needs the previous pepper; unset LOOPSTATE_PREVIOUS_PEPPER"};
}

}  // namespace

std::vector<Command> pepper_commands() {
  return {
      of_catalogue("pepper status", pepper_status),
      {"pepper finish",
       "End the move to a new pepper",
       "Refused (status 4) while a card still needs the previous pepper, or seems to: one that was also "
       "linked "
       "under the\n"
       "new fingerprint is never moved, so unlink the old one (card unlink) or give --abandon. Afterwards\n"
       "LOOPSTATE_PREVIOUS_PEPPER can be unset, and the pepper replaced again.",
       "pepper finish",
       {flag("--abandon", "Finish although cards are left: they become unknown, and must be linked anew")},
       pepper_finish}};
}

}  // namespace loopstate::cli
