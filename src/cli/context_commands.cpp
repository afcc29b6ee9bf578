// context get, init, put, patch, event, batch.
#include <fmt/format.h>

#include <algorithm>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "cli/advice.hpp"
#include "cli/commands.hpp"
#include "cli/documents.hpp"
#include "cli/input.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/text.hpp"

namespace loopstate::cli {
namespace {

constexpr std::size_t kMaxBatchUsers = 100'000;

CommandOutput changed(const std::string& user, const Context& context, std::string_view what) {
  return {JsonObject()
              .text("user", user)
              .number("version", context.version)
              .time("updated_at", context.updated_at)
              .str(),
          fmt::format("{} {}; version {}", printable(user), what, context.version)};
}

Result<CommandOutput> get_context(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments));
  const auto context = program.run(call.store.fetch(call.user, call.options));
  if (!context) return std::unexpected(lead_to_init(context.error(), call.user));
  return CommandOutput{to_json(*context), context_text(*context, program.style())};
}

Result<CommandOutput> init_context(Program& program, const Arguments& arguments) {
  TRY(auto call, program.begin_for_user(arguments, OpenMode::CreateIfMissing));
  const auto how = InitOptions(call.options).revive(arguments.has("--revive"));
  TRY(const auto context, program.run(call.store.get_or_init(call.user, how)));
  return CommandOutput{to_json(context), context_text(context, program.style())};
}

// The document's version is the condition: the row stored now must still have it.
Result<Context> read_context_of(const Arguments& arguments, const UserId& user) {
  auto context = read_context(arguments);
  if (context && context->pubkey.text() != user.text()) {
    return fail(ErrorCode::InvalidArgument, fmt::format("FILE is the context of {}, not of {}",
                                                        shown(context->pubkey.text()), shown(user.text())));
  }
  return context;
}

Result<CommandOutput> put_context(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto context, read_context_of(arguments, user));
  TRY(auto call, program.begin(arguments, OpenMode::CreateIfMissing));
  TRY(const auto stored, program.run(call.store.push(context, call.options)));
  return changed(user.text(), stored, "is stored");
}

Result<std::vector<ContextChange>> read_changes(const Arguments& arguments) {
  std::vector<ContextChange> changes;
  const auto& words = arguments.all("CHANGE");
  if (words.size() % 2 != 0) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("PATH {} has no VALUE: paths and values come in pairs", shown(words.back())));
  }
  for (std::size_t i = 0; i < words.size(); i += 2) {
    TRY(auto value, json_value(fmt::format("the value of {}", shown(words[i])), words[i + 1]));
    changes.push_back({words[i], std::move(value)});
  }
  for (const auto& path : arguments.all("--unset")) changes.push_back({path, std::nullopt});
  if (changes.empty())
    return fail(ErrorCode::InvalidArgument, "nothing to change: give PATH VALUE or --unset PATH");
  return changes;
}

Result<CommandOutput> patch(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto changes, read_changes(arguments));
  TRY(auto call, program.begin(arguments));
  const auto context = program.run(call.store.patch(user, changes, call.options));
  if (!context) return std::unexpected(lead_to_init(context.error(), user));
  return changed(user.text(), *context, "is changed");
}

Result<ContextEvent> read_event(const Arguments& arguments) {
  ContextEvent event;
  TRY(auto type, utf8_text(arguments, "TYPE"));
  if (type.empty()) return fail(ErrorCode::InvalidArgument, "TYPE is empty");
  TRY(auto summary, utf8_text(arguments, "SUMMARY"));
  event.event_type = std::move(type);
  event.summary = std::move(summary);
  if (arguments.has("--amount")) {
    TRY(const auto amount, whole_number(arguments, "--amount"));
    event.amount = amount;
  }
  // Without --at the store says what "now" is: a repetition under a request id then has the same arguments.
  TRY(const auto time, whole_number_or(arguments, "--at", 0, 1, INT64_MAX));
  event.timestamp = from_unix_seconds(static_cast<std::int64_t>(time));
  return event;
}

Result<CommandOutput> event(Program& program, const Arguments& arguments) {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto what, read_event(arguments));
  TRY(auto call, program.begin(arguments, OpenMode::CreateIfMissing));
  TRY(const auto context, program.run(call.store.push_event(user, what, call.options)));
  return changed(user.text(), context, "has a new event");
}

// From the command line, or one per line from a file.
Result<std::vector<std::string>> read_users(const Arguments& arguments) {
  auto users = arguments.all("USER");
  if (const auto path = arguments.optional("--from")) {
    TRY(const auto text, read_input("--from", *path, 64u << 20));
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      auto user = text.substr(at, end - at);
      if (!user.empty() && user.back() == '\r') user.pop_back();
      if (!user.empty()) users.push_back(std::move(user));
      at = end + 1;
    }
  }
  if (users.empty()) return fail(ErrorCode::InvalidArgument, "no users: give USER... or --from FILE");
  if (users.size() > kMaxBatchUsers) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} users were given; at most {} are allowed at once",
                                                        users.size(), kMaxBatchUsers));
  }
  return users;
}

// One user's answer in a batch, in the order asked.
void add_to_batch(CommandOutput& batch, const std::string& user, const Result<Context>& context) {
  JsonObject one;
  one.text("user", user);
  if (context) {
    one.raw("context", to_json(*context));
    batch.text += fmt::format("{}  version {}, updated {}\n", printable(user), context->version,
                              time_text(context->updated_at));
  } else {
    const auto& error = context.error();
    one.raw("error", JsonObject()
                         .text("code", to_string(error.code))
                         .text("message", error.message)
                         .boolean("retryable", error.retryable)
                         .str());
    batch.text += fmt::format("{}  {}\n", printable(user), printable(error.message));
    // A failure outweighs something that does not exist.
    const auto status = error.code == ErrorCode::NotFound ? ExitStatus::NotThere : ExitStatus::Failed;
    if (batch.status != ExitStatus::Failed) batch.status = status;
  }
  if (batch.json.size() > 1) batch.json += ',';
  batch.json += one.str();
}

Result<CommandOutput> batch(Program& program, const Arguments& arguments) {
  TRY(const auto words, read_users(arguments));
  std::vector<UserId> users;
  for (const auto& word : words) {
    auto user = UserId::parse(word);
    if (!user) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("{} (number {})", user.error().message, users.size() + 1));
    }
    users.push_back(std::move(*user));
  }
  TRY(auto call, program.begin(arguments));
  const auto contexts = program.run(call.store.fetch_many(users, call.options));
  CommandOutput answer;
  answer.json = "[";
  for (std::size_t i = 0; i < users.size(); ++i) add_to_batch(answer, users[i].text(), contexts[i]);
  answer.json += "]";
  return answer;
}

}  // namespace

std::vector<Command> context_commands() {
  const auto user = required("USER", "The user's public key or id");
  return {of_catalogue("context get", get_context), of_catalogue("context init", init_context),
          of_catalogue("context put", put_context), of_catalogue("context patch", patch),
          of_catalogue("context event", event),     of_catalogue("context batch", batch)};
}

}  // namespace loopstate::cli
