#include "loopstate/webhook_delivery.hpp"

#include <algorithm>

namespace loopstate::webhook {
namespace {

// For ASCII letters only, whatever the locale.
char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_name(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::string_view to_string(Provider provider) noexcept {
  switch (provider) {
    case Provider::Square:
      return "square";
    case Provider::Stripe:
      return "stripe";
    case Provider::Fidel:
      return "fidel";
  }
  return "square";
}

std::optional<Provider> provider_from(std::string_view name) noexcept {
  for (const auto provider : kProviders) {
    if (name == to_string(provider)) return provider;
  }
  return std::nullopt;
}

void Headers::add(std::string_view name, std::string_view value) {
  headers_.emplace_back(std::string(name), std::string(trimmed(value)));
}

std::optional<std::string_view> Headers::find(std::string_view name) const noexcept {
  for (const auto& [other, value] : headers_) {
    if (same_name(name, other)) return value;
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(headers_, [name](const auto& header) { return same_name(name, header.first); }));
}

}  // namespace loopstate::webhook
