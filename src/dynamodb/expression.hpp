// Conditions and updates as the service's expression texts, with placeholders for every name and value.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "table/condition.hpp"
#include "table/update.hpp"
#include "table/value.hpp"

namespace loopstate::dynamodb {

/// The placeholders of one operation: `#0` for a name, `:0` for a value; each name and value gets one.
class Placeholders {
 public:
  /// The placeholder of an attribute or map member name.
  std::string name(std::string_view name);
  std::string value(const table::Value& value);
  std::string path(const table::Path& path);

  const std::vector<std::string>& names() const noexcept { return names_; }
  const std::vector<table::Value>& values() const noexcept { return values_; }

 private:
  std::vector<std::string> names_;
  std::vector<table::Value> values_;
};

/// The parts of a write that are expressions. Empty texts are left out of the request.
struct Expressions {
  std::string condition;
  std::string update;
  Placeholders placeholders;
};

/// The condition of a put or an erase. An expired item counts as none: the text asks for the condition of a
/// live item, and holds for an expired one exactly when the condition holds for no item at all.
/// InvalidArgument: over the service's limits (4 KB of text, 300 operators, names of 255 bytes).
/// Source of the limits: DynamoDB Developer Guide, "Quotas": Expression parameters.
Result<Expressions> render_condition(const table::Condition& condition, Timestamp now);

/// The same where the request must have a condition (ConditionCheck): one that always holds becomes a text
/// that always holds.
Result<Expressions> render_check(const table::Condition& condition, Timestamp now);

/// The update and its condition, which also requires a live item. Without changes the update is empty.
Result<Expressions> render_update(const table::Update& update, const table::Condition& condition,
                                  Timestamp now);

}  // namespace loopstate::dynamodb
