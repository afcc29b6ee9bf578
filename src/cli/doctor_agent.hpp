// What `doctor` says about the agent: its settings are read and judged by the agent's own code, so that they
// are right here exactly if they are right there.
#pragma once

#include <optional>
#include <vector>

#include "cli/program.hpp"
#include "table/table.hpp"

namespace loopstate::cli {

/// Logs, providers with their secrets, URLs and files, and, if there is a store, whether the pepper is its
/// own. Writes nothing.
std::vector<table::Finding> examine_agent(Program& program, const std::optional<Store>& store);

}  // namespace loopstate::cli
