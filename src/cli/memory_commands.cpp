// memory set, get, forget.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/advice.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"

namespace loopstate::cli {
namespace {

CommandOutput changed(const UserId& user, const Context& context, std::string_view what) {
  return {JsonObject().text("user", user.text()).number("version", context.version).str(),
          fmt::format("{}: {}; version {}", printable(user.text()), what, context.version)};
}

// NotFound means either that the key is not there, or that the user is not.
Error explained(Program& program, OpenedForUser& call, Error error) {
  if (error.code != ErrorCode::NotFound || program.run(call.store.fetch(call.user))) return error;
  return lead_to_init(std::move(error), call.user);
}

Result<CommandOutput> set_memory(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto value, json_value("VALUE", arguments.text("VALUE")));
  TRY(auto call, program.begin(arguments));
  const auto context = program.run(call.store.remember(user, arguments.text("KEY"), value, call.options));
  if (!context) return std::unexpected(lead_to_init(context.error(), user));
  return changed(user, *context, "remembered");
}

Result<CommandOutput> get_memory(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  const auto value = program.run(call.store.recall(call.user, arguments.text("KEY"), call.options));
  if (!value) return std::unexpected(explained(program, call, value.error()));
  return CommandOutput{value->text(), value->text()};
}

Result<CommandOutput> forget(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  const auto context = program.run(call.store.forget(call.user, arguments.text("KEY"), call.options));
  if (!context) return std::unexpected(explained(program, call, context.error()));
  return changed(call.user, *context, "forgotten");
}

}  // namespace

std::vector<Command> memory_commands() {
  const auto user = required("USER", "The user's public key or id");
  return {of_catalogue("memory set", set_memory), of_catalogue("memory get", get_memory),
          of_catalogue("memory forget", forget)};
}

}  // namespace loopstate::cli
