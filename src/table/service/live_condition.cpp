#include "table/service/live_condition.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/try.hpp"

namespace loopstate::table::service {
namespace {

constexpr std::size_t kOperatorsMax = 300;
constexpr std::size_t kNameBytesMax = 255;

/// Holds for an item whose `ttl` is a number at or below now. A value of another type never compares with a
/// number, nor does an absent attribute: such items are live.
Condition expired(Timestamp now) {
  return Condition::compare(kTimeToLive, Comparison::LessOrEqual, Value::time(now));
}

Result<void> check_name(std::string_view name) {
  if (!name.empty() && name.size() <= kNameBytesMax) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("an attribute name of {} bytes in a condition or update; 1 to {} are allowed",
                          name.size(), kNameBytesMax));
}

Result<void> check_tree(const Condition& condition, std::size_t& operators) {
  using Kind = Condition::Kind;
  const auto& children = condition.children();
  if (condition.kind() == Kind::Always) return {};
  const bool joins = condition.kind() == Kind::And || condition.kind() == Kind::Or;
  operators += joins ? children.size() - 1 : 1;
  for (const Condition& child : children) {
    TRY_OK(check_tree(child, operators));
  }
  return children.empty() ? check_path(condition.path()) : Result<void>();
}

}  // namespace

std::optional<Condition> live_condition(const Condition& condition, Timestamp now) {
  if (condition.kind() == Condition::Kind::Always) return std::nullopt;
  if (holds(condition, nullptr)) return Condition::any_of({expired(now), condition});
  return Condition::all_of({Condition::negate(expired(now)), condition});
}

Condition live_check(const Condition& condition, Timestamp now) {
  auto live = live_condition(condition, now);
  return live ? std::move(*live) : Condition::any_of({Condition::item_exists(), Condition::item_absent()});
}

Condition live_update(const Condition& condition, Timestamp now) {
  return Condition::all_of({Condition::item_exists(), Condition::negate(expired(now)), condition});
}

Result<void> check_path(const Path& path) {
  TRY_OK(check_name(path.attribute));
  for (const auto& step : path.steps) {
    if (const auto* member = std::get_if<std::string>(&step)) {
      TRY_OK(check_name(*member));
    }
  }
  return {};
}

Result<void> check_expression(const Condition& condition) {
  std::size_t operators = 0;
  TRY_OK(check_tree(condition, operators));
  if (operators <= kOperatorsMax) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("a condition with {} operators; at most {} are allowed", operators, kOperatorsMax));
}

}  // namespace loopstate::table::service
