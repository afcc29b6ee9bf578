#include "json/fields.hpp"

#include <fmt/format.h>

namespace loopstate::json {

std::optional<View> Fields::find(std::string_view name) const {
  for (const auto& [other, value] : members_) {
    if (other == name) return value.is_null() ? std::nullopt : std::optional(value);
  }
  return std::nullopt;
}

std::optional<std::string> Fields::find_text(std::string_view name) const {
  const auto found = find(name);
  return found ? found->string() : std::nullopt;
}

std::optional<bool> Fields::find_bool(std::string_view name) const {
  const auto found = find(name);
  return found ? found->boolean() : std::nullopt;
}

std::optional<Fields> Fields::find_object(std::string_view name) const {
  const auto found = find(name);
  if (!found || found->kind() != Kind::Object) return std::nullopt;
  return inside(name, *found);
}

std::optional<Fields> Fields::find_only_object(std::string_view name) const {
  const auto found = find(name);
  if (!found) return std::nullopt;
  const auto elements = found->elements();
  if (elements.size() != 1 || elements.front().kind() != Kind::Object) return std::nullopt;
  return inside(name, elements.front());
}

std::string Fields::text(std::string_view name) const {
  auto found = find_text(name);
  if (!found) wrong_kind(name, "a string");
  return std::move(found).value_or("");
}

std::optional<std::string> Fields::optional_text(std::string_view name) const {
  return has(name) ? std::optional(text(name)) : std::nullopt;
}

std::optional<bool> Fields::optional_bool(std::string_view name) const {
  const auto found = find_bool(name);
  if (!found && has(name)) wrong_kind(name, "a boolean");
  return found;
}

std::int64_t Fields::integer(std::string_view name) const {
  const auto found = find(name);
  const auto value = found ? found->signed_integer() : std::nullopt;
  if (!value) wrong_kind(name, "a whole number of 64 bits");
  return value.value_or(0);
}

std::uint64_t Fields::unsigned_integer(std::string_view name, std::uint64_t max) const {
  const auto found = find(name);
  const auto value = found ? found->unsigned_integer() : std::nullopt;
  if (value && *value <= max) return *value;
  wrong_kind(name, fmt::format("an integer from 0 to {}", max));
  return 0;
}

std::vector<std::string> Fields::texts(std::string_view name, std::size_t count_max) const {
  const auto found = find(name);
  if (!found || found->kind() != Kind::Array) {
    wrong_kind(name, "an array of strings");
    return {};
  }
  std::vector<std::string> texts;
  for (const auto& element : found->elements()) {
    auto text = element.string();
    if (!text) {
      wrong(name, fmt::format("has an element that is {}; expected a string", to_string(element.kind())));
      return {};
    }
    if (texts.size() == count_max) {
      wrong(name, fmt::format("has more than {} elements", count_max));
      return {};
    }
    texts.push_back(*std::move(text));
  }
  return texts;
}

Fields Fields::object(std::string_view name) const {
  if (auto found = find_object(name)) return *std::move(found);
  wrong_kind(name, "an object");
  return inside(name, View("{}"));
}

void Fields::wrong(std::string_view name, std::string_view what) const {
  if (ok()) *first_ = FieldProblem{path_of(name), std::string(what)};
}

void Fields::wrong_kind(std::string_view name, std::string_view expected) const {
  const auto found = find(name);
  if (!found) return wrong(name, fmt::format("is missing; expected {}", expected));
  // A wrong number where a number is expected is wrong in its value.
  if (found->kind() == Kind::Number && (expected.contains("number") || expected.contains("integer"))) {
    return wrong(name, fmt::format("is not {}", expected));
  }
  wrong(name, fmt::format("is {}; expected {}", to_string(found->kind()), expected));
}

std::string Fields::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

}  // namespace loopstate::json
