// The members of one JSON object of an event, read over once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/view.hpp"

namespace loopstate::function {

/// Of a text that was checked already and outlives this. A member that is null counts as absent, since AWS
/// leaves many of its members null. Of a value that is no object: none.
class Members {
 public:
  explicit Members(const json::View& object) : members_(object.members()) {}

  std::optional<json::View> find(std::string_view name) const {
    for (const auto& [other, value] : members_) {
      if (other == name) return value.is_null() ? std::nullopt : std::optional(value);
    }
    return std::nullopt;
  }
  /// The member when it is a string.
  std::optional<std::string> text(std::string_view name) const {
    const auto value = find(name);
    return value ? value->string() : std::nullopt;
  }
  bool has(std::string_view name) const { return find(name).has_value(); }

 private:
  std::vector<std::pair<std::string, json::View>> members_;
};

}  // namespace loopstate::function
