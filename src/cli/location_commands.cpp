// location set, get, clear.
#include <fmt/format.h>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"

namespace loopstate::cli {
namespace {

Result<std::optional<Timestamp>> event_time(const Arguments& arguments) {
  if (!arguments.has("--at")) return std::nullopt;
  TRY(const auto time, whole_number(arguments, "--at", 1, INT64_MAX));
  return std::optional(from_unix_seconds(static_cast<std::int64_t>(time)));
}

CommandOutput changed(const UserId& user, bool changed, std::string_view what) {
  return {JsonObject().text("user", user.text()).boolean("changed", changed).str(),
          changed ? fmt::format("{} {}", printable(user.text()), what)
                  : fmt::format("nothing changed for {}", printable(user.text()))};
}

Result<CommandOutput> set_location(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto merchant, name<MerchantId>(arguments, "MERCHANT"));
  TRY(const auto time, event_time(arguments));
  TRY(auto call, program.begin(arguments, OpenMode::CreateIfMissing));
  TRY(const auto done,
      program.run(call.store.set_location(user, merchant, LocationOptions(call.options).event_time(time))));
  return changed(user, done, fmt::format("is at {}", printable(merchant.text())));
}

Result<CommandOutput> get_location(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  TRY(const auto location, program.run(call.store.get_location(call.user, call.options)));
  return CommandOutput{to_json(location), location_text(location)};
}

Result<CommandOutput> clear(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto merchant, optional_name<MerchantId>(arguments, "MERCHANT"));
  TRY(const auto time, event_time(arguments));
  TRY(auto call, program.begin(arguments));
  TRY(const auto done, program.run(call.store.clear_location(
                           user, ClearLocationOptions(call.options).merchant(merchant).event_time(time))));
  return changed(user, done, "is at no known location");
}

}  // namespace

std::vector<Command> location_commands() {
  const auto user = required("USER", "The user's public key or id");
  return {of_catalogue("location set", set_location), of_catalogue("location get", get_location),
          of_catalogue("location clear", clear)};
}

}  // namespace loopstate::cli
