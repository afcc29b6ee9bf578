// Takes typed members out of a JSON object, and remembers the first that is wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "json/view.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/names.hpp"

namespace loopstate::agent {

/// After a failure the values are empty, and `failed()` says so: look once at the end. `where` begins each
/// message.
class FieldReader {
 public:
  FieldReader(std::string where, json::View object) : where_(std::move(where)), object_(object) {}

  std::string text(std::string_view field);
  /// Absent or null: nothing.
  std::optional<std::string> optional_text(std::string_view field);
  std::uint64_t unsigned_integer(std::string_view field, std::uint64_t max = UINT64_MAX);
  /// Seconds since 1970-01-01 UTC, not before.
  Timestamp time(std::string_view field);
  std::vector<std::string> texts(std::string_view field, std::size_t count_max);
  template <typename T>
  std::optional<T> name(std::string_view field) {
    return checked<T>(field, text(field));
  }
  template <typename T>
  std::optional<T> optional_name(std::string_view field) {
    const auto found = optional_text(field);
    return found ? checked<T>(field, *found) : std::nullopt;
  }
  template <typename T>
  std::optional<T> checked(std::string_view field, std::string_view text) {
    if (error_) return std::nullopt;
    auto parsed = T::parse(text);
    if (parsed) return std::move(*parsed);
    wrong(field, parsed.error().message);
    return std::nullopt;
  }

  void wrong(std::string_view field, std::string_view what);
  bool failed() const noexcept { return error_.has_value(); }
  std::unexpected<Error> error() const { return std::unexpected(*error_); }

 private:
  std::optional<json::View> find(std::string_view field);

  std::string where_;
  json::View object_;
  std::optional<Error> error_;
};

}  // namespace loopstate::agent
