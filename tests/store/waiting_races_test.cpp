// Deliveries, their repetitions, links and unlinks of one card, all at once: every payment that was
// acknowledged is recorded once, whoever was first.
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>

#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

using Random = std::mt19937_64;

constexpr int kPayments = 6;
constexpr int kRounds = 6;

/// What the calls were told, from all threads.
struct Told {
  std::mutex mutex;
  std::map<std::string, int> recorded;  ///< by payment or, from a link, by capture id
  std::vector<std::string> failures;

  void record(const std::string& what) {
    const std::lock_guard lock(mutex);
    ++recorded[what];
  }
  void failed(const Error& error) {
    const std::lock_guard lock(mutex);
    failures.push_back(std::string(to_string(error.code)) + ": " + error.message);
  }
};
using ToldPtr = std::shared_ptr<Told>;

Task<bool> deliver(Store store, PurchaseRecord purchase, ToldPtr told) {
  auto outcome = co_await store.record_capture(named(purchase));
  if (!outcome) {
    told->failed(outcome.error());
  } else if (const auto* recorded = outcome->recorded()) {
    told->record(recorded->capture_id);
  } else if (outcome->unknown_card()) {
    told->failed(Error{ErrorCode::Internal, "a purchase was not kept", false, {}});
  }
  co_return true;
}

Task<bool> link(Store store, Fingerprint card, UserId user, ToldPtr told) {
  auto linked = co_await store.link(std::move(card), std::move(user), "4242");
  if (linked) {
    for (const auto& capture : linked->recorded) told->record(capture.id);
  } else if (linked.error().code != ErrorCode::CardLinkedElsewhere) {
    told->failed(linked.error());
  }
  co_return true;
}

Task<bool> unlink(Store store, Fingerprint card, ToldPtr told) {
  auto unlinked = co_await store.unlink(std::move(card));
  if (!unlinked && unlinked.error().code != ErrorCode::NotFound) told->failed(unlinked.error());
  co_return true;
}

class WaitingRaces : public PurchaseTest {
 protected:
  static std::string payment(int round, int i) {
    return "square:" + std::to_string(round) + "-" + std::to_string(i);
  }
  static Fingerprint card_of(int round) { return card("loop_fp_" + std::to_string(round)); }
  /// The amount tells the payments apart.
  static PurchaseRecord kept(int round, int i) {
    auto record = purchase(payment(round, i), card_of(round).text(), 100 + static_cast<unsigned>(i));
    record.keep_unknown = 900s;
    return record;
  }

  std::vector<Task<bool>> calls_of(int round, Random& random, const ToldPtr& told) {
    std::vector<std::function<Task<bool>()>> makers;
    for (int i = 0; i < kPayments; ++i) {
      const auto times = 1 + random() % 3;
      for (unsigned n = 0; n < times; ++n) {
        makers.emplace_back([=, this] { return deliver(store_, kept(round, i), told); });
      }
    }
    for (const auto* name : {"U1", "U2", "U1"}) {
      makers.emplace_back([=, this] { return link(store_, card_of(round), user(name), told); });
    }
    if (random() % 2 == 0) makers.emplace_back([=, this] { return unlink(store_, card_of(round), told); });
    std::ranges::shuffle(makers, random);
    std::vector<Task<bool>> calls;
    for (const auto& make : makers) calls.push_back(make());
    return calls;
  }

  void expect_each_once(int round, const ToldPtr& told) {
    EXPECT_THAT(told->failures, ::testing::IsEmpty());
    std::map<std::uint64_t, std::vector<std::string>> holders;
    for (const auto* name : {"U1", "U2"}) {
      for (const auto& capture : must(run(store_.list_captures(user(name))))) {
        holders[capture.amount.minor_units].emplace_back(name);
        must(run(store_.settle_capture(user(name), capture.id)));
      }
    }
    for (int i = 0; i < kPayments; ++i) {
      const auto seen = must(run(store_.is_processed(txn(payment(round, i)))));
      ASSERT_TRUE(seen) << "payment " << i << " was acknowledged, and is lost";
      EXPECT_THAT(holders[100 + static_cast<unsigned>(i)], ::testing::ElementsAre(seen->user.text()));
      EXPECT_EQ(told->recorded[seen->result.value_or("")], 1) << "how often it was told";
    }
  }
};
LOOPSTATE_STORE_SUITE(WaitingRaces);

TEST_P(WaitingRaces, EveryPaymentIsRecordedOnce) {
  const char* given = std::getenv("LOOPSTATE_SEED");
  const auto seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("LOOPSTATE_SEED=" + std::to_string(seed));
  use_settings({.max_pending_captures = 100});
  Random random(seed);
  for (int round = 0; round < kRounds; ++round) {
    const auto told = std::make_shared<Told>();
    run_together(calls_of(round, random, told));
    // Whoever has the card; if nobody, what still waits finds its user.
    (void)run(link(store_, card_of(round), user("U1"), told));
    expect_each_once(round, told);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace loopstate::testing
