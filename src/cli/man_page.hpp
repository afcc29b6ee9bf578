// The program's manual pages, made from the table of commands.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace loopstate::cli {

/// loopstate(1): what there is, and what holds for every command.
std::string man_page();
/// loopstate-context-patch(1) and so on.
std::string man_page(const Command& command);
/// The page's name without its section: "loopstate-context-patch".
std::string man_name(const Command& command);

}  // namespace loopstate::cli
