// completion: what a shell must know to complete our commands, generated from the table of commands.
#include <fmt/format.h>

#include <map>

#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"

namespace loopstate::cli {
namespace {

constexpr std::string_view kGlobalOptions = "--store --json --timeout --help --version";

struct Words {
  std::string first;                           // groups and commands of one word
  std::map<std::string, std::string> second;   // for each group
  std::map<std::string, std::string> options;  // for each command, by its words
};

Words collect_words() {
  Words words;
  for (const auto& command : all_commands()) {
    const auto space = command.words.find(' ');
    const auto head = command.words.substr(0, space);
    if (space == std::string::npos || !words.second.contains(head)) words.first += head + " ";
    if (space != std::string::npos) words.second[head] += command.words.substr(space + 1) + " ";
    auto& options = words.options[command.words];
    for (const auto& parameter : command.parameters) {
      if (parameter.name.starts_with("--")) options += parameter.name + " ";
      for (const auto& choice : parameter.choices) options += choice + " ";
    }
  }
  return words;
}

std::string bash_script() {
  const auto words = collect_words();
  std::string cases;
  for (const auto& [head, second] : words.second)
    cases += fmt::format("    '{}') list='{}' ;;\n", head, second);
  for (const auto& [name, options] : words.options) {
    cases += fmt::format("    '{}') list='{}{}' ;;\n", name, options, kGlobalOptions);
  }
  return fmt::format(R"sh(# loopstate completion for bash: eval "$(loopstate completion bash)"
_loopstate() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words=() list i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "${{COMP_WORDS[i]}}" in
    --store | --timeout) ((i++)) ;;
    -*) ;;
    *) words+=("${{COMP_WORDS[i]}}") ;;
    esac
  done
  case "${{words[0]}}" in
  '') list='{}{}' ;;
  esac
  if [[ -z $list ]]; then
    case "${{words[*]:0:2}}" in
{}    esac
  fi
  if [[ -z $list ]]; then
    case "${{words[0]}}" in
{}    esac
  fi
  COMPREPLY=($(compgen -W "$list" -- "$current"))
  if [[ ${{#COMPREPLY[@]}} -eq 0 ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
}}
complete -F _loopstate loopstate
)sh",
                     words.first, kGlobalOptions, cases, cases);
}

std::string zsh_script() {
  return "#compdef loopstate\n# loopstate completion for zsh: eval \"$(loopstate completion zsh)\"\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script();
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_script() {
  std::string script = "# loopstate completion for fish: loopstate completion fish | source\n";
  std::string groups;
  for (const auto& group : all_groups()) {
    groups += group.word + " ";
    script += fmt::format("complete -c loopstate -n __fish_use_subcommand -f -a {} -d {}\n", group.word,
                          quoted(group.summary));
  }
  for (const auto& command : all_commands()) {
    const auto space = command.words.find(' ');
    const auto head = command.words.substr(0, space);
    std::string seen = fmt::format("__fish_seen_subcommand_from {}", head);
    if (space == std::string::npos) {
      script += fmt::format("complete -c loopstate -n __fish_use_subcommand -f -a {} -d {}\n", head,
                            quoted(command.summary));
    } else {
      const auto word = command.words.substr(space + 1);
      script +=
          fmt::format("complete -c loopstate -n '{}' -f -a {} -d {}\n", seen, word, quoted(command.summary));
      seen += fmt::format("; and __fish_seen_subcommand_from {}", word);
    }
    for (const auto& parameter : command.parameters) {
      if (!parameter.name.starts_with("--")) continue;
      script += fmt::format("complete -c loopstate -n '{}' -l {} {}-d {}\n", seen, parameter.name.substr(2),
                            parameter.kind == Parameter::Kind::Flag ? "" : "-r ", quoted(parameter.help));
    }
  }
  return script;
}

Result<CommandOutput> completion(Program&, const Arguments& arguments) {
  const auto& shell = arguments.text("SHELL");
  const auto script = shell == "bash" ? bash_script() : shell == "zsh" ? zsh_script() : fish_script();
  return CommandOutput{JsonObject().text("shell", shell).text("script", script).str(), script};
}

}  // namespace

std::vector<Command> completion_commands() {
  return {{"completion",
           "Print a shell's completion script",
           "",
           "completion bash > ~/.local/share/bash-completion/completions/loopstate",
           {one_of("SHELL", {"bash", "zsh", "fish"}, "Which shell")},
           completion}};
}

}  // namespace loopstate::cli
