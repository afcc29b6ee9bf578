// snapshot, erase.
#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"

namespace loopstate::cli {
namespace {

template <typename T>
std::string json_or_null(const std::optional<T>& value) {
  return value ? to_json(*value) : "null";
}

Result<Answer> snapshot(Program& program, const Arguments& arguments) {
  auto call = program.begin_for_user(arguments);
  if (!call) return std::unexpected(call.error());
  const auto all = program.run(call->store.snapshot(call->user, call->options));
  if (!all) return std::unexpected(all.error());
  JsonObject json;
  json.text("user", call->user.text())
      .boolean("erased", all->erased)
      .raw("context", json_or_null(all->context));
  json.raw("session", json_or_null(all->session)).raw("captures", json_array(all->captures));
  json.raw("cards", json_array(all->cards)).raw("location", json_or_null(all->location));
  return Answer{json.str(), snapshot_text(call->user.text(), *all, program.style())};
}

Result<Answer> erase(Program& program, const Arguments& arguments) {
  auto call = program.begin_for_user(arguments);
  if (!call) return std::unexpected(call.error());
  const EraseOptions how{arguments.has("--scan")};
  const auto receipt = program.run(call->store.erase_user(call->user, how, call->options));
  if (!receipt) return std::unexpected(receipt.error());
  JsonObject json;
  json.text("user", receipt->user).number("version", receipt->version).time("erased_at", receipt->erased_at);
  json.number("items_removed", receipt->items_removed).number("cards_removed", receipt->cards_removed);
  json.boolean("scanned", receipt->scanned).number("transactions_removed", receipt->transactions_removed);
  auto text = fmt::format("{} is erased: {} and {} removed", printable(receipt->user),
                          count_text(receipt->items_removed, "item", "items"),
                          count_text(receipt->cards_removed, "card", "cards"));
  text += receipt->scanned
              ? fmt::format(", and {} by a scan of the whole table",
                            count_text(receipt->transactions_removed, "transaction", "transactions"))
              : "; what only a scan can find (transactions seen) goes with --scan";
  return Answer{json.str(), text};
}

}  // namespace

std::vector<Command> user_commands() {
  const auto user = required("USER", "The user's public key or id");
  return {
      {"snapshot",
       "Show everything about a user, as it is at one moment",
       "",
       "snapshot U1",
       {user},
       snapshot},
      {"erase",
       "Erase a user; late writers are then refused",
       "A marker stays in the context's place. An erasure that was cut off is finished by repeating it.",
       "erase U1 --scan",
       {user,
        flag("--scan",
             "Also look through the whole table, for transactions seen and cards that only it finds"),
        option("--request-id", "ID", kRequestIdHelp)},
       erase},
  };
}

}  // namespace loopstate::cli
