// snapshot.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"
#include "json/array.hpp"

namespace loopstate::cli {
namespace {

template <typename T>
std::string json_or_null(const std::optional<T>& value) {
  return value ? to_json(*value) : "null";
}

Result<CommandOutput> snapshot(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  TRY(const auto all, program.run(call.store.snapshot(call.user, call.options)));
  JsonObject json;
  json.text("user", call.user.text()).boolean("erased", all.erased).raw("context", json_or_null(all.context));
  json.raw("session", json_or_null(all.session)).raw("captures", json::array(all.captures));
  json.raw("cards", json::array(all.cards)).raw("location", json_or_null(all.location));
  json.raw("collections", json::array(all.collections, collection_json));
  return CommandOutput{json.str(), snapshot_text(call.user.text(), all, program.style())};
}

}  // namespace

std::vector<Command> user_commands() {
  const auto user = required("USER", "The user's public key or id");
  return {of_catalogue("snapshot", snapshot)};
}

}  // namespace loopstate::cli
