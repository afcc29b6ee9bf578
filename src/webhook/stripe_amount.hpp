// Stripe's amounts in the smallest unit of ISO 4217, which differs from Stripe's for some currencies.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "loopstate/money.hpp"

namespace loopstate::webhook {

/// ISK and UGX have no decimals, but Stripe sends two that are 00; MGA has two, but Stripe sends none. All
/// others agree. So an amount means the same whichever provider it came from. Refused, with the rest of a
/// sentence, if decimals that must be 00 are not, or 64 bits are too few.
/// Source: docs.stripe.com/currencies, "Special cases" and "Zero-decimal currencies".
std::expected<std::uint64_t, std::string> amount_from_stripe(std::uint64_t amount, Currency currency);

}  // namespace loopstate::webhook
