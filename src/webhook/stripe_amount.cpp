#include "webhook/stripe_amount.hpp"

#include <fmt/format.h>

#include <limits>

namespace loopstate::webhook {
namespace {

constexpr std::uint64_t kTwoDecimals = 100;

}  // namespace

std::expected<std::uint64_t, std::string> amount_from_stripe(std::uint64_t amount, Currency currency) {
  if (currency == "ISK" || currency == "UGX") {
    if (amount % kTwoDecimals != 0) {
      return std::unexpected(
          fmt::format("does not end in 00, as every amount in {} does at Stripe", currency.text()));
    }
    return amount / kTwoDecimals;
  }
  if (currency == "MGA") {
    if (amount > std::numeric_limits<std::uint64_t>::max() / kTwoDecimals) {
      return std::unexpected("does not fit 64 bits");
    }
    return amount * kTwoDecimals;
  }
  return amount;
}

}  // namespace loopstate::webhook
