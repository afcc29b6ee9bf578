// Work that touches the outside world, once: a reward is paid out by someone else's service, which the
// store's transactions cannot reach. A claim says who does the work, and until when; whoever comes after a
// holder that died is told to check before acting.
#include <chrono>
#include <iostream>
#include <loopstate/loopstate.hpp>
#include <map>

using namespace loopstate;

namespace {

/// Stands for the service of a partner, reached over a network: it knows its payouts by a reference of ours.
class Partner {
 public:
  std::string pay_out(const std::string& reference) {
    std::cout << "  the partner pays out\n";
    return payouts_[reference] = "payout-" + std::to_string(payouts_.size() + 1);
  }
  std::string find(const std::string& reference) const {
    const auto found = payouts_.find(reference);
    return found == payouts_.end() ? "" : found->second;
  }

 private:
  std::map<std::string, std::string> payouts_;
};

std::string reward(BlockingStore& store, Partner& partner, const TransactionId& id, const UserId& user) {
  const auto outcome = or_throw(store.claim(id, "5.00 EUR", std::chrono::minutes(1), LapsedPolicy::Reconcile,
                                            ClaimOptions().holder("examples/claims")));
  if (const auto* done = outcome.done()) return "done before: " + done->record.result.value_or("");
  if (outcome.in_progress()) return "someone else is working on it";
  if (outcome.other_payload()) return "refused: the same reward with another amount";
  // If the holder died, the payout may have been made: ask the partner first.
  std::string payout = outcome.lapsed() ? partner.find(id.text()) : std::string();
  if (payout.empty()) payout = partner.pay_out(id.text());
  or_throw(store.complete(*outcome.claim(), user, 500, payout));
  return "done: " + payout;
}

}  // namespace

int main() try {
  BlockingStore store = or_throw(BlockingStore::open("embedded:./claims.db"));
  Partner partner;
  const TransactionId id{"rewards:order-1"};
  for (int delivery = 1; delivery <= 3; ++delivery) {
    std::cout << "delivery " << delivery << '\n';
    const auto done = reward(store, partner, id, UserId{"shopper-1"});
    std::cout << "  " << done << '\n';
  }
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
