// A fresh, initialised embedded table in a folder of its own, which goes with it.
#pragma once

#include <memory>
#include <string>

#include "embedded/embedded_table.hpp"
#include "table/table.hpp"

namespace loopstate::table {

/// Ends the program with a message when the folder or the file cannot be made.
std::shared_ptr<Table> open_fresh_embedded(
    embedded::Durability durability = embedded::Durability::ProcessDeath);

}  // namespace loopstate::table
