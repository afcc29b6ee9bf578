#include "webhook/currency.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace loopstate::webhook {
namespace {

// A JSON number, taken apart, without leading zeros.
struct Decimal {
  bool negative = false;
  std::string digits;         // without leading or trailing zeros; empty for zero
  std::int64_t exponent = 0;  // of the last digit
};

constexpr std::size_t kNumberBytesMax = 100;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the digits at the front of `text`.
std::string_view take_digits(std::string_view& text) {
  const auto* const end = std::ranges::find_if_not(text, is_digit);
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// Called after the "e"; at most 4 digits, which is far more than any amount has.
std::optional<std::int64_t> take_exponent(std::string_view& text) {
  const bool negative = take(text, '-');
  if (!negative) take(text, '+');
  const auto digits = take_digits(text);
  if (digits.empty() || digits.size() > 4) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return negative ? -value : value;
}

// The grammar of RFC 8259, section 6.
std::optional<Decimal> parse_decimal(std::string_view text) {
  if (text.size() > kNumberBytesMax) return std::nullopt;
  Decimal decimal;
  decimal.negative = take(text, '-');
  const auto whole = take_digits(text);
  if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return std::nullopt;
  decimal.digits = whole;
  if (take(text, '.')) {
    const auto fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
    decimal.digits += fraction;
    decimal.exponent = -static_cast<std::int64_t>(fraction.size());
  }
  if (take(text, 'e') || take(text, 'E')) {
    const auto exponent = take_exponent(text);
    if (!exponent) return std::nullopt;
    decimal.exponent += *exponent;
  }
  if (!text.empty()) return std::nullopt;
  while (decimal.digits.ends_with('0')) {
    decimal.digits.pop_back();
    ++decimal.exponent;
  }
  decimal.digits.erase(0, std::min(decimal.digits.find_first_not_of('0'), decimal.digits.size()));
  return decimal;
}

}  // namespace

std::optional<Currency> currency_of(std::string_view text) {
  std::string code(text);
  for (char& letter : code) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  const auto currency = Currency::parse(code);
  return currency ? std::optional(*currency) : std::nullopt;
}

std::expected<Amount, std::string> parse_amount(std::string_view number, unsigned exponent) {
  auto decimal = parse_decimal(number);
  if (!decimal) return std::unexpected("is not a number that an amount can be");
  if (decimal->digits.empty()) return Amount{};
  const auto zeros = decimal->exponent + static_cast<std::int64_t>(exponent);
  if (zeros < 0) {
    return std::unexpected(
        exponent == 0 ? std::string("is not a whole number of the smallest unit")
                      : fmt::format("has more than the {} decimal digits of its currency", exponent));
  }
  constexpr std::int64_t kDigitsMax = 20;  // of 2^64 - 1
  Amount amount{0, decimal->negative};
  const auto digits = static_cast<std::int64_t>(decimal->digits.size());
  if (digits + zeros <= kDigitsMax) {
    decimal->digits.append(static_cast<std::size_t>(zeros), '0');
    const auto* const end = decimal->digits.data() + decimal->digits.size();
    if (std::from_chars(decimal->digits.data(), end, amount.value).ec == std::errc()) return amount;
  }
  return std::unexpected("does not fit 64 bits");
}

}  // namespace loopstate::webhook
