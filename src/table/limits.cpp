#include "table/limits.hpp"

#include <fmt/format.h>

#include "base/try.hpp"
#include "base/utf8.hpp"
#include "table/number.hpp"

namespace loopstate::table {
namespace {

constexpr std::size_t kMaxPartitionKeyBytes = 2048;
constexpr std::size_t kMaxSortKeyBytes = 1024;
constexpr std::size_t kMaxPathNameBytes = 255;
constexpr std::size_t kMaxNameBytes = 65535;
constexpr std::size_t kMaxSteps = 32;
constexpr std::size_t kMaxLevels = 31;  // of lists and maps in a value: the item itself is the 32nd
constexpr std::size_t kMaxConditionNodes = 300;
constexpr std::size_t kMaxConditionDepth = 32;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes && is_utf8(text);
}

Result<void> check_key_part(std::string_view name, std::string_view text, std::size_t max_bytes) {
  if (text.empty() || text.size() > max_bytes) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a key's \"{}\" has {} bytes; it takes 1 to {}", name, text.size(), max_bytes));
  }
  if (text.find('\0') != std::string_view::npos)
    return fail(ErrorCode::InvalidArgument, fmt::format("a key's \"{}\" has a NUL byte", name));
  if (!is_utf8(text))
    return fail(ErrorCode::InvalidArgument, fmt::format("a key's \"{}\" is not UTF-8", name));
  return {};
}

/// Says what is wrong with a value, as the end of a sentence; nothing if all is well.
struct FaultOf {
  using Fault = std::optional<std::string>;
  std::size_t depth = 0;

  Fault operator()(const std::string& text) const { return is_utf8(text) ? Fault() : Fault("is not UTF-8"); }
  Fault operator()(const Number& number) const {
    return is_canonical(number) ? Fault() : Fault("is a number out of range or not in its canonical form");
  }
  Fault operator()(const Binary&) const { return {}; }
  Fault operator()(bool) const { return {}; }
  Fault operator()(Null) const { return {}; }
  Fault operator()(const StringSet& set) const { return elements(set); }
  Fault operator()(const NumberSet& set) const { return elements(set); }
  Fault operator()(const BinarySet& set) const { return elements(set); }
  Fault operator()(const List& list) const {
    if (depth >= kMaxLevels) return too_deep();
    for (const Value& value : list) {
      if (auto fault = std::visit(FaultOf{depth + 1}, value.data())) return fault;
    }
    return {};
  }
  Fault operator()(const Map& map) const {
    if (depth >= kMaxLevels) return too_deep();
    for (const auto& [name, value] : map) {
      if (!is_name(name)) return "has a member whose name is empty, too long or not UTF-8";
      if (auto fault = std::visit(FaultOf{depth + 1}, value.data())) return fault;
    }
    return {};
  }

  static Fault too_deep() {
    return fmt::format("is nested more than {} levels deep, its item included", kMaxLevels + 1);
  }
  Fault elements(const auto& set) const {
    if (set.values.empty()) return "is an empty set, which no item can hold";
    for (const auto& element : set.values) {
      if (auto fault = (*this)(element)) return fault;
    }
    return {};
  }
};

Result<void> check_value(std::string_view name, const Value& value) {
  if (auto fault = std::visit(FaultOf(), value.data())) {
    return fail(ErrorCode::InvalidArgument, fmt::format("the value of \"{}\" {}", name, *fault));
  }
  return {};
}

Result<void> check_path(const Path& path) {
  if (path.attribute.empty() || path.attribute.size() > kMaxPathNameBytes || !is_utf8(path.attribute)) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("an attribute's name in a path is 1 to {} bytes of UTF-8", kMaxPathNameBytes));
  }
  if (path.steps.size() > kMaxSteps)
    return fail(ErrorCode::InvalidArgument, fmt::format("a path has over {} steps", kMaxSteps));
  const bool is_key = path.attribute == kPartitionKey || path.attribute == kSortKey;
  if (is_key && !path.steps.empty())
    return fail(ErrorCode::InvalidArgument, "a path leads into the key, which has no parts");
  for (const auto& step : path.steps) {
    const auto* name = std::get_if<std::string>(&step);
    if (name != nullptr && (name->empty() || name->size() > kMaxPathNameBytes || !is_utf8(*name))) {
      return fail(ErrorCode::InvalidArgument, fmt::format("a step of \"{}\" is 1 to {} bytes of UTF-8",
                                                          path.attribute, kMaxPathNameBytes));
    }
  }
  return {};
}

bool has_order(const Value& value) {
  return value.string() != nullptr || value.number() != nullptr ||
         std::holds_alternative<Binary>(value.data());
}

Result<void> check_leaf(const Condition& condition) {
  using Kind = Condition::Kind;
  TRY_OK(check_path(condition.path()));
  if (condition.kind() == Kind::Exists || condition.kind() == Kind::Absent) return {};
  const std::string& name = condition.path().attribute;
  const bool needs_order = condition.kind() == Kind::Compare && condition.comparison() != Comparison::Equal &&
                           condition.comparison() != Comparison::NotEqual;
  if (needs_order && !has_order(condition.value())) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a condition on \"{}\" takes a string, a number or a binary", name));
  }
  return check_value(name, condition.value());
}

Result<void> check_nodes(const Condition& condition, std::size_t depth, std::size_t& nodes) {
  using Kind = Condition::Kind;
  if (condition.kind() == Kind::Always) return {};
  if (++nodes > kMaxConditionNodes) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a condition has over {} comparisons and operators", kMaxConditionNodes));
  }
  if (depth > kMaxConditionDepth)
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a condition is nested more than {} levels deep", kMaxConditionDepth));
  if (condition.children().empty()) return check_leaf(condition);
  for (const Condition& child : condition.children()) {
    TRY_OK(check_nodes(child, depth + 1, nodes));
  }
  return {};
}

Result<void> check_changes(const Update& update) {
  TRY_OK(check_update(update));
  for (const Change& change : update) {
    TRY_OK(check_path(change.path));
    if (change.kind == Change::Kind::Remove) continue;
    TRY_OK(check_value(change.path.attribute, change.value));
  }
  return {};
}

}  // namespace

Result<void> check_key(const Key& key) {
  TRY_OK(check_key_part(kPartitionKey, key.pk, kMaxPartitionKeyBytes));
  return check_key_part(kSortKey, key.sk, kMaxSortKeyBytes);
}

Result<void> check_item(const Item& item) {
  TRY_OK(check_key(item.key));
  for (const auto& [name, value] : item.attributes) {
    if (!is_name(name))
      return fail(ErrorCode::InvalidArgument, "an attribute's name is empty, too long or not UTF-8");
    if (name == kPartitionKey || name == kSortKey) {
      return fail(ErrorCode::InvalidArgument,
                  fmt::format("\"{}\" is part of the key and cannot be an attribute", name));
    }
    TRY_OK(check_value(name, value));
  }
  const std::size_t size = item_size(item);
  if (size > kMaxItemBytes) {
    return fail(ErrorCode::ItemTooLarge, fmt::format("the item {} {} has {} bytes; at most {} can be kept",
                                                     item.key.pk, item.key.sk, size, kMaxItemBytes));
  }
  return {};
}

Result<void> check_condition(const Condition& condition) {
  std::size_t nodes = 0;
  return check_nodes(condition, 1, nodes);
}

Result<void> check_operation(const Operation& operation) {
  if (const auto* put = std::get_if<Put>(&operation)) {
    TRY_OK(check_item(put->item));
  } else {
    TRY_OK(check_key(key_of(operation)));
  }
  if (const auto* update = std::get_if<UpdateItem>(&operation)) {
    TRY_OK(check_changes(update->update));
  }
  return check_condition(condition_of(operation));
}

const Key& key_of(const Operation& operation) {
  if (const auto* put = std::get_if<Put>(&operation)) return put->item.key;
  if (const auto* update = std::get_if<UpdateItem>(&operation)) return update->key;
  if (const auto* erase = std::get_if<Erase>(&operation)) return erase->key;
  return std::get<Check>(operation).key;
}

const Condition& condition_of(const Operation& operation) {
  return std::visit([](const auto& one) -> const Condition& { return one.condition; }, operation);
}

}  // namespace loopstate::table
