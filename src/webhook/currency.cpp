#include "webhook/currency.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace loopstate::webhook {
namespace {

struct Entry {
  std::string_view code;
  std::uint8_t exponent;
};

// ISO 4217 list one, amendments to the end of 2025, in the order of the codes.
// clang-format off
constexpr Entry kCurrencies[] = {
    {"AED", 2}, {"AFN", 2}, {"ALL", 2}, {"AMD", 2}, {"ANG", 2}, {"AOA", 2}, {"ARS", 2}, {"AUD", 2},
    {"AWG", 2}, {"AZN", 2}, {"BAM", 2}, {"BBD", 2}, {"BDT", 2}, {"BGN", 2}, {"BHD", 3}, {"BIF", 0},
    {"BMD", 2}, {"BND", 2}, {"BOB", 2}, {"BOV", 2}, {"BRL", 2}, {"BSD", 2}, {"BTN", 2}, {"BWP", 2},
    {"BYN", 2}, {"BZD", 2}, {"CAD", 2}, {"CDF", 2}, {"CHE", 2}, {"CHF", 2}, {"CHW", 2}, {"CLF", 4},
    {"CLP", 0}, {"CNY", 2}, {"COP", 2}, {"COU", 2}, {"CRC", 2}, {"CUC", 2}, {"CUP", 2}, {"CVE", 2},
    {"CZK", 2}, {"DJF", 0}, {"DKK", 2}, {"DOP", 2}, {"DZD", 2}, {"EGP", 2}, {"ERN", 2}, {"ETB", 2},
    {"EUR", 2}, {"FJD", 2}, {"FKP", 2}, {"GBP", 2}, {"GEL", 2}, {"GHS", 2}, {"GIP", 2}, {"GMD", 2},
    {"GNF", 0}, {"GTQ", 2}, {"GYD", 2}, {"HKD", 2}, {"HNL", 2}, {"HRK", 2}, {"HTG", 2}, {"HUF", 2},
    {"IDR", 2}, {"ILS", 2}, {"INR", 2}, {"IQD", 3}, {"IRR", 2}, {"ISK", 0}, {"JMD", 2}, {"JOD", 3},
    {"JPY", 0}, {"KES", 2}, {"KGS", 2}, {"KHR", 2}, {"KMF", 0}, {"KPW", 2}, {"KRW", 0}, {"KWD", 3},
    {"KYD", 2}, {"KZT", 2}, {"LAK", 2}, {"LBP", 2}, {"LKR", 2}, {"LRD", 2}, {"LSL", 2}, {"LYD", 3},
    {"MAD", 2}, {"MDL", 2}, {"MGA", 2}, {"MKD", 2}, {"MMK", 2}, {"MNT", 2}, {"MOP", 2}, {"MRU", 2},
    {"MUR", 2}, {"MVR", 2}, {"MWK", 2}, {"MXN", 2}, {"MXV", 2}, {"MYR", 2}, {"MZN", 2}, {"NAD", 2},
    {"NGN", 2}, {"NIO", 2}, {"NOK", 2}, {"NPR", 2}, {"NZD", 2}, {"OMR", 3}, {"PAB", 2}, {"PEN", 2},
    {"PGK", 2}, {"PHP", 2}, {"PKR", 2}, {"PLN", 2}, {"PYG", 0}, {"QAR", 2}, {"RON", 2}, {"RSD", 2},
    {"RUB", 2}, {"RWF", 0}, {"SAR", 2}, {"SBD", 2}, {"SCR", 2}, {"SDG", 2}, {"SEK", 2}, {"SGD", 2},
    {"SHP", 2}, {"SLE", 2}, {"SLL", 2}, {"SOS", 2}, {"SRD", 2}, {"SSP", 2}, {"STN", 2}, {"SVC", 2},
    {"SYP", 2}, {"SZL", 2}, {"THB", 2}, {"TJS", 2}, {"TMT", 2}, {"TND", 3}, {"TOP", 2}, {"TRY", 2},
    {"TTD", 2}, {"TWD", 2}, {"TZS", 2}, {"UAH", 2}, {"UGX", 0}, {"USD", 2}, {"USN", 2}, {"UYI", 0},
    {"UYU", 2}, {"UYW", 4}, {"UZS", 2}, {"VED", 2}, {"VES", 2}, {"VND", 0}, {"VUV", 0}, {"WST", 2},
    {"XAD", 2}, {"XAF", 0}, {"XCD", 2}, {"XCG", 2}, {"XOF", 0}, {"XPF", 0}, {"YER", 2}, {"ZAR", 2},
    {"ZMW", 2}, {"ZWG", 2}, {"ZWL", 2},
};
// clang-format on

static_assert(std::ranges::is_sorted(kCurrencies, {}, &Entry::code));

// A number of JSON, taken apart: 0 or more leading digits' zeros dropped.
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

// "e" is behind; at most 4 digits, which is far more than any amount has.
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

std::optional<unsigned> currency_exponent(std::string_view code) noexcept {
  const auto* const found = std::ranges::lower_bound(kCurrencies, code, {}, &Entry::code);
  if (found == std::end(kCurrencies) || found->code != code) return std::nullopt;
  return found->exponent;
}

std::optional<std::string> currency_code(std::string_view text) {
  if (text.size() != 3) return std::nullopt;
  std::string code;
  for (const char letter : text) {
    if (letter >= 'A' && letter <= 'Z') {
      code += letter;
    } else if (letter >= 'a' && letter <= 'z') {
      code += static_cast<char>(letter - 'a' + 'A');
    } else {
      return std::nullopt;
    }
  }
  return code;
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
