#include "cli/man_page.hpp"

#include <fmt/format.h>

#include <string_view>

#include "cli/commands.hpp"
#include "cli/version.hpp"

namespace loopstate::cli {
namespace {

/// Text as it is, whatever roff would make of it.
std::string plain(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    at_start = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string heading(std::string_view name, std::string_view summary) {
  return fmt::format(
      ".\\\" Made from the program's table of commands.\n"
      ".TH {0} 1 \"\" \"loopstate {1}\" \"User Commands\"\n"
      ".SH NAME\n{2} \\- {3}\n",
      plain(name), kVersion, plain(name), plain(summary));
}

/// One entry of a list: what it is called, and what it is.
std::string entry(std::string_view bold, std::string_view italic, std::string_view text) {
  return fmt::format(".TP\n\\fB{}\\fR{}{}\n{}\n", plain(bold), bold.empty() || italic.empty() ? "" : " ",
                     italic.empty() ? "" : fmt::format("\\fI{}\\fR", plain(italic)), plain(text));
}

/// Lines that must stay as they are.
std::string verbatim(std::string_view text) {
  return fmt::format(".nf\n{}\n.fi\n", plain(text));
}

std::string help_of(const Parameter& parameter) {
  std::string text = parameter.help;
  std::string choices;
  for (const auto& choice : parameter.choices) choices += (choices.empty() ? "" : ", ") + choice;
  return choices.empty() ? text : fmt::format("{} ({})", text, choices);
}

std::string_view positional_name(const Parameter& parameter) {
  const bool repeated = parameter.kind == Parameter::Kind::Repeated && !parameter.value.empty();
  return repeated ? parameter.value : parameter.name;
}

bool is_option(const Parameter& parameter) {
  return parameter.name.starts_with("--");
}

std::string synopsis(const Command& command) {
  auto line = fmt::format(".SH SYNOPSIS\n\\fBloopstate {}\\fR", plain(command.words));
  for (const auto& parameter : command.parameters) {
    if (is_option(parameter)) continue;
    const bool repeated = parameter.kind == Parameter::Kind::Repeated;
    const auto word = fmt::format("\\fI{}\\fR{}", plain(positional_name(parameter)), repeated ? "..." : "");
    line += parameter.required ? " " + word : fmt::format(" [{}]", word);
  }
  return line + " [\\fIOPTIONS\\fR]\n";
}

std::string parameters(const Command& command, bool options) {
  std::string list;
  for (const auto& parameter : command.parameters) {
    if (is_option(parameter) != options) continue;
    list += options ? entry(parameter.name, parameter.value, help_of(parameter))
                    : entry("", positional_name(parameter), help_of(parameter));
  }
  return list;
}

std::string global_options() {
  return entry("--store", "URL", "The store: embedded:PATH or dynamodb:TABLE.") +
         entry("--json", "", "Print exactly one JSON document.") +
         entry("--timeout", "SECONDS", "How long one call to the store may take.") +
         entry("--help", "", "Show the command's help.");
}

std::string exit_status() {
  return ".SH EXIT STATUS\n" + entry("0", "", "Done.") + entry("1", "", "Failed.") +
         entry("2", "", "Invalid input.") + entry("3", "", "Not found.") +
         entry("4", "", "Refused: a conflict, a duplicate, someone else's card, no permission left.");
}

std::string list_of_commands() {
  std::string text = ".SH COMMANDS\nEach has a page of its own.\n";
  std::string_view shown_group;
  for (const auto& command : all_commands()) {
    for (const auto& group : all_groups()) {
      if (command.words.starts_with(group.word + " ") && shown_group != group.word) {
        shown_group = group.word;
        text += fmt::format(".SS {}\n{}.\n", plain(group.word), plain(group.summary));
      }
    }
    if (command.words.find(' ') == std::string::npos && !shown_group.empty()) {
      shown_group = {};
      text += ".SS others\n";
    }
    text += entry("loopstate " + command.words, "", command.summary + ".");
  }
  return text;
}

constexpr std::string_view kDescription =
    ".SH DESCRIPTION\n"
    "Keeps the state of agents that keep none of their own: whose card it is, what a user prefers, what an "
    "agent\n"
    "may do on their behalf, and what was paid, once, however often a payment provider says so.\n"
    "It is in a local file, or in an Amazon DynamoDB table.\n"
    ".PP\n"
    "\\fBloopstate agent\\fR receives the webhooks of payment providers. The other commands read and change "
    "what it\n"
    "keeps, and may run beside it.\n";

std::string environment() {
  return ".SH ENVIRONMENT\n" +
         entry("LOOPSTATE_URL", "",
               "The store, if --store does not name one; otherwise embedded:./loopstate.db.") +
         entry("LOOPSTATE_PEPPER", "",
               "The key that turns card ids into fingerprints: base64, 32 bytes or more. It must not be "
               "lost.") +
         entry("STRIPE_WEBHOOK_SECRET, SQUARE_WEBHOOK_SIGNATURE_KEY, SQUARE_WEBHOOK_URL, FIDEL_WEBHOOK_...",
               "",
               "What the providers sign with. These and the pepper may be given as files: the same name with "
               "_FILE.") +
         entry("LOOPSTATE_LOG, LOOPSTATE_LOG_LEVEL", "", "text or json; debug, info, warn, error or off.") +
         entry("AWS_REGION, AWS_PROFILE, ...", "", "As for other AWS tools.");
}

std::string files() {
  return ".SH FILES\n" +
         entry("", "loopstate.db", "An embedded store. Copy it with 'loopstate backup' only.") +
         entry("", "loopstate.db-lock", "Coordinates the processes that have it open; stays beside it.");
}

}  // namespace

std::string man_name(const Command& command) {
  auto name = "loopstate-" + command.words;
  for (char& c : name) {
    if (c == ' ') c = '-';
  }
  return name;
}

std::string man_page() {
  return heading("loopstate", "state for agents that move money and keep none of their own") +
         ".SH SYNOPSIS\n\\fBloopstate\\fR [\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...\n" +
         std::string(kDescription) + list_of_commands() + ".SH OPTIONS\n" +
         "They may come before or after the command.\n" + global_options() +
         entry("--version", "", "Show the version.") + exit_status() + environment() + files();
}

std::string man_page(const Command& command) {
  auto page = heading(man_name(command), command.summary) + synopsis(command) + ".SH DESCRIPTION\n" +
              plain(command.summary) + ".\n";
  if (!command.details.empty()) page += ".PP\n" + plain(command.details) + "\n";
  if (const auto list = parameters(command, false); !list.empty()) page += ".SH ARGUMENTS\n" + list;
  page += ".SH OPTIONS\n" + parameters(command, true) + global_options();
  page += ".SH EXAMPLES\n" + verbatim("loopstate " + command.example);
  return page + exit_status() + ".SH SEE ALSO\n\\fBloopstate\\fR(1)\n";
}

}  // namespace loopstate::cli
