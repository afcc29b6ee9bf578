#include "table/condition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <compare>

#include "table/number.hpp"

namespace loopstate::table {
namespace {

bool is_key_attribute(const Path& path) {
  return path.attribute == kPartitionKey || path.attribute == kSortKey;
}

/// What `path` leads to in the item; nullptr if nothing. `key_value` holds what a key attribute becomes.
const Value* resolve(const Path& path, const Item* item, Value& key_value) {
  if (item == nullptr) return nullptr;
  const Value* value = nullptr;
  if (is_key_attribute(path)) {
    key_value = path.attribute == kPartitionKey ? item->key.pk : item->key.sk;
    value = &key_value;
  } else {
    value = item->find(path.attribute);
  }
  for (const auto& step : path.steps) {
    if (value == nullptr) return nullptr;
    if (const auto* name = std::get_if<std::string>(&step)) {
      value = value->map() != nullptr ? value->map()->find(*name) : nullptr;
    } else {
      const auto index = std::get<std::uint32_t>(step);
      const List* list = value->list();
      value = list != nullptr && index < list->size() ? &(*list)[index] : nullptr;
    }
  }
  return value;
}

bool exists(const Path& path, const Item* item) {
  if (item == nullptr) return false;
  if (is_key_attribute(path) && path.steps.empty()) return true;
  Value key_value;
  return resolve(path, item, key_value) != nullptr;
}

/// Nothing if the two have no order: different types, or a type without an order.
std::optional<std::strong_ordering> order(const Value& left, const Value& right) {
  if (left.string() != nullptr && right.string() != nullptr) return *left.string() <=> *right.string();
  if (left.number() != nullptr && right.number() != nullptr) return compare(*left.number(), *right.number());
  const auto* left_bytes = std::get_if<Binary>(&left.data());
  const auto* right_bytes = std::get_if<Binary>(&right.data());
  if (left_bytes != nullptr && right_bytes != nullptr) return left_bytes->bytes <=> right_bytes->bytes;
  return std::nullopt;
}

bool compares(const Value* found, Comparison how, const Value& wanted) {
  if (how == Comparison::NotEqual) return found == nullptr || *found != wanted;
  if (found == nullptr) return false;
  if (how == Comparison::Equal) return *found == wanted;
  const auto ordering = order(*found, wanted);
  if (!ordering) return false;
  switch (how) {
    case Comparison::Less:
      return *ordering < 0;
    case Comparison::LessOrEqual:
      return *ordering <= 0;
    case Comparison::Greater:
      return *ordering > 0;
    default:
      return *ordering >= 0;
  }
}

template <typename Set, typename Element>
bool has_element(const Value& value, const Element* element) {
  const auto* set = std::get_if<Set>(&value.data());
  return set != nullptr && element != nullptr &&
         std::find(set->values.begin(), set->values.end(), *element) != set->values.end();
}

bool contains_value(const Value* found, const Value& wanted) {
  if (found == nullptr) return false;
  const auto* wanted_bytes = std::get_if<Binary>(&wanted.data());
  if (const auto* text = found->string()) {
    return wanted.string() != nullptr && text->find(*wanted.string()) != std::string::npos;
  }
  if (const auto* bytes = std::get_if<Binary>(&found->data())) {
    return wanted_bytes != nullptr && bytes->bytes.find(wanted_bytes->bytes) != std::string::npos;
  }
  if (const auto* list = found->list()) return std::find(list->begin(), list->end(), wanted) != list->end();
  return has_element<StringSet>(*found, wanted.string()) || has_element<NumberSet>(*found, wanted.number()) ||
         has_element<BinarySet>(*found, wanted_bytes);
}

}  // namespace

Path Path::at(std::uint32_t index) && {
  steps.emplace_back(index);
  return std::move(*this);
}

Path Path::member(std::string name) && {
  steps.emplace_back(std::move(name));
  return std::move(*this);
}

std::string to_string(const Path& path) {
  std::string text = path.attribute;
  for (const auto& step : path.steps) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      text += fmt::format(".{}", *name);
    } else {
      text += fmt::format("[{}]", std::get<std::uint32_t>(step));
    }
  }
  return text;
}

Condition Condition::exists(Path path) {
  Condition condition;
  condition.kind_ = Kind::Exists;
  condition.path_ = std::move(path);
  return condition;
}

Condition Condition::absent(Path path) {
  Condition condition;
  condition.kind_ = Kind::Absent;
  condition.path_ = std::move(path);
  return condition;
}

Condition Condition::compare(Path path, Comparison how, Value value) {
  Condition condition;
  condition.kind_ = Kind::Compare;
  condition.path_ = std::move(path);
  condition.comparison_ = how;
  condition.value_ = std::move(value);
  return condition;
}

Condition Condition::begins_with(Path path, std::string prefix) {
  Condition condition;
  condition.kind_ = Kind::BeginsWith;
  condition.path_ = std::move(path);
  condition.value_ = std::move(prefix);
  return condition;
}

Condition Condition::contains(Path path, Value value) {
  Condition condition;
  condition.kind_ = Kind::Contains;
  condition.path_ = std::move(path);
  condition.value_ = std::move(value);
  return condition;
}

Condition Condition::never() {
  Condition condition;
  condition.kind_ = Kind::And;
  condition.children_ = {item_exists(), item_absent()};
  return condition;
}

Condition Condition::all_of(std::vector<Condition> conditions) {
  std::erase_if(conditions, [](const Condition& child) { return child.kind_ == Kind::Always; });
  if (conditions.empty()) return {};
  if (conditions.size() == 1) return std::move(conditions.front());
  Condition condition;
  condition.kind_ = Kind::And;
  condition.children_ = std::move(conditions);
  return condition;
}

Condition Condition::any_of(std::vector<Condition> conditions) {
  if (conditions.empty()) return never();
  for (const Condition& child : conditions) {
    if (child.kind_ == Kind::Always) return {};
  }
  if (conditions.size() == 1) return std::move(conditions.front());
  Condition condition;
  condition.kind_ = Kind::Or;
  condition.children_ = std::move(conditions);
  return condition;
}

Condition Condition::negate(Condition condition) {
  if (condition.kind_ == Kind::Always) return never();
  Condition negation;
  negation.kind_ = Kind::Not;
  negation.children_.push_back(std::move(condition));
  return negation;
}

bool holds(const Condition& condition, const Item* item) {
  using Kind = Condition::Kind;
  const auto child_holds = [item](const Condition& child) { return holds(child, item); };
  const auto& children = condition.children();
  Value key_value;
  switch (condition.kind()) {
    case Kind::Always:
      return true;
    case Kind::Exists:
      return exists(condition.path(), item);
    case Kind::Absent:
      return !exists(condition.path(), item);
    case Kind::Compare:
      return compares(resolve(condition.path(), item, key_value), condition.comparison(), condition.value());
    case Kind::BeginsWith: {
      const Value* found = resolve(condition.path(), item, key_value);
      const auto* prefix = condition.value().string();
      return found != nullptr && found->string() != nullptr && found->string()->starts_with(*prefix);
    }
    case Kind::Contains:
      return contains_value(resolve(condition.path(), item, key_value), condition.value());
    case Kind::And:
      return std::all_of(children.begin(), children.end(), child_holds);
    case Kind::Or:
      return std::any_of(children.begin(), children.end(), child_holds);
    case Kind::Not:
      return !holds(children.front(), item);
  }
  return false;
}

}  // namespace loopstate::table
