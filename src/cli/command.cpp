#include "cli/command.hpp"

#include <stdexcept>
#include <utility>

namespace loopstate::cli {

using Kind = Parameter::Kind;

Parameter required(std::string name, std::string help) {
  return {Kind::Positional, std::move(name), "", std::move(help), true, {}};
}

Parameter optional(std::string name, std::string help) {
  return {Kind::Positional, std::move(name), "", std::move(help), false, {}};
}

Parameter one_of(std::string name, std::vector<std::string> choices, std::string help) {
  return {Kind::Positional, std::move(name), "", std::move(help), true, std::move(choices)};
}

Parameter repeated(std::string name, std::string value, std::string help, bool at_least_one) {
  return {Kind::Repeated, std::move(name), std::move(value), std::move(help), at_least_one, {}};
}

Parameter option(std::string name, std::string value, std::string help) {
  return {Kind::Option, std::move(name), std::move(value), std::move(help), false, {}};
}

Parameter option_one_of(std::string name, std::string value, std::vector<std::string> choices,
                        std::string help) {
  return {Kind::Option, std::move(name), std::move(value), std::move(help), false, std::move(choices)};
}

Parameter options(std::string name, std::string value, std::string help) {
  return {Kind::Options, std::move(name), std::move(value), std::move(help), false, {}};
}

Parameter flag(std::string name, std::string help) {
  return {Kind::Flag, std::move(name), "", std::move(help), false, {}};
}

Command of_catalogue(std::string_view words, Result<CommandOutput> (*run)(Program&, const Arguments&)) {
  const auto* const known = catalogue::find_command(words);
  if (known == nullptr) throw std::logic_error("the catalogue has no command " + std::string(words));
  Command command{std::string(words),
                  std::string(known->summary),
                  std::string(known->details),
                  std::string(known->example),
                  {},
                  run};
  for (const auto& parameter : known->parameters) {
    command.parameters.push_back(
        {parameter.kind, std::string(parameter.name), std::string(parameter.value),
         std::string(parameter.help), parameter.required,
         std::vector<std::string>(parameter.choices.begin(), parameter.choices.end())});
  }
  return command;
}

}  // namespace loopstate::cli
