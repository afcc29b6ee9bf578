#include "table/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/try.hpp"

namespace loopstate::table {
namespace {

constexpr int kMaxDigits = 38;
constexpr int kMinMagnitude = -130;  // of the first significant digit, as a power of ten
constexpr int kMaxMagnitude = 125;
constexpr std::size_t kMaxTextBytes = 512;  // longer ones are padding, or an attack

/// digits * 10^exponent; zero has no digits, and neither the first nor the last digit is a zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

void trim_zeros(Decimal& decimal) {
  const auto first = decimal.digits.find_first_not_of('0');
  if (first == std::string::npos) {
    decimal = Decimal();
    return;
  }
  const auto last = decimal.digits.find_last_not_of('0');
  decimal.exponent += static_cast<int>(decimal.digits.size() - 1 - last);
  decimal.digits = decimal.digits.substr(first, last - first + 1);
}

std::unexpected<Error> not_a_number(std::string_view text) {
  // What is shown is short and printable: a cut inside a character would make the message invalid UTF-8.
  constexpr std::size_t kMaxShownBytes = 40;
  const auto printable = [](char c) { return c > ' ' && c < 0x7F; };
  if (text.size() > kMaxShownBytes || !std::ranges::all_of(text, printable)) {
    return fail(ErrorCode::InvalidArgument, fmt::format("a text of {} bytes is not a number", text.size()));
  }
  return fail(ErrorCode::InvalidArgument, fmt::format("\"{}\" is not a number", text));
}

/// The digits after an "e", with their sign; nothing if they are not digits. At most a million, far outside.
std::optional<int> parse_exponent(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  int value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), 1'000'000);
  return negative ? -value : value;
}

Result<Decimal> parse_decimal(std::string_view text) {
  if (text.size() > kMaxTextBytes) return not_a_number(text);
  Decimal decimal;
  std::string_view rest = text;
  if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
    decimal.negative = rest.front() == '-';
    rest.remove_prefix(1);
  }
  bool seen_point = false;
  while (!rest.empty() && (is_digit(rest.front()) || (rest.front() == '.' && !seen_point))) {
    if (rest.front() == '.') {
      seen_point = true;
    } else {
      decimal.digits.push_back(rest.front());
      if (seen_point) --decimal.exponent;
    }
    rest.remove_prefix(1);
  }
  if (decimal.digits.empty()) return not_a_number(text);
  if (!rest.empty()) {
    if (rest.front() != 'e' && rest.front() != 'E') return not_a_number(text);
    const auto exponent = parse_exponent(rest.substr(1));
    if (!exponent) return not_a_number(text);
    decimal.exponent += *exponent;
  }
  trim_zeros(decimal);
  return decimal;
}

Result<void> check_range(const Decimal& decimal) {
  if (decimal.digits.empty()) return {};
  const int digits = static_cast<int>(decimal.digits.size());
  if (digits > kMaxDigits) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("a number has {} significant digits; at most {} can be kept", digits, kMaxDigits));
  }
  const int magnitude = digits + decimal.exponent - 1;
  if (magnitude < kMinMagnitude || magnitude > kMaxMagnitude) {
    return fail(ErrorCode::InvalidArgument, fmt::format("a number's magnitude is outside 1E{} to 9.99E+{}",
                                                        kMinMagnitude, kMaxMagnitude));
  }
  return {};
}

std::string plain_text(const Decimal& decimal) {
  if (decimal.digits.empty()) return "0";
  std::string text = decimal.negative ? "-" : "";
  const int digits = static_cast<int>(decimal.digits.size());
  const int before_point = digits + decimal.exponent;
  if (decimal.exponent >= 0) {
    text += decimal.digits;
    text.append(static_cast<std::size_t>(decimal.exponent), '0');
  } else if (before_point > 0) {
    text += decimal.digits.substr(0, static_cast<std::size_t>(before_point));
    text += '.';
    text += decimal.digits.substr(static_cast<std::size_t>(before_point));
  } else {
    text += "0.";
    text.append(static_cast<std::size_t>(-before_point), '0');
    text += decimal.digits;
  }
  return text;
}

/// A canonical text in its parts.
struct Plain {
  bool negative = false;
  std::string_view integer;   // "0" below one
  std::string_view fraction;  // empty for an integer
};

Plain split(std::string_view text) noexcept {
  Plain plain;
  if (!text.empty() && text.front() == '-') {
    plain.negative = true;
    text.remove_prefix(1);
  }
  const auto point = text.find('.');
  plain.integer = text.substr(0, point);
  if (point != std::string_view::npos) plain.fraction = text.substr(point + 1);
  return plain;
}

std::strong_ordering compare_magnitude(const Plain& left, const Plain& right) noexcept {
  if (const auto length = left.integer.size() <=> right.integer.size(); length != 0) return length;
  if (const auto integer = left.integer <=> right.integer; integer != 0) return integer;
  return left.fraction <=> right.fraction;  // no trailing zeros: the prefix is the smaller number
}

/// Both magnitudes as digits, with the same number of places before and after the point.
struct Aligned {
  std::string left, right;
  int exponent = 0;
};

Aligned align(const Plain& left, const Plain& right) {
  const auto before = std::max(left.integer.size(), right.integer.size());
  const auto after = std::max(left.fraction.size(), right.fraction.size());
  const auto spread = [&](const Plain& plain) {
    std::string digits(before - plain.integer.size(), '0');
    digits += plain.integer;
    digits += plain.fraction;
    digits.append(after - plain.fraction.size(), '0');
    return digits;
  };
  return {spread(left), spread(right), -static_cast<int>(after)};
}

std::string sum_digits(const std::string& left, const std::string& right) {
  std::string sum(left.size() + 1, '0');
  int carry = 0;
  for (std::size_t i = left.size(); i-- > 0;) {
    const int digit = (left[i] - '0') + (right[i] - '0') + carry;
    sum[i + 1] = static_cast<char>('0' + digit % 10);
    carry = digit / 10;
  }
  sum[0] = static_cast<char>('0' + carry);
  return sum;
}

/// `larger` is not below `smaller`.
std::string difference_digits(const std::string& larger, const std::string& smaller) {
  std::string difference(larger.size(), '0');
  int borrow = 0;
  for (std::size_t i = larger.size(); i-- > 0;) {
    int digit = (larger[i] - '0') - (smaller[i] - '0') - borrow;
    borrow = digit < 0 ? 1 : 0;
    if (digit < 0) digit += 10;
    difference[i] = static_cast<char>('0' + digit);
  }
  return difference;
}

/// "-12.5": a sign, digits without a leading zero, a fraction without a trailing one.
bool is_plain(std::string_view text) noexcept {
  const Plain plain = split(text);
  const bool has_point = text.find('.') != std::string_view::npos;
  if (plain.integer.empty() || plain.fraction.empty() == has_point) return false;
  if (!std::all_of(plain.integer.begin(), plain.integer.end(), is_digit)) return false;
  if (!std::all_of(plain.fraction.begin(), plain.fraction.end(), is_digit)) return false;
  if (plain.integer.size() > 1 && plain.integer.front() == '0') return false;
  if (has_point && plain.fraction.back() == '0') return false;
  return !plain.negative || plain.integer != "0" || has_point;  // no negative zero
}

std::size_t significant_digits(std::string_view text) noexcept {
  const auto first = text.find_first_of("123456789");
  if (first == std::string_view::npos) return 0;
  const auto last = text.find_last_of("123456789");
  const auto point = text.find('.');
  return last - first + 1 - (point > first && point < last ? 1 : 0);
}

}  // namespace

Result<Number> parse_number(std::string_view text) {
  TRY(const auto decimal, parse_decimal(text));
  TRY_OK(check_range(decimal));
  return Number{plain_text(decimal)};
}

bool is_canonical(const Number& number) noexcept {
  if (!is_plain(number.text)) return false;
  const Plain plain = split(number.text);
  if (significant_digits(number.text) > static_cast<std::size_t>(kMaxDigits)) return false;
  if (plain.integer.size() > static_cast<std::size_t>(kMaxMagnitude) + 1) return false;
  if (plain.integer != "0" || plain.fraction.empty()) return true;
  return plain.fraction.find_first_not_of('0') < static_cast<std::size_t>(-kMinMagnitude);
}

std::strong_ordering compare(const Number& left, const Number& right) {
  const Plain l = split(left.text);
  const Plain r = split(right.text);
  if (l.negative != r.negative)
    return l.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  return l.negative ? compare_magnitude(r, l) : compare_magnitude(l, r);
}

Result<Number> add(const Number& left, const Number& right) {
  const Plain l = split(left.text);
  const Plain r = split(right.text);
  const Aligned aligned = align(l, r);
  Decimal sum;
  sum.exponent = aligned.exponent;
  if (l.negative == r.negative) {
    sum.negative = l.negative;
    sum.digits = sum_digits(aligned.left, aligned.right);
  } else if (aligned.left >= aligned.right) {
    sum.negative = l.negative;
    sum.digits = difference_digits(aligned.left, aligned.right);
  } else {
    sum.negative = r.negative;
    sum.digits = difference_digits(aligned.right, aligned.left);
  }
  trim_zeros(sum);
  TRY_OK(check_range(sum));
  return Number{plain_text(sum)};
}

}  // namespace loopstate::table
