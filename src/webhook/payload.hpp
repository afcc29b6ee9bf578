// Reading the members of a payload, with messages that name the member and never its content.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.hpp"
#include "json/view.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/names.hpp"
#include "webhook/currency.hpp"
#include "webhook/refusal.hpp"

namespace loopstate::webhook {

/// A JSON object inside a body, which has to outlive it. A member that is null counts as absent. What is
/// needed and absent or of another type is refused as MalformedPayload; what is only looked for is then
/// nothing.
class Payload {
 public:
  /// The whole body: an object, at most 64 levels deep.
  static Checked<Payload> parse(std::string_view body);

  std::optional<Payload> find_object(std::string_view name) const;
  /// The only element of a list, where that is an object.
  std::optional<Payload> find_only_object(std::string_view name) const;
  std::optional<std::string> find_text(std::string_view name) const;
  std::optional<bool> find_bool(std::string_view name) const;
  /// A boolean, or the numbers 0 and 1 that older payloads have in its place.
  std::optional<bool> find_flag(std::string_view name) const;
  /// A string with something in it, to be overwritten after use.
  std::optional<crypto::Secret> find_secret(std::string_view name) const;
  bool has(std::string_view name) const;

  Checked<Payload> object(std::string_view name) const;
  Checked<std::string> text(std::string_view name) const;
  Checked<std::int64_t> integer(std::string_view name) const;
  /// Upper-case ISO 4217.
  Checked<std::string> currency(std::string_view name) const;
  /// Exactly, from the number's text; `exponent` as in parse_amount.
  Checked<Amount> amount(std::string_view name, unsigned exponent) const;
  /// The same for an amount that cannot be negative.
  Checked<std::uint64_t> unsigned_amount(std::string_view name, unsigned exponent) const;
  /// Seconds since 1970-01-01 UTC.
  Checked<Timestamp> unix_time(std::string_view name) const;
  /// RFC 3339.
  Checked<Timestamp> time(std::string_view name) const;

  /// "payment.amount_money" and the member's name, for messages.
  std::string place_of(std::string_view name) const;

 private:
  Payload(json::View view, std::string place) : view_(view), place_(std::move(place)) {}
  std::optional<json::View> find(std::string_view name) const;
  std::unexpected<Refusal> malformed(std::string_view name, std::string_view what) const;
  std::unexpected<Refusal> expected_kind(std::string_view name, std::string_view kind) const;

  json::View view_;
  std::string place_;
};

/// A name made of parts of the payload; `place` is where its text came from. MalformedPayload when it is not
/// one (check_name).
Checked<TransactionId> transaction_named(std::string_view place, std::string_view text);
Checked<MerchantId> merchant_named(std::string_view place, std::string_view text);

/// The text if it is four digits, else empty.
std::string last4_or_empty(std::optional<std::string> text);

/// For messages: an event's type or a status, cut where it is absurdly long.
std::string_view brief(std::string_view text) noexcept;

}  // namespace loopstate::webhook
