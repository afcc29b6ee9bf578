// The agent for trying out: secrets that everybody knows, and a user whose cards are linked.
#pragma once

#include <string_view>

#include "cli/program.hpp"
#include "log/log.hpp"

namespace loopstate::cli {

/// InvalidArgument: a store that others use, or an address that others reach. With these secrets anybody
/// could make up payments.
Result<void> check_demo_is_private(const Settings& settings, std::string_view listen);

/// Says loudly what kind of agent this is, and links the cards with which the example deliveries are paid.
Result<void> prepare_demo(Program& program, Store store, const log::Logger& log);

}  // namespace loopstate::cli
