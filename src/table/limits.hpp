// Sizes and bounds as the service counts them, checked on every engine before anything is sent.
#pragma once

#include <cstddef>
#include <vector>

#include "loopstate/error.hpp"
#include "table/table.hpp"

namespace loopstate::table {

/// The item's size in bytes as DynamoDB counts it: names and values, keys included.
std::size_t item_size(const Item& item);
std::size_t value_size(const Value& value);

/// InvalidArgument (an empty or overlong key, an empty set, nesting over 32 levels, an empty attribute name,
/// "pk" or "sk" among the attributes) or ItemTooLarge with the size.
Result<void> check_item(const Item& item);
Result<void> check_key(const Key& key);
/// InvalidArgument: a path that is empty or has over 32 steps, a value that the comparison does not accept,
/// or over 300 comparisons and operators.
Result<void> check_condition(const Condition& condition);
/// Everything that can be checked about one write before the item is seen.
Result<void> check_operation(const Operation& operation);
/// InvalidArgument: no operations or too many, an item named twice, a token out of bounds, or over 4 MB
/// in total.
Result<void> check_transaction(const std::vector<Operation>& operations, std::string_view token);
Result<void> check_query(const Query& query);
Result<void> check_scan(const Scan& scan);
Result<void> check_batch(const std::vector<Key>& keys);
Result<void> check_batch(const std::vector<Item>& items);

/// The key that an operation is about.
const Key& key_of(const Operation& operation);
const Condition& condition_of(const Operation& operation);

}  // namespace loopstate::table
