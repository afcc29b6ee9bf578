// Conditions and updates as the trees that a cluster takes: other clients parse an expression's text,
// but here there is none.
#pragma once

#include <string>

#include "table/condition.hpp"
#include "table/table.hpp"
#include "table/update.hpp"

namespace loopstate::dax {

// Each appends one argument: a byte string of the tree with its values. A value that occurs twice is
// written once.

/// `condition` is not the one that always holds, which is left out of a request.
void append_condition(std::string& out, const table::Condition& condition);
void append_update(std::string& out, const table::Update& update);
/// Which items of a partition.
void append_key_condition(std::string& out, const table::Query& query);

}  // namespace loopstate::dax
