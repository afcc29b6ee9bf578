#include "cli/parser.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>
#include <memory>

#include "base/nearest.hpp"
#include "base/try.hpp"
#include "cli/command_words.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/version.hpp"

namespace loopstate::cli {
namespace {

constexpr std::size_t kHelpColumn = 34;

constexpr const char* kFooter =
    R"(Options may come before or after the command. 'loopstate help COMMAND' says more, with an example.

Exit status: 0 done, 1 failed, 2 invalid input, 3 not found, 4 refused (a conflict, a duplicate, someone else's
card, no permission left).

The store: --store, else $LOOPSTATE_URL, else embedded:./loopstate.db)";

// For somebody who types the program's name alone.
std::string first_steps() {
  return fmt::format(R"(loopstate {}: state for agents that keep none of their own

  loopstate init           create a store (embedded:./loopstate.db, unless --store or $LOOPSTATE_URL names another)
  loopstate agent --demo   serve payment webhooks, to try it out with made-up secrets
  loopstate doctor         see whether settings and store are in order
  loopstate help           list every command; 'loopstate help COMMAND' explains one, with an example
)",
                     kVersion);
}

bool asks_for_help(int argc, const char* const* argv);

bool asks_for_help(int argc, const char* const* argv) {
  return std::any_of(argv + 1, argv + argc, [](const char* word) {
    return std::string_view(word) == "--help" || std::string_view(word) == "-h";
  });
}

// Names the positionals in the usage line as the design does, and drops CLI11's remarks on types.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter() {
    column_width(kHelpColumn);
    label("OPTIONS", "OPTIONS");
    label("SUBCOMMAND", "COMMAND");
    label("SUBCOMMANDS", "COMMANDS");
  }
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    if (is_positional && !option->get_type_name().empty()) return option->get_type_name();
    return CLI::Formatter::make_option_name(option, is_positional);
  }
  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_positional()) return "";
    const auto type = option->get_type_name();
    return type.empty() ? "" : " " + type;
  }
  std::string make_usage(const CLI::App* app, std::string) const override {
    std::string words;
    for (const auto* part = app; part != nullptr; part = part->get_parent()) {
      words.insert(0, fmt::format("{} ", part->get_name()));
    }
    for (const auto* option : app->get_options()) {
      if (!option->get_positional()) continue;
      auto word = option->get_type_name().empty() ? option->get_name() : option->get_type_name();
      if (!option->get_required()) word.insert(0, 1, '[').append("]");
      if (option->get_allow_extra_args()) word += "...";
      words += word;
      words += ' ';
    }
    if (!app->get_subcommands([](const CLI::App*) { return true; }).empty()) words += "COMMAND ";
    return fmt::format("Usage: {}[OPTIONS]\n", words);
  }
  std::string make_positionals(const CLI::App* app) const override {
    const auto positionals =
        app->get_options([](const CLI::Option* option) { return option->get_positional(); });
    if (positionals.empty()) return "";
    return make_group("Arguments", true, positionals);
  }
};

// CLI11 takes "[1,2]" apart if the parameter takes any number of values. A JSON value must come through
// whole, so it is marked before and unmarked after.
constexpr char kWhole = '\x01';

std::string marked(std::string argument) {
  if (argument.size() > 1 && argument.front() == '[' && argument.back() == ']') argument.insert(0, 1, kWhole);
  return argument;
}

std::string unmarked(std::string value) {
  if (!value.empty() && value.front() == kWhole) value.erase(0, 1);
  return value;
}

std::string unmarked_all(std::string text) {
  std::erase(text, kWhole);
  return text;
}

// The options and values of one subcommand, as CLI11 fills them in.
struct Bound {
  const Command* command;
  CLI::App* app;
  std::vector<CLI::Option*> options;  // one for each parameter, in order
};

std::string help_with_choices(const Parameter& parameter) {
  if (parameter.choices.empty()) return parameter.help;
  std::string choices;
  for (const auto& choice : parameter.choices) choices += (choices.empty() ? "" : ", ") + choice;
  return fmt::format("{} ({})", parameter.help, choices);
}

CLI::Option* add_parameter(CLI::App& app, const Parameter& parameter) {
  const auto help = help_with_choices(parameter);
  using Kind = Parameter::Kind;
  if (parameter.kind == Kind::Flag) return app.add_flag(parameter.name, help);
  auto* option = app.add_option(parameter.name, help);
  option->type_name(parameter.value);
  if (parameter.kind == Kind::Repeated || parameter.kind == Kind::Options) {
    option->expected(1, -1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  option->allow_extra_args(parameter.kind == Kind::Repeated);
  if (parameter.required) option->required();
  return option;
}

// CLI11's model of the program, built from the table of commands.
class Model {
 public:
  Model() : app_("State for agents that keep none of their own.", "loopstate") {
    app_.formatter(std::make_shared<HelpFormatter>());
    app_.footer(kFooter);
    app_.set_help_flag("-h,--help", "Show this help");
    app_.add_option("--store", url_, "The store: embedded:PATH or dynamodb:TABLE")->type_name("URL");
    app_.add_flag("--json", json_, "Print exactly one JSON document");
    app_.add_option("--timeout", timeout_, "How long one call to the store may take")->type_name("SECONDS");
    app_.add_flag("-V,--version", version_, "Show the version");
    app_.fallthrough();
    app_.require_subcommand(0, 1);
    for (const auto& command : all_commands()) add(command);
  }

  std::string help_on(const std::vector<std::string>& words) {
    CLI::App* app = &app_;
    for (const auto& word : words) {
      const auto next = app->get_subcommands([&](const CLI::App* one) { return one->get_name() == word; });
      if (next.empty()) break;
      app = next.front();
    }
    return app->help();
  }

  Result<std::variant<Parsed, CommandOutput>> parse(int argc, const char* const* argv) {
    if (argc == 1) return CommandOutput{"", first_steps(), ExitStatus::Misused};
    const auto asked_for_help = asks_for_help(argc, argv);
    TRY_OK(check_command_words(leading_words(argc, argv),
                               asked_for_help ? GroupAlone::Allowed : GroupAlone::Refused));
    try {
      std::vector<std::string> reversed;
      for (int i = argc - 1; i > 0; --i) reversed.push_back(marked(argv[i]));
      app_.parse(std::move(reversed));
    } catch (const CLI::CallForHelp&) {
      const auto text = app_.help();
      return CommandOutput{JsonObject().text("help", text).str(), text};
    } catch (const CLI::ExtrasError&) {
      return fail(ErrorCode::InvalidArgument, explain(unexpected_words(argc, argv)));
    } catch (const CLI::ParseError& problem) {
      return fail(ErrorCode::InvalidArgument, explain(unmarked_all(problem.what())));
    }
    if (version_)
      return CommandOutput{JsonObject().text("version", kVersion).str(),
                           fmt::format("loopstate {}", kVersion)};
    for (const auto& bound : bound_) {
      if (bound.app->parsed()) return collect(bound);
    }
    return fail(ErrorCode::InvalidArgument, explain("a command is missing"));
  }

 private:
  void add(const Command& command) {
    CLI::App* parent = &app_;
    std::string word = command.words;
    if (const auto space = word.find(' '); space != std::string::npos) {
      parent = group(word.substr(0, space));
      word = word.substr(space + 1);
    }
    auto* app = parent->add_subcommand(word, command.summary);
    // CLI11 uses the same text for an app in lists and in its own help; the details go below the options.
    std::string footer = command.details.empty() ? "" : command.details + "\n\n";
    app->group("Commands")->footer(fmt::format("{}Example:\n  loopstate {}", footer, command.example));
    Bound bound{&command, app, {}};
    for (const auto& parameter : command.parameters) bound.options.push_back(add_parameter(*app, parameter));
    bound_.push_back(std::move(bound));
  }

  CLI::App* group(const std::string& word) {
    if (const auto known = groups_.find(word); known != groups_.end()) return known->second;
    std::string summary;
    for (const auto& candidate : all_groups()) {
      if (candidate.word == word) summary = candidate.summary;
    }
    auto* app = app_.add_subcommand(word, summary);
    app->require_subcommand(1);
    app->group("Commands")
        ->footer(fmt::format("'loopstate help {} COMMAND' says more, with an example.", word));
    groups_[word] = app;
    return app;
  }

  Result<std::variant<Parsed, CommandOutput>> collect(const Bound& bound) {
    Parsed parsed;
    parsed.command = bound.command;
    parsed.global.json = json_;
    if (app_.count("--store") > 0) parsed.global.url = url_;
    if (app_.count("--timeout") > 0) parsed.global.timeout = timeout_;
    for (std::size_t i = 0; i < bound.options.size(); ++i) {
      const auto& parameter = bound.command->parameters[i];
      for (const auto& result : bound.options[i]->results()) {
        const auto value = unmarked(result);
        if (const auto problem = refuse_choice(parameter, value)) return std::unexpected(*problem);
        parsed.arguments.add(parameter.name, value);
      }
    }
    return parsed;
  }

  static std::optional<Error> refuse_choice(const Parameter& parameter, const std::string& value) {
    if (parameter.choices.empty() || std::ranges::find(parameter.choices, value) != parameter.choices.end())
      return std::nullopt;
    std::string choices;
    for (const auto& choice : parameter.choices) choices += (choices.empty() ? "" : ", ") + choice;
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("{}: expected one of {}, found {}", parameter.name, choices, shown(value)),
                 false, nullptr};
  }

  std::string explain(const std::string& problem) const {
    std::string words;
    for (const CLI::App* app = &app_; app != nullptr;) {
      const auto chosen = app->get_subcommands();
      app = chosen.empty() ? nullptr : chosen.front();
      if (app != nullptr) words += app->get_name() + " ";
    }
    auto sentence = problem;
    if (sentence.starts_with("The ")) sentence.front() = 't';
    if (sentence.starts_with("A subcommand")) sentence = "a command is missing";
    if (!words.empty()) words = " " + words.substr(0, words.size() - 1);
    return fmt::format("{}; 'loopstate help{}' says what is expected", sentence, words);
  }

  // What CLI11 did not understand, in the order typed (it keeps them in its own).
  std::string unexpected_words(int argc, const char* const* argv) const {
    auto left = app_.remaining(true);
    std::string list;
    std::optional<std::string> meant;
    for (int i = 1; i < argc; ++i) {
      const auto found = std::ranges::find(left, marked(argv[i]));
      if (found == left.end()) continue;
      left.erase(found);
      list += fmt::format("{}{}", list.empty() ? "" : " ", printable(argv[i]));
      if (!meant) meant = nearest(argv[i], option_names());
    }
    if (meant) return fmt::format("not expected here: {} (did you mean {}?)", list, *meant);
    return fmt::format("not expected here: {}", list);
  }

  // Of the command that was chosen, and those that go with any.
  std::vector<std::string> option_names() const {
    std::vector<std::string> names;
    for (const CLI::App* app = &app_; app != nullptr;) {
      for (const auto* option : app->get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
      }
      const auto chosen = app->get_subcommands();
      app = chosen.empty() ? nullptr : chosen.front();
    }
    return names;
  }

  CLI::App app_;
  std::string url_, timeout_;
  bool json_ = false, version_ = false;
  std::map<std::string, CLI::App*> groups_;
  std::vector<Bound> bound_;
};

}  // namespace

std::string help_on(const std::vector<std::string>& words) {
  Model model;
  return model.help_on(words);
}

Result<std::variant<Parsed, CommandOutput>> parse_command_line(int argc, const char* const* argv) {
  Model model;
  return model.parse(argc, argv);
}

bool asks_for_json(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--") return false;
    if (argument == "--json") return true;
  }
  return false;
}

}  // namespace loopstate::cli
