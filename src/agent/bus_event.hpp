// Events from EventBridge: what they say, checked before anything is done about them. docs/agent.md lists
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/names.hpp"

namespace loopstate::agent {

/// `loop.pos` "TransactionDetected": a purchase, seen by a point-of-sale integration of the user's own.
struct TransactionDetected {
  TransactionId transaction;  ///< the id that the processor's webhook for this payment would use
  Fingerprint fingerprint;
  MerchantId merchant;
  std::uint64_t amount_cents = 0;
  std::string card_last4;  ///< four digits, or empty
  std::string processor;   ///< in lower case
  Timestamp occurred_at{};
};

/// `loop.mobile` "LocationHit".
struct LocationHit {
  UserId user;
  MerchantId merchant;
  bool inside = false;  ///< entered or dwelling; otherwise left
  Timestamp timestamp{};
};

/// `loop.capture` "ProofSubmitted".
struct ProofSubmitted {
  UserId user;
  std::string proof_type;
  std::string proof_data;  ///< base64
  std::uint64_t claimed_amount_cents = 0;
  std::optional<MerchantId> claimed_merchant;
  Timestamp submitted_at{};
};

/// `loop.staking` "PositionUnlocking".
struct PositionUnlocking {
  UserId user;
  std::string position_id;
  Timestamp unlock_time{};
  std::uint64_t amount = 0;
  std::uint64_t accrued_yield = 0;
  std::uint16_t hours_until_unlock = 0;
};

/// `loop.staking` "YieldThreshold".
struct YieldThreshold {
  UserId user;
  std::uint64_t total_pending_yield = 0;
  std::uint64_t threshold_reached = 0;
  std::vector<std::string> positions;
};

/// `aws.scheduler` "Scheduled Event".
struct ScheduledCheck {
  enum class Type : std::uint8_t { DailyOptimization, WeeklyHealth, PendingCaptures };
  Type type = Type::DailyOptimization;
  std::string batch_id;
  std::vector<UserId> users;
};
std::string_view to_string(ScheduledCheck::Type type) noexcept;

/// An event of any other kind: acknowledged.
struct OtherEvent {};

struct BusEvent {
  std::string id;  ///< EventBridge's own id, the same on redelivery
  std::string source;
  std::string detail_type;
  Timestamp told_at{};  ///< when EventBridge received it; `Timestamp{}`: not told
  std::variant<TransactionDetected, LocationHit, ProofSubmitted, PositionUnlocking, YieldThreshold,
               ScheduledCheck, OtherEvent>
      what;
};

inline constexpr std::size_t kScheduledUsersMax = 1'000;

/// Reads the whole event. The detail may be the fields themselves or wrapped as {"type": ..., "payload":
/// {...}}. InvalidArgument names the field and what is wrong with it, never what it holds.
Result<BusEvent> read_bus_event(std::string_view json);

}  // namespace loopstate::agent
