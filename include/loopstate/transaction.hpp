// Transactions seen, and the claim protocol for work with effects outside the store.
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
  TransactionId transaction;
  UserId user;
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
  Claim() = default;  ///< a claim on nothing: every call refuses it with InvalidArgument

  /// A claim that was granted before, for a program that was restarted: from the values its getters returned
  /// then. It is not checked here. `extend`, `complete` and `release` are Superseded if transaction, fence,
  /// holder and payload hash are not those of the current claim; nothing else decides whose it is.
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
  /// Increases by one with every holder, so that an outside system can refuse a late one. 0 for a claim on
  /// nothing.
  std::uint64_t fence() const noexcept { return fence_; }
  const std::string& holder() const noexcept { return holder_; }
  Timestamp lease_until() const noexcept { return lease_until_; }
  /// Hash of the payload that was claimed: SHA-256, in lower-case hexadecimal.
  const std::string& payload_hash() const noexcept { return payload_hash_; }

  friend bool operator==(const Claim&, const Claim&) = default;

 private:
  TransactionId transaction_;
  std::uint64_t fence_ = 0;
  std::string holder_;
  Timestamp lease_until_{};
  std::string payload_hash_;
};

/// What to do about a claim whose holder died.
enum class LapsedPolicy : std::uint8_t {
  Rerun,      ///< the work may be repeated: the answer is Fresh
  Refuse,     ///< never again: the answer is Lapsed without a claim
  Reconcile,  ///< the answer is Lapsed with a claim: find out whether the work was done before acting
};

/// What became of a request for a claim: each alternative holds what belongs to it and nothing else.
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
    ProcessedTransaction record;  ///< with the stored result: a replay
  };
  /// The previous holder died.
  struct Lapsed {
    std::optional<Claim> claim;  ///< the caller's under LapsedPolicy::Reconcile; nothing under Refuse
  };
  using Answer = std::variant<OtherPayload, Fresh, InProgress, Done, Lapsed>;  ///< in the order of State

  ClaimOutcome() = default;  ///< refused
  /// `fence` is the current one, the caller's or another holder's.
  ClaimOutcome(Answer answer, std::uint64_t fence) : answer_(std::move(answer)), fence_(fence) {}

  State state() const noexcept { return static_cast<State>(answer_.index()); }
  /// The current fence, whoever holds it.
  std::uint64_t fence() const noexcept { return fence_; }

  /// Null if the answer is another one. They live as long as the outcome.
  const Fresh* fresh() const noexcept { return std::get_if<Fresh>(&answer_); }
  const InProgress* in_progress() const noexcept { return std::get_if<InProgress>(&answer_); }
  const Done* done() const noexcept { return std::get_if<Done>(&answer_); }
  const Lapsed* lapsed() const noexcept { return std::get_if<Lapsed>(&answer_); }
  bool other_payload() const noexcept { return std::holds_alternative<OtherPayload>(answer_); }

  /// The caller's claim: with Fresh, and with Lapsed under Reconcile. Null: the work is not the caller's.
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
