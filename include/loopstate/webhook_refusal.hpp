// Why a delivery is neither acted on nor acknowledged.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace loopstate::webhook {

enum class RefusalKind : std::uint8_t {
  SwitchedOff,         ///< no secret for this provider; a retry helps once it is configured
  MissingHeader,       ///< not signed at all
  MalformedHeader,     ///< a signature header that cannot be read
  BadSignature,        ///< no secret made this signature over this body
  StaleTimestamp,      ///< correctly signed, but too long ago (or, for Fidel, in the future)
  MalformedPayload,    ///< correctly signed, but not what the provider documents; a retry brings the same
  UnsupportedPayload,  ///< correctly signed, of a kind that cannot be served: thin events, Square v1
};

/// The enumerator's name, e.g. "BadSignature".
std::string_view to_string(RefusalKind kind) noexcept;

/// `message` is a sentence for the log, not for the reply: it names the header or field, never a secret, a
/// card id, or more of the payload than an event's type.
struct Refusal {
  RefusalKind kind = RefusalKind::MalformedPayload;
  std::string message;
};

template <typename T>
using Checked = std::expected<T, Refusal>;

}  // namespace loopstate::webhook
