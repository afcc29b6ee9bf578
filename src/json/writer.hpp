// Writes JSON: no white space, members in the order they are written, strings escaped only where they must
// be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "loopstate/json_text.hpp"

namespace loopstate::json {

/// Appends the string literal for `text`, which is UTF-8: quotes, backslashes and control characters are
/// escaped (\b \f \n \r \t, else \u00xx), nothing else.
void append_string(std::string& out, std::string_view text);

/// Builds one value. Commas are added automatically; the caller closes brackets.
///
///     Writer json;
///     json.begin_object().key("id").string(id).key("amount").number(12u).end_object();
///     return std::move(json).take();
class Writer {
 public:
  explicit Writer(std::size_t reserve = 0) { out_.reserve(reserve); }

  Writer& begin_object() { return open('{'); }
  Writer& end_object() { return close('}'); }
  Writer& begin_array() { return open('['); }
  Writer& end_array() { return close(']'); }

  /// The name of the member whose value is written next.
  Writer& key(std::string_view name);

  Writer& null() { return raw("null"); }
  Writer& string(std::string_view text);
  Writer& boolean(bool value) { return raw(value ? "true" : "false"); }
  Writer& number(std::uint64_t value);
  Writer& number(std::int64_t value);
  Writer& number(std::uint32_t value) { return number(std::uint64_t{value}); }
  Writer& number(std::int32_t value) { return number(std::int64_t{value}); }
  /// A valid value, given as its text.
  Writer& raw(std::string_view json);
  Writer& value(const JsonText& json) { return raw(json.text()); }

  const std::string& text() const noexcept { return out_; }
  std::string take() && { return std::move(out_); }

 private:
  Writer& open(char bracket);
  Writer& close(char bracket);
  void separate();

  std::string out_;
  bool comma_ = false;
};

}  // namespace loopstate::json
