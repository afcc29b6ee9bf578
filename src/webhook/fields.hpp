// What payment providers' documents hold beyond JSON's own types. Read like json::Fields: what is
// wrong is remembered by its member's name, never by its content.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/secret.hpp"
#include "json/fields.hpp"
#include "loopstate/clock.hpp"
#include "webhook/currency.hpp"
#include "webhook/refusal.hpp"

namespace loopstate::webhook {

/// The whole body, which must outlive it: an object, at most 64 levels deep.
Checked<json::Fields> read_document(std::string_view body);

/// Ends a reading: MalformedPayload if the document has a problem.
Checked<void> check(const json::Fields& document);

/// A non-empty string, to be overwritten after use.
std::optional<crypto::Secret> find_secret(const json::Fields& object, std::string_view name);
/// A boolean, or the numbers 0 and 1 that older payloads have instead.
std::optional<bool> find_flag(const json::Fields& object, std::string_view name);
/// A string of four digits, else empty.
std::string find_last4(const json::Fields& object, std::string_view name);

/// Upper-case ISO 4217.
Currency read_currency(const json::Fields& object, std::string_view name);
/// Exact, from the number's text; `exponent` as in parse_amount.
Amount read_amount(const json::Fields& object, std::string_view name, unsigned exponent);
/// The same for an amount that cannot be negative.
std::uint64_t read_unsigned_amount(const json::Fields& object, std::string_view name, unsigned exponent);
/// Seconds since 1970-01-01 UTC.
Timestamp read_unix_time(const json::Fields& object, std::string_view name);
/// RFC 3339.
Timestamp read_time(const json::Fields& object, std::string_view name);

/// For messages: an event's type or a status, cut if it is absurdly long.
std::string_view brief(std::string_view text) noexcept;

}  // namespace loopstate::webhook
