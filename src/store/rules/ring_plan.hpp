// Adding a capture on its own and settling one, decided.
#pragma once

#include <optional>
#include <string>

#include "store/rules/payment.hpp"
#include "store/spine/rule.hpp"
#include "store/spine/user_steps.hpp"

namespace loopstate::store {

/// What stays the same over all attempts of one call.
struct AdditionWork {
  std::string user;
  Capture capture;  ///< complete
  std::optional<TransactionId> transaction;
  StoreSettings settings;
  WriteCall call;
};

struct KnownRing {
  KnownPayment payment;  ///< if the addition names one
  std::optional<UserView> user;
};

/// The context, the capture, what leaves for it, and the payment's mark if one is named.
Result<Plan<AddedCapture>> plan_addition_alone(const AdditionWork& work, const KnownRing& known);

struct SettlingWork {
  std::string user;
  std::string capture_id;
  WriteCall call;
  StoreSettings settings = {};
};

/// The context and the capture's row: it leaves ring and table together. NotFound.
Result<Plan<Capture>> plan_settling(const SettlingWork& work, const KnownRing& known);

/// Only the context, with the ring rebuilt from the rows.
Result<Plan<bool>> plan_ring_anew(const std::string& user, const WriteCall& call, const KnownRing& known);

Result<void> learn_ring(KnownRing& known, const Refusals& refusals, const std::string& user);
Task<Result<KnownRing>> read_ring(CorePtr core, std::string user, table::Call call, KnownRing known);

/// A rule about one user's ring, without its plan.
template <typename Answer>
Rule<KnownRing, Answer> ring_rule(const CorePtr& core, const std::string& user) {
  Rule<KnownRing, Answer> rule;
  rule.subject = "the state of user " + user;
  rule.read = [core, user](KnownRing known, table::Call call) {
    return read_ring(core, user, call, std::move(known));
  };
  rule.learn = [user](KnownRing& known, const Refusals& refusals) {
    return learn_ring(known, refusals, user);
  };
  return rule;
}

}  // namespace loopstate::store
