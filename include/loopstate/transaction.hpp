// Transactions seen, and the claim protocol for work that touches the outside world.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "loopstate/clock.hpp"
#include "loopstate/names.hpp"

namespace loopstate {

/// `TXN#{id}|PROCESSED`: the work for this transaction is done.
struct ProcessedTransaction {
  std::string transaction;
  std::string user_pubkey;
  std::uint64_t cred_amount = 0;
  Timestamp processed_at{};
  std::optional<std::string> payload_hash;
  std::optional<std::string> result;
};

struct MarkOutcome {
  bool first = false;           ///< whether this call was the one that marked it
  ProcessedTransaction record;  ///< the mark that stands
};

/// The right to do the work of one transaction until `lease_until`. `fence` grows by one with every holder,
/// so that an outside system can refuse a late one.
struct Claim {
  /// By default a placeholder, since Asio needs results that can be made empty.
  TransactionId transaction = TransactionId::parse("none").value();
  std::uint64_t fence = 0;
  std::string holder;
  Timestamp lease_until{};
  std::string payload_hash;
};

/// What a claim whose holder died means.
enum class LapsedPolicy : std::uint8_t {
  Rerun,      ///< the work may be done again: the answer is Fresh
  Refuse,     ///< never again: the answer is Lapsed without a claim
  Reconcile,  ///< the answer is Lapsed with a claim: look whether it happened before acting
};

struct ClaimOutcome {
  enum class State : std::uint8_t { Fresh, InProgress, Done, OtherPayload, Lapsed };
  State state = State::Fresh;
  std::optional<Claim> claim;                ///< Fresh, and Lapsed under Reconcile: the caller's
  Timestamp in_progress_until{};             ///< InProgress: when the other holder's lease ends
  std::uint64_t fence = 0;                   ///< the fence that stands
  std::optional<ProcessedTransaction> done;  ///< Done: the stored result, a replay
};

/// "fresh", "in_progress", "done", "other_payload", "lapsed".
std::string_view to_string(ClaimOutcome::State state) noexcept;

}  // namespace loopstate
