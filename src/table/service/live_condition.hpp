// The conditions of writes as the service has to be asked them. It keeps an item for a while after its time
// is over, and an expired item counts as none: so every condition asks for that too.
#pragma once

#include <optional>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "table/condition.hpp"

namespace loopstate::table::service {

/// Of a put or an erase: the condition of a live item, and true of an expired one exactly when `condition`
/// holds for no item at all. Nothing: it always holds.
std::optional<Condition> live_condition(const Condition& condition, Timestamp now);

/// The same where the request must have a condition (ConditionCheck): one that always holds stays one.
Condition live_check(const Condition& condition, Timestamp now);

/// Of an update, which needs a live item whatever its condition says.
Condition live_update(const Condition& condition, Timestamp now);

// The service's limits: 300 operators and functions, names of 255 bytes. InvalidArgument.
// Source: DynamoDB Developer Guide, "Quotas": Expression parameters.
Result<void> check_expression(const Condition& condition);
Result<void> check_path(const Path& path);

}  // namespace loopstate::table::service
