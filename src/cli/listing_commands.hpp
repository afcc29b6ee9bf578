// What the commands that list across users share with those about one user or payment.
#pragma once

#include <string>

#include "cli/command.hpp"
#include "loopstate/questions.hpp"

namespace loopstate::cli {

/// `capture list --all`.
Result<CommandOutput> list_all_captures(Program& program, const Arguments& arguments);

std::string payment_json(const SeenPayment& seen);

}  // namespace loopstate::cli
