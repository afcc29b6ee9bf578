// The words that choose a command, checked before the rest of the line: what was probably meant, if they
// choose none.
#pragma once

#include <string>
#include <vector>

#include "loopstate/error.hpp"

namespace loopstate::cli {

/// The words of a command line that are neither options nor their values, in the order typed, up to the two
/// that can choose a command. Empty if an option comes first that only a command could explain.
std::vector<std::string> leading_words(int argc, const char* const* argv);

/// Whether a group's word says enough: for help it does.
enum class GroupAlone : bool { Refused, Allowed };

/// InvalidArgument if the words choose no command; it says what was probably meant, or what there is.
Result<void> check_command_words(const std::vector<std::string>& words, GroupAlone group_alone);

}  // namespace loopstate::cli
