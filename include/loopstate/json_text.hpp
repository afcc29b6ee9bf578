// A JSON value kept as its original text, so that no number loses a digit along the way.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

#include "loopstate/error.hpp"

namespace loopstate {

struct JsonTextAccess;

/// A valid JSON value (RFC 8259, UTF-8, at most 64 levels deep) as text. Never empty: the default is `null`,
/// and so is what a value was moved from. Two values are equal when their texts are.
class JsonText {
 public:
  JsonText() = default;
  JsonText(const JsonText&) = default;
  JsonText& operator=(const JsonText&) = default;
  JsonText(JsonText&& other) noexcept : text_(std::exchange(other.text_, "null")) {}
  JsonText& operator=(JsonText&& other) noexcept {
    text_ = std::exchange(other.text_, "null");
    return *this;
  }
  ~JsonText() = default;

  /// Checks the text and drops surrounding white space. InvalidArgument says what is wrong, and at which
  /// byte.
  static Result<JsonText> parse(std::string_view text);

  const std::string& text() const noexcept { return text_; }

  friend bool operator==(const JsonText&, const JsonText&) = default;

 private:
  friend struct JsonTextAccess;  // for text that loopstate wrote or has just read

  std::string text_ = "null";
};

}  // namespace loopstate
