// Callers that race for a few users, and plan what they write on readings that may be as stale as the engine
// makes them. Afterwards everything is counted: nothing is lost, nothing is there twice, and nobody was told
// that something is missing which is there.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "store/purchases.hpp"

namespace loopstate::testing {

/// What all callers together were told.
struct Told {
  struct Recorded {
    std::string user, payment;
  };
  struct Dropped {
    std::string id;
    std::uint64_t refunded = 0;
    std::uint64_t version = 0;  ///< of the context, with the drop
  };
  std::mutex mutex;
  std::map<std::string, Recorded> captures;  ///< by id
  std::multiset<std::string> payments;       ///< recorded
  std::multiset<std::string> left;           ///< captures that were dropped or settled
  std::set<std::string> missing;             ///< captures that were said to be missing
  std::vector<Dropped> dropped;
  std::map<std::string, std::vector<std::uint64_t>> refunds;  ///< of one cent: their versions, by payment
  std::map<std::string, std::uint64_t> grown;                 ///< how often, by user
  std::map<std::string, std::uint64_t> perhaps_grown;
  std::multiset<std::uint32_t> actions_left;  ///< in the first user's session
  std::uint64_t perhaps_spent = 0;
  std::vector<std::string> wrong;  ///< answers that nobody should get
};

class CallersOnStaleReads : public PurchaseTest {
 public:
  static constexpr int kCallers = 4;
  static constexpr int kUsers = 2;
  static constexpr int kCards = 3;
  static constexpr std::uint32_t kActions = 1'000;

  static UserId user_number(std::size_t number) { return user("U" + std::to_string(number)); }
  static Fingerprint card_number(std::size_t number) { return card("loop_fp_" + std::to_string(number)); }

  void SetUp() override;
  /// Races the callers, each with its own view of the table, for so many steps.
  void race_for(int steps);
  void expect_that_everything_is_accounted_for();

  Told told_;
  std::atomic<int> unique_{0};

 private:
  friend class StaleCaller;
};

}  // namespace loopstate::testing
