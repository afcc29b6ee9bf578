// Looks into an already checked JSON text: for callers that pick a few members out of a document.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/reader.hpp"
#include "loopstate/json_text.hpp"

namespace loopstate::json {

/// A value inside a checked text, which must outlive it. Cheap to copy. Every look into an object or array
/// reads it again: for a few members of a small document, not for loops over large ones (`members()` and
/// `elements()` read once).
class View {
 public:
  /// `text` is a valid value, as returned by JsonText::parse or Reader::skip.
  explicit View(std::string_view text) : text_(text) {}
  explicit View(const JsonText& json) : text_(json.text()) {}

  std::string_view text() const noexcept { return text_; }
  Kind kind() const noexcept;
  bool is_null() const noexcept { return kind() == Kind::Null; }

  /// The member of that name; nothing if there is none or this is not an object.
  std::optional<View> find(std::string_view name) const;
  /// The value at the end of a path of names.
  std::optional<View> find(std::initializer_list<std::string_view> path) const;

  /// In order; empty if this is not an object (or not an array).
  std::vector<std::pair<std::string, View>> members() const;
  std::vector<View> elements() const;

  /// Nothing if the value is of another kind, or the integer does not fit.
  std::optional<bool> boolean() const;
  std::optional<std::string> string() const;
  std::optional<std::uint64_t> unsigned_integer() const;
  std::optional<std::int64_t> signed_integer() const;
  std::optional<std::string_view> number() const;

 private:
  std::string_view text_;
};

/// The member of that name if it is a string: `find(name)` and `string()` in one.
std::optional<std::string> string_member(const View& object, std::string_view name);

}  // namespace loopstate::json
