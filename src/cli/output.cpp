#include "cli/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/advice.hpp"
#include "cli/json_output.hpp"
#include "cli/terminal.hpp"
#include "loopstate/context.hpp"

namespace loopstate::cli {
namespace {

Result<void> write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      return fail(ErrorCode::StorageFailure, fmt::format("standard output: {}", std::strerror(errno)));
    }
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

void print_error(const Error& error) {
  const auto style = Style::for_stderr();
  auto text = fmt::format("{} {}\n", style.red("loopstate:"), printable(error.message));
  if (error.conflict) {
    text += fmt::format("  The stored version is {}.", error.conflict->current.version);
    if (!error.conflict->paths.empty()) {
      text += " Both sides changed:";
      for (const auto& path : error.conflict->paths) text += " " + printable(path);
    }
    text += '\n';
  }
  if (const auto advice = advice_for(error.code); !advice.empty()) {
    text += fmt::format("  {}\n", advice);
  } else if (error.retryable) {
    text += "  The same call may succeed later.\n";
  }
  (void)write_all(STDERR_FILENO, text);
}

/// For a program it is the same JSON; a person's terminal is not steered by what was stored.
std::string shown_json(std::string json) {
  return isatty(STDOUT_FILENO) == 1 ? safe_json(json) : std::move(json);
}

void print_notes(const std::vector<std::string>& notes) {
  const auto style = Style::for_stderr();
  for (const auto& note : notes) {
    (void)write_all(STDERR_FILENO, fmt::format("{} {}\n", style.yellow("note:"), printable(note)));
  }
}

std::string with_notes(const CommandOutput& answer) {
  if (answer.notes.empty() || !answer.json.ends_with('}')) return answer.json;
  const auto notes = JsonObject().texts("notes", answer.notes).str();
  return fmt::format("{},{}", answer.json.substr(0, answer.json.size() - 1), notes.substr(1));
}

std::string line(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

}  // namespace

ExitStatus exit_status(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::InvalidArgument:
      return ExitStatus::Misused;
    case ErrorCode::NotFound:
    case ErrorCode::TableNotFound:
      return ExitStatus::NotThere;
    case ErrorCode::AlreadyExists:
    case ErrorCode::VersionConflict:
    case ErrorCode::CardLinkedElsewhere:
    case ErrorCode::SessionExpired:
    case ErrorCode::ScopeDenied:
    case ErrorCode::NoActionsLeft:
    case ErrorCode::Superseded:
    case ErrorCode::RequestIdReused:
    case ErrorCode::Erased:
      return ExitStatus::Refused;
    default:
      return ExitStatus::Failed;
  }
}

std::string error_json(const Error& error) {
  JsonObject body;
  body.text("code", to_string(error.code))
      .text("message", error.message)
      .boolean("retryable", error.retryable);
  if (error.conflict) {
    body.raw("current", to_json(error.conflict->current)).texts("paths", error.conflict->paths);
  }
  return JsonObject().raw("error", body.str()).str();
}

Result<void> write_stdout(std::string_view text) {
  return write_all(STDOUT_FILENO, text);
}

ExitStatus print(const Result<CommandOutput>& result, bool json) {
  if (!result) {
    if (!json) {
      print_error(result.error());
    } else if (const auto written = write_stdout(line(shown_json(error_json(result.error())))); !written) {
      print_error(written.error());
    }
    return exit_status(result.error().code);
  }
  if (result->written) return result->status;
  if (!json) print_notes(result->notes);
  if (const auto written =
          write_stdout(line(json ? shown_json(with_notes(*result)) : safe_text(result->text)));
      !written) {
    print_error(written.error());
    return ExitStatus::Failed;
  }
  return result->status;
}

}  // namespace loopstate::cli
