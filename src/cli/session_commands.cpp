// session put, get, authorize, revoke.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"

namespace loopstate::cli {
namespace {

Result<CommandOutput> put(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  CommandOutput answer;
  TRY(auto session, read_session(arguments, answer.notes));
  TRY(auto call, program.begin(arguments, OpenMode::CreateIfMissing));
  TRY(const auto stored, program.run(call.store.store_session(user, session, call.options)));
  answer.json = to_json(stored);
  answer.text = session_text(stored);
  return answer;
}

Result<CommandOutput> get_session(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  TRY(const auto session, program.run(call.store.get_session(call.user, call.options)));
  return CommandOutput{to_json(session), session_text(session)};
}

Result<CommandOutput> authorize(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto scope, utf8_text(arguments, "SCOPE"));
  TRY(auto call, program.begin(arguments));
  TRY(const auto allowed, program.run(call.store.authorize(user, scope, call.options)));
  return CommandOutput{JsonObject()
                           .text("user", user.text())
                           .text("scope", scope)
                           .number("actions_left", allowed.actions_left)
                           .str(),
                       fmt::format("{} may {}; {} left", printable(user.text()), printable(scope),
                                   count_text(allowed.actions_left, "action", "actions"))};
}

Result<CommandOutput> revoke(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  TRY(const auto revoked, program.run(call.store.revoke_session(call.user, call.options)));
  if (!revoked) return fail(ErrorCode::NotFound, fmt::format("no session for user {}", call.user.text()));
  return CommandOutput{JsonObject().text("user", call.user.text()).boolean("revoked", true).str(),
                       fmt::format("the session of {} is revoked", printable(call.user.text()))};
}

}  // namespace

std::vector<Command> session_commands() {
  const auto user = required("USER", "The user's public key or id");
  return {of_catalogue("session put", put), of_catalogue("session get", get_session),
          of_catalogue("session authorize", authorize), of_catalogue("session revoke", revoke)};
}

}  // namespace loopstate::cli
