// Items as lines of typed JSON (table/json/typed_json.hpp), as DynamoDB's own tools read and write them, so
// that an export loses nothing: {"pk":{"S":"USER#U1"},"sk":{"S":"CONTEXT"},"version":{"N":"7"}}.
#pragma once

#include <string>
#include <string_view>

#include "loopstate/error.hpp"
#include "table/value.hpp"

namespace loopstate::store {

/// One line, key first, the attributes in order of name: equal items give equal lines.
std::string item_to_json(const table::Item& item);

/// InvalidArgument says which attribute is wrong, or at which byte the text is not JSON; ItemTooLarge.
/// Numbers come in their canonical form, sets sorted.
Result<table::Item> item_from_json(std::string_view text);

}  // namespace loopstate::store
