// What a command is: its words, its parameters, and the function that does it. Everything else (parsing,
// help, completion) is derived from this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalogue/catalogue.hpp"
#include "loopstate/error.hpp"

namespace loopstate::cli {

class Arguments;
class Program;

enum class ExitStatus : int {
  Done = 0,
  Failed = 1,
  Misused = 2,
  NotThere = 3,
  Refused = 4  ///< a conflict, a duplicate, somebody else's card, no permission left
};

struct Parameter {
  using Kind = catalogue::CommandParameter::Kind;
  Kind kind;
  std::string name;   ///< "USER", "--txn"
  std::string value;  ///< what the value of an option or a repeated parameter is called, "ID"
  std::string help;
  bool required;
  std::vector<std::string> choices;  ///< if only these are allowed
};

Parameter required(std::string name, std::string help);
Parameter optional(std::string name, std::string help);
Parameter one_of(std::string name, std::vector<std::string> choices, std::string help);
/// `at_least_one` false: may be omitted.
Parameter repeated(std::string name, std::string value, std::string help, bool at_least_one);
Parameter option(std::string name, std::string value, std::string help);
Parameter option_one_of(std::string name, std::string value, std::vector<std::string> choices,
                        std::string help);
Parameter options(std::string name, std::string value, std::string help);
Parameter flag(std::string name, std::string help);

/// What a command returns: the same answer for a script and for a person.
struct CommandOutput {
  std::string json;
  std::string text;
  ExitStatus status = ExitStatus::Done;
  /// The command has written its output itself (an export to standard output).
  bool written = false;
  /// What was done as asked, but may not be what was meant: on standard error, and as "notes" of a JSON
  /// object.
  std::vector<std::string> notes = {};
};

struct Command {
  std::string words;    ///< "context patch"
  std::string summary;  ///< one line
  std::string details;  ///< for its --help; may be empty
  std::string example;  ///< goes after "loopstate "
  std::vector<Parameter> parameters;
  Result<CommandOutput> (*run)(Program&, const Arguments&);
};

/// A command that is a call of the catalogue, which has all that is said about it.
Command of_catalogue(std::string_view words, Result<CommandOutput> (*run)(Program&, const Arguments&));

/// A command of more than one word belongs to a group.
struct Group {
  std::string word;
  std::string summary;
};

}  // namespace loopstate::cli
