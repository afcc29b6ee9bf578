// The steps of one transaction. A step is an operation together with its role, and its outcome is looked
// up by role: no rule knows the position of an operation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loopstate/questions.hpp"
#include "store/spine/core.hpp"

namespace loopstate::store {

enum class Role : std::uint8_t {
  Context,      ///< the user's context, with the ring and the version
  Capture,      ///< the row of a pending capture; a transaction may have several
  Ended,        ///< what is left of a capture that leaves; a transaction may have several
  Mark,         ///< that a transaction was processed
  Refunds,      ///< the ledger of reports about a payment's refunds
  Card,         ///< whose a card is
  CardOfUser,   ///< the card among its user's
  FormerOwner,  ///< the card among those of the user it is taken from
  FormerCard,   ///< the card under another fingerprint, from which it is moved
  OwnerErased,  ///< the check that the card's owner was erased
  Waiting,      ///< the purchases that wait for the card's link
  Waited,       ///< that a transaction is one of them
  Claim,        ///< the right to do a transaction's work
  Session,
  Location,
  NotErased,   ///< the check that the user was not erased
  Collection,  ///< the row of a collection of documents
  Document     ///< a transaction may have several
};

/// Steps in the order in which they are added, which has no meaning. No two of them may be about
/// the same item.
class Steps {
 public:
  void add(Role role, table::Operation operation);
  /// Counted once the transaction is applied.
  void add_lost(const RingLosses& lost) noexcept {
    lost_.dropped += lost.dropped;
    lost_.expired += lost.expired;
  }
  const RingLosses& lost() const noexcept { return lost_; }
  std::size_t size() const noexcept { return operations_.size(); }

  const std::vector<Role>& roles() const noexcept { return roles_; }
  const std::vector<table::Operation>& operations() const noexcept { return operations_; }
  /// The only operation with that role, for tests; null if there is none.
  const table::Operation* find(Role role) const noexcept;

 private:
  friend Task<Result<struct StepsOutcome>> transact_steps(CorePtr core, Steps steps, WriteCall call,
                                                          std::string user, std::string answer);
  std::vector<Role> roles_;
  std::vector<table::Operation> operations_;
  RingLosses lost_;
};

/// Why a transaction was not applied.
class Refusals {
 public:
  struct One {
    Role role;
    table::Key key;
    std::optional<table::Item> item;  ///< the live item that refused the step; nothing if there is none
  };

  Refusals() = default;
  explicit Refusals(std::vector<One> refused) : refused_(std::move(refused)) {}

  bool refused(Role role) const noexcept { return find(role) != nullptr; }
  /// The item that refused the first step of that role. Nothing if no such step was refused, or there is no
  /// live item: refused() tells which.
  std::optional<table::Item> item(Role role) const;
  const std::vector<One>& all() const noexcept { return refused_; }

 private:
  const One* find(Role role) const noexcept;
  std::vector<One> refused_;
};

struct StepsOutcome {
  bool applied = false;
  Refusals refusals;  ///< of a transaction that was not applied
};

/// One transaction of all steps, plus what the caller's request id stands for (request.hpp).
/// `answer`: what is kept under that id.
Task<Result<StepsOutcome>> transact_steps(CorePtr core, Steps steps, WriteCall call, std::string user,
                                          std::string answer);

}  // namespace loopstate::store
