// The conditions of writes, as they have to be put to the service. It keeps an item for a while after it has
// expired, and an expired item counts as none: so every condition asks for that too.
#pragma once

#include <optional>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "table/condition.hpp"

namespace loopstate::table::service {

/// For a put or an erase: the condition on a live item, true of an expired one exactly when `condition`
/// holds for no item at all. Nothing: it always holds.
std::optional<Condition> live_condition(const Condition& condition, Timestamp now);

/// The same for a request that must have a condition (ConditionCheck): one that always holds stays one.
Condition live_check(const Condition& condition, Timestamp now);

/// For an update, which needs a live item whatever its condition says.
Condition live_update(const Condition& condition, Timestamp now);

// The service's limits: 300 operators and functions, names of 255 bytes. InvalidArgument.
// Source: DynamoDB Developer Guide, "Quotas": Expression parameters.
Result<void> check_expression(const Condition& condition);
Result<void> check_path(const Path& path);

}  // namespace loopstate::table::service
