// What holds for any event that was read from any body.
#pragma once

#include "check.hpp"
#include "webhook/read_event.hpp"

namespace loopstate::fuzz {

inline const crypto::Secret& pepper() {
  static const crypto::Secret secret = crypto::Secret::copy_of("a pepper of 32 bytes for fuzzing");
  return secret;
}

inline void check_event(const webhook::Checked<webhook::Event>& event, webhook::Provider provider) {
  if (!event) {
    check(!event.error().message.empty(), "a refusal says why");
    check(event.error().message.size() < 1000, "a refusal is a sentence");
    return;
  }
  const auto prefix = std::string(webhook::to_string(provider)) + ":";
  if (const auto* purchase = std::get_if<webhook::Purchase>(&*event)) {
    check(purchase->amount.minor_units > 0, "a purchase is worth something");
    check(purchase->amount.currency.known(), "a purchase has its currency");
    check(purchase->transaction.text().starts_with(prefix), "a transaction names its provider");
    check(purchase->fingerprint.text().size() == 72, "a fingerprint is the prefix and 64 digits");
    check(purchase->card_last4.empty() || purchase->card_last4.size() == 4, "last4 is four digits or none");
  } else if (const auto* refund = std::get_if<webhook::Refund>(&*event)) {
    check(refund->amount.minor_units > 0, "a refund is worth something");
    check(refund->refund.text().starts_with(prefix), "a refund names its provider");
    check(refund->payment || refund->fingerprint || provider == webhook::Provider::Fidel,
          "a refund names its payment");
    check(!refund->payment || refund->payment != refund->refund, "a refund is not its payment");
    check(refund->amount.currency.known(), "a refund has its currency");
  } else if (const auto* ignored = std::get_if<webhook::Ignored>(&*event)) {
    check(!ignored->reason.empty(), "what is ignored says why");
  }
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace loopstate::fuzz
