// Whether a transaction may be sent once more under its token: decided here, without a socket.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "base/instant.hpp"
#include "table/service/failure.hpp"

namespace loopstate::table::service {

/// How long after a sending that may have been done a transaction is sent again. DynamoDB knows a token for
/// ten minutes after the first request with it was completed, and takes a later one for a new transaction
/// (source: `ClientRequestToken` of TransactWriteItems in its API reference). A minute is left for the way
/// there.
inline constexpr std::chrono::minutes kTokenTrusted{9};

struct TokenSettings {
  std::chrono::nanoseconds trusted = kTokenTrusted;
  /// Null: this machine's clocks.
  std::function<Instant()> now;
};

/// Asked immediately before the bytes of a sending go out. Null: it may be sent.
using MaySend = std::function<bool()>;

/// Follows all the sendings of one call. What does not rest on a token may always be sent. Not thread-safe.
class TokenAge {
 public:
  /// `maybe_done_since`: see table::Call.
  TokenAge(Operation operation, const TokenSettings& settings, std::optional<Instant> maybe_done_since);
  TokenAge(const TokenAge&) = delete;
  TokenAge& operator=(const TokenAge&) = delete;

  /// A sending begins. What is returned must not outlive this object.
  MaySend sending();
  /// It ended, and it or an earlier one may have been done.
  void maybe_done();

  /// The end of a call whose next sending may not be made, after `last`. OutcomeUnknown.
  Error expired(const Error& last) const;

 private:
  Instant now() const { return settings_.now ? settings_.now() : Instant::now(); }
  /// Whether the service still knows the token, should the first sending that may have been done have been.
  bool is_known() const;

  Operation operation_;
  const TokenSettings& settings_;
  std::optional<Instant> since_;
  Instant began_{};
};

}  // namespace loopstate::table::service
