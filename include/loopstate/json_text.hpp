// A JSON value kept as its original text, so that no number loses a digit along the way.
#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "loopstate/error.hpp"

namespace loopstate {

/// A valid JSON value (RFC 8259, UTF-8, at most 64 levels deep) as text. Never empty: the default is `null`.
/// Two values are equal when their texts are.
class JsonText {
 public:
  JsonText() = default;

  /// Checks the text and drops surrounding white space. InvalidArgument says what is wrong, and at which
  /// byte.
  static Result<JsonText> parse(std::string_view text);

  /// For text that is known to be valid, because this library wrote it.
  static JsonText trusted(std::string text) {
    JsonText value;
    value.text_ = std::move(text);
    return value;
  }

  const std::string& text() const noexcept { return text_; }

  friend bool operator==(const JsonText&, const JsonText&) = default;

 private:
  std::string text_ = "null";
};

}  // namespace loopstate
