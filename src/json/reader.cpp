#include "json/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "json/scan.hpp"

namespace loopstate::json {

std::optional<Kind> kind_of(char first) noexcept {
  switch (first) {
    case 'n':
      return Kind::Null;
    case 't':
    case 'f':
      return Kind::Boolean;
    case '"':
      return Kind::String;
    case '[':
      return Kind::Array;
    case '{':
      return Kind::Object;
    default:
      if (first == '-' || is_digit(first)) return Kind::Number;
      return std::nullopt;
  }
}

std::string_view to_string(Kind kind) noexcept {
  switch (kind) {
    case Kind::Null:
      return "null";
    case Kind::Boolean:
      return "a boolean";
    case Kind::Number:
      return "a number";
    case Kind::String:
      return "a string";
    case Kind::Array:
      return "an array";
    case Kind::Object:
      return "an object";
  }
  return "nothing";
}

Reader::Reader(std::string_view text, Limits limits)
    : begin_(text.data()),
      at_(text.data()),
      end_(text.data() + text.size()),
      depth_limit_(std::min(limits.depth, kMaxDepth)) {
  frames_.reserve(8);
  keys_.reserve(32);
  if (text.size() > limits.bytes) {
    fail_at(begin_, fmt::format("{} bytes are more than the {} that are allowed", text.size(), limits.bytes));
  }
}

bool Reader::fail_at(const char* place, std::string message) {
  if (!problem_) problem_ = Problem{static_cast<std::size_t>(place - begin_), std::move(message)};
  at_ = end_;
  return false;
}

bool Reader::fail(std::string message) {
  return fail_at(at_, std::move(message));
}

bool Reader::fail_expected(std::string_view expected) {
  if (problem_) return false;
  skip_space();
  const char* const place = at_;
  const auto kind = peek();
  if (!kind) {
    const auto found = at_ == end_ ? "the end of the text" : "no JSON value";
    return fail_at(place, fmt::format("expected {}, found {}", expected, found));
  }
  if (*kind == Kind::Number) {
    std::string_view text;
    if (!take_number(text)) return false;
    constexpr std::size_t kShown = 40;
    return fail_at(place,
                   text.size() <= kShown
                       ? fmt::format("expected {}, found the number {}", expected, text)
                       : fmt::format("expected {}, found a number of {} characters", expected, text.size()));
  }
  return fail_at(place, fmt::format("expected {}, found {}", expected, to_string(*kind)));
}

void Reader::skip_space() noexcept {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

std::optional<Kind> Reader::peek() {
  if (problem_) return std::nullopt;
  skip_space();
  return at_ == end_ ? std::nullopt : kind_of(*at_);
}

bool Reader::open(char bracket, bool object, std::string_view expected) {
  if (problem_) return false;
  skip_space();
  if (at_ == end_ || *at_ != bracket) return fail_expected(expected);
  if (depth_ == depth_limit_) return fail(fmt::format("nested deeper than {} levels", depth_limit_));
  ++at_;
  ++depth_;
  frames_.push_back({static_cast<std::uint32_t>(keys_.size()), true, object});
  return true;
}

bool Reader::begin_object() {
  return open('{', true, "an object");
}

bool Reader::begin_array() {
  return open('[', false, "an array");
}

bool Reader::next_member(std::string_view& key) {
  if (problem_) return false;
  if (frames_.empty() || !frames_.back().object) return fail("no object is open");
  Frame& frame = frames_.back();
  skip_space();
  if (at_ != end_ && *at_ == '}') {
    ++at_;
    --depth_;
    const auto first_key = frame.first_key;
    frames_.pop_back();
    check_unique(first_key);
    return false;
  }
  if (!frame.first) {
    if (at_ == end_ || *at_ != ',') return fail("expected ',' or '}' in an object");
    ++at_;
  }
  frame.first = false;
  return take_key(key);
}

bool Reader::next_element() {
  if (problem_) return false;
  if (frames_.empty() || frames_.back().object) return fail("no array is open");
  Frame& frame = frames_.back();
  skip_space();
  if (at_ != end_ && *at_ == ']') {
    ++at_;
    --depth_;
    frames_.pop_back();
    return false;
  }
  if (!frame.first) {
    if (at_ == end_ || *at_ != ',') return fail("expected ',' or ']' in an array");
    ++at_;
  }
  frame.first = false;
  return true;
}

bool Reader::take_key(std::string_view& key) {
  skip_space();
  if (at_ == end_ || *at_ != '"') return fail("expected a member's name in quotes");
  std::string_view raw;
  bool escaped = false;
  if (!take_string(raw, escaped)) return false;
  if (escaped) {
    unescaped_.push_back(std::make_unique<std::string>(unescape(raw)));
    raw = *unescaped_.back();
  }
  key = raw;
  keys_.push_back(raw);
  skip_space();
  if (at_ == end_ || *at_ != ':') return fail("expected ':' after a member's name");
  ++at_;
  return true;
}

bool Reader::check_unique(std::uint32_t first_key) {
  const auto first = keys_.begin() + first_key;
  // Few members, the common case, are compared pairwise; many are sorted, so that no text takes quadratic
  // time.
  constexpr std::ptrdiff_t kPairwise = 12;
  bool unique = true;
  if (keys_.end() - first <= kPairwise) {
    for (auto one = first; one != keys_.end() && unique; ++one) {
      unique = std::find(first, one, *one) == one;
    }
  } else {
    std::sort(first, keys_.end());
    unique = std::adjacent_find(first, keys_.end()) == keys_.end();
  }
  keys_.resize(first_key);
  return unique || fail_at(at_ - 1, "a member appears twice in the object that ends here");
}

bool Reader::read_null() {
  if (peek() != Kind::Null) return fail_expected("null");
  return take_literal("null");
}

bool Reader::read_bool(bool& value) {
  if (peek() != Kind::Boolean) return fail_expected("true or false");
  value = *at_ == 't';
  return take_literal(value ? "true" : "false");
}

bool Reader::read_string(std::string& value) {
  if (peek() != Kind::String) return fail_expected("a string");
  std::string_view raw;
  bool escaped = false;
  if (!take_string(raw, escaped)) return false;
  if (escaped) {
    value = unescape(raw);
  } else {
    value.assign(raw);
  }
  return true;
}

template <typename Integer>
bool Reader::take_integer(Integer& value, Integer min, Integer max) {
  const auto kind = peek();
  const char* const place = at_;
  std::string_view text;
  if (kind == Kind::Number) {
    if (!take_number(text)) return false;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && rest == text.data() + text.size() && min <= value && value <= max)
      return true;
    at_ = place;
  }
  return fail_expected(fmt::format("an integer from {} to {}", min, max));
}

bool Reader::read_unsigned(std::uint64_t& value, std::uint64_t max) {
  return take_integer(value, std::uint64_t{0}, max);
}

bool Reader::read_signed(std::int64_t& value, std::int64_t min, std::int64_t max) {
  return take_integer(value, min, max);
}

bool Reader::read_number(std::string_view& text) {
  if (peek() != Kind::Number) return fail_expected("a number");
  return take_number(text);
}

std::string_view Reader::skip() {
  if (problem_) return {};
  skip_space();
  const char* const first = at_;
  if (!skip_value()) return {};
  return {first, static_cast<std::size_t>(at_ - first)};
}

bool Reader::finish() {
  if (problem_) return false;
  if (!frames_.empty()) return fail("an array or object was not read to its end");
  skip_space();
  return at_ == end_ || fail("expected the end of the text");
}

}  // namespace loopstate::json
