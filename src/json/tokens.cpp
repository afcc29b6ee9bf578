// The grammar of JSON's tokens, and values that are only checked.
#include <fmt/format.h>

#include <cstring>
#include "base/utf8.hpp"

#include "json/reader.hpp"
#include "json/scan.hpp"

namespace loopstate::json {
namespace {

// Four hexadecimal digits, or nothing.
std::optional<std::uint32_t> hex4(const char* at, const char* end) noexcept {
  if (end - at < 4) return std::nullopt;
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    std::uint32_t digit = 0;
    if (is_digit(c)) {
      digit = static_cast<std::uint32_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<std::uint32_t>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<std::uint32_t>(c - 'A') + 10;
    } else {
      return std::nullopt;
    }
    value = value << 4 | digit;
  }
  return value;
}

constexpr bool is_high_surrogate(std::uint32_t unit) noexcept {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

constexpr bool is_low_surrogate(std::uint32_t unit) noexcept {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

void append_utf8(std::string& text, std::uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | code >> 18);
    text += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// One escape after its backslash; moves past it.
void append_escape(std::string& text, const char*& at, const char* end) {
  const char c = *at++;
  switch (c) {
    case 'b':
      text += '\b';
      return;
    case 'f':
      text += '\f';
      return;
    case 'n':
      text += '\n';
      return;
    case 'r':
      text += '\r';
      return;
    case 't':
      text += '\t';
      return;
    case 'u':
      break;
    default:
      text += c;
      return;
  }
  std::uint32_t code = hex4(at, end).value_or(0xFFFD);
  at += 4;
  if (is_high_surrogate(code)) {
    const auto low = hex4(at + 2, end).value_or(0xDC00);
    at += 6;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(text, code);
}

}  // namespace

std::string unescape(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  const char* at = raw.data();
  const char* const end = at + raw.size();
  while (at != end) {
    const void* found = std::memchr(at, '\\', static_cast<std::size_t>(end - at));
    const char* const escape = found == nullptr ? end : static_cast<const char*>(found);
    text.append(at, escape);
    if (escape == end) break;
    at = escape + 1;
    append_escape(text, at, end);
  }
  return text;
}

bool Reader::take_string(std::string_view& raw, bool& escaped) {
  const char* const first = at_ + 1;
  const char* at = first;
  for (;;) {
    at = skip_plain(at, end_);
    if (at == end_) return fail_at(at, "the text ends inside a string");
    if (*at == '"') break;
    if (*at == '\\') {
      escaped = true;
      if (!take_escape(at)) return false;
    } else if (static_cast<unsigned char>(*at) < 0x20) {
      return fail_at(at, "a control character inside a string");
    } else {
      const auto point = first_code_point({at, static_cast<std::size_t>(end_ - at)});
      if (!point) return fail_at(at, "not UTF-8");
      at += point->bytes;
    }
  }
  raw = {first, static_cast<std::size_t>(at - first)};
  at_ = at + 1;
  return true;
}

bool Reader::take_escape(const char*& at) {
  if (end_ - at < 2) return fail_at(end_, "the text ends inside a string");
  const char* const backslash = at;
  at += 2;
  switch (backslash[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return true;
    case 'u':
      break;
    default:
      return fail_at(backslash, "an unknown escape");
  }
  const auto unit = hex4(at, end_);
  if (!unit) return fail_at(backslash, "expected four hexadecimal digits after \\u");
  at += 4;
  if (is_low_surrogate(*unit)) return fail_at(backslash, "half of a surrogate pair");
  if (!is_high_surrogate(*unit)) return true;
  const bool paired = end_ - at >= 6 && at[0] == '\\' && at[1] == 'u';
  const auto low = paired ? hex4(at + 2, end_) : std::nullopt;
  if (!low || !is_low_surrogate(*low)) return fail_at(backslash, "half of a surrogate pair");
  at += 6;
  return true;
}

bool Reader::take_number(std::string_view& text) {
  const char* at = at_;
  const auto digits = [&] {
    const char* const first = at;
    while (at != end_ && is_digit(*at)) ++at;
    return at != first;
  };
  if (at != end_ && *at == '-') ++at;
  const bool zero = at != end_ && *at == '0';
  if (!digits()) return fail_at(at, "expected a digit");
  const char* const first_digit = *at_ == '-' ? at_ + 1 : at_;
  if (zero && at - first_digit > 1) return fail_at(at_, "a number must not begin with a zero");
  if (at != end_ && *at == '.') {
    ++at;
    if (!digits()) return fail_at(at, "expected a digit after the decimal point");
  }
  if (at != end_ && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end_ && (*at == '+' || *at == '-')) ++at;
    if (!digits()) return fail_at(at, "expected a digit in the exponent");
  }
  text = {at_, static_cast<std::size_t>(at - at_)};
  at_ = at;
  return true;
}

bool Reader::take_literal(std::string_view literal) {
  const auto left = static_cast<std::size_t>(end_ - at_);
  if (left < literal.size() || std::string_view(at_, literal.size()) != literal) {
    return fail(fmt::format("expected {}", literal));
  }
  at_ += literal.size();
  return true;
}

bool Reader::skip_value() {
  skip_space();
  if (at_ == end_) return fail("expected a value, found the end of the text");
  std::string_view ignored;
  bool escaped = false;
  switch (*at_) {
    case '"':
      return take_string(ignored, escaped);
    case '{':
      return skip_object();
    case '[':
      return skip_array();
    case 't':
      return take_literal("true");
    case 'f':
      return take_literal("false");
    case 'n':
      return take_literal("null");
    default:
      break;
  }
  if (*at_ != '-' && !is_digit(*at_)) return fail("expected a value");
  return take_number(ignored);
}

bool Reader::skip_object() {
  if (depth_ == depth_limit_) return fail(fmt::format("nested deeper than {} levels", depth_limit_));
  ++depth_;
  ++at_;
  const auto first_key = static_cast<std::uint32_t>(keys_.size());
  skip_space();
  bool more = at_ == end_ || *at_ != '}';
  std::string_view key;
  while (more) {
    if (!take_key(key) || !skip_value()) return false;
    skip_space();
    if (at_ == end_ || (*at_ != ',' && *at_ != '}')) return fail("expected ',' or '}' in an object");
    more = *at_ == ',';
    if (more) ++at_;
  }
  ++at_;
  --depth_;
  return check_unique(first_key);
}

bool Reader::skip_array() {
  if (depth_ == depth_limit_) return fail(fmt::format("nested deeper than {} levels", depth_limit_));
  ++depth_;
  ++at_;
  skip_space();
  bool more = at_ == end_ || *at_ != ']';
  while (more) {
    if (!skip_value()) return false;
    skip_space();
    if (at_ == end_ || (*at_ != ',' && *at_ != ']')) return fail("expected ',' or ']' in an array");
    more = *at_ == ',';
    if (more) ++at_;
  }
  ++at_;
  --depth_;
  return true;
}

}  // namespace loopstate::json
