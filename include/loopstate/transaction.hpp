// Transactions seen, and the claim protocol for work that touches the outside world.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "loopstate/clock.hpp"
#include "loopstate/detail/visitable.hpp"
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

/// The right to do the work of one transaction until `lease_until()`, as Store::claim grants it.
class Claim {
 public:
  Claim() = default;  ///< on nothing: every call refuses it with InvalidArgument

  /// A claim that was granted before, for a program that was restarted: from what the claim's getters said
  /// then. It is not checked here. `extend`, `complete` and `release` are Superseded where transaction, fence
  /// and holder are not those of the claim that stands; the rest does not decide whose it is.
  static Claim from_parts(TransactionId transaction, std::uint64_t fence, std::string holder,
                          std::string payload_hash, Timestamp lease_until = {}) {
    Claim claim;
    claim.transaction_ = std::move(transaction);
    claim.fence_ = fence;
    claim.holder_ = std::move(holder);
    claim.payload_hash_ = std::move(payload_hash);
    claim.lease_until_ = lease_until;
    return claim;
  }

  const TransactionId& transaction() const noexcept { return transaction_; }
  /// Grows by one with every holder, so that an outside system can refuse a late one. 0 for a claim on
  /// nothing.
  std::uint64_t fence() const noexcept { return fence_; }
  const std::string& holder() const noexcept { return holder_; }
  Timestamp lease_until() const noexcept { return lease_until_; }
  /// Of the payload that was claimed: SHA-256, in lower-case hexadecimal.
  const std::string& payload_hash() const noexcept { return payload_hash_; }

  friend bool operator==(const Claim&, const Claim&) = default;

 private:
  TransactionId transaction_;
  std::uint64_t fence_ = 0;
  std::string holder_;
  Timestamp lease_until_{};
  std::string payload_hash_;
};

/// What a claim whose holder died means.
enum class LapsedPolicy : std::uint8_t {
  Rerun,      ///< the work may be done again: the answer is Fresh
  Refuse,     ///< never again: the answer is Lapsed without a claim
  Reconcile,  ///< the answer is Lapsed with a claim: look whether it happened before acting
};

/// What asking for the work of a transaction came to: each answer has what it knows and nothing else.
class ClaimOutcome : public Visitable<ClaimOutcome> {
 public:
  enum class State : std::uint8_t { OtherPayload, Fresh, InProgress, Done, Lapsed };
  /// The transaction was claimed or done with another payload: refused.
  struct OtherPayload {};
  struct Fresh {
    Claim claim;  ///< the caller's
  };
  struct InProgress {
    Timestamp until;  ///< when the other holder's lease ends
  };
  struct Done {
    ProcessedTransaction record;  ///< with the stored result, a replay
  };
  /// The holder before died.
  struct Lapsed {
    std::optional<Claim> claim;  ///< the caller's under LapsedPolicy::Reconcile; nobody's under Refuse
  };
  using Answer = std::variant<OtherPayload, Fresh, InProgress, Done, Lapsed>;  ///< in the order of State

  ClaimOutcome() = default;  ///< refused
  /// The fence is the one that stands, the caller's or another's.
  ClaimOutcome(Answer answer, std::uint64_t fence) : answer_(std::move(answer)), fence_(fence) {}

  State state() const noexcept { return static_cast<State>(answer_.index()); }
  /// The fence that stands, whoever holds it.
  std::uint64_t fence() const noexcept { return fence_; }

  /// Null where the answer is another. They live as long as the outcome.
  const Fresh* fresh() const noexcept { return std::get_if<Fresh>(&answer_); }
  const InProgress* in_progress() const noexcept { return std::get_if<InProgress>(&answer_); }
  const Done* done() const noexcept { return std::get_if<Done>(&answer_); }
  const Lapsed* lapsed() const noexcept { return std::get_if<Lapsed>(&answer_); }
  bool other_payload() const noexcept { return std::holds_alternative<OtherPayload>(answer_); }

  /// The caller's claim: of Fresh, and of Lapsed under Reconcile. Null: the work is not the caller's.
  const Claim* claim() const noexcept {
    if (const auto* now = fresh()) return &now->claim;
    if (const auto* after = lapsed(); after != nullptr && after->claim) return &*after->claim;
    return nullptr;
  }

 private:
  friend class Visitable<ClaimOutcome>;
  Answer answer_;
  std::uint64_t fence_ = 0;
};

/// "fresh", "in_progress", "done", "other_payload", "lapsed".
std::string_view to_string(ClaimOutcome::State state) noexcept;

}  // namespace loopstate
