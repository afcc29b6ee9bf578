#include "catalogue/catalogue.hpp"

#include <algorithm>

namespace loopstate::catalogue {
namespace {

using Kind = CommandParameter::Kind;

#include "catalogue/generated/commands.inc"

constexpr std::string_view kJson =
#include "catalogue/generated/json.inc"
    ;

}  // namespace

std::span<const Command> commands() noexcept {
  return kCommands;
}

const Command* find_command(std::string_view words) noexcept {
  const auto* const at = std::ranges::find(kCommands, words, &Command::words);
  return at == std::ranges::end(kCommands) ? nullptr : at;
}

std::string_view json() noexcept {
  return kJson;
}

}  // namespace loopstate::catalogue
