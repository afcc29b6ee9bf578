// A fresh, initialised embedded table in its own folder, which is removed with it.
#pragma once

#include <memory>
#include <string>

#include "embedded/embedded_table.hpp"
#include "table/table.hpp"

namespace loopstate::table {

/// Ends the program with a message if the folder or the file cannot be created.
std::shared_ptr<Table> open_fresh_embedded(
    embedded::Durability durability = embedded::Durability::ProcessDeath);

}  // namespace loopstate::table
