// The public calls as data. catalogue/*.toml describes each of them once; tools/generate-catalogue writes
// generated/ from it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace loopstate::catalogue {

struct CommandParameter {
  enum class Kind : std::uint8_t {
    Positional,  ///< one value, by position
    Repeated,    ///< any number of values at the end
    Option,      ///< `--name VALUE`
    Options,     ///< `--name VALUE`, any number of times
    Flag         ///< `--name`
  };
  Kind kind = Kind::Positional;
  std::string_view name;   ///< "USER", "--last4"
  std::string_view value;  ///< what the value of an option or a repeated parameter is called
  std::string_view help;
  bool required = false;
  std::span<const std::string_view> choices = {};  ///< if only these are allowed
};

/// A command of the program that is a call, or several.
struct Command {
  std::string_view words;
  std::string_view summary;
  std::string_view details;
  std::string_view example;
  std::span<const CommandParameter> parameters = {};
};

std::span<const Command> commands() noexcept;
/// Null: there is none.
const Command* find_command(std::string_view words) noexcept;

/// What a caller by name can use: {"basic_types":{},"types":{},"errors":{},"calls":{}}, each by name.
std::string_view json() noexcept;

}  // namespace loopstate::catalogue
