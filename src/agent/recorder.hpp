// Writes what a delivery means to the store, retrying while that can help.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/counters.hpp"
#include "agent/held_cache.hpp"
#include "agent/outcome.hpp"
#include "agent/retry.hpp"
#include "agent/waiting_watch.hpp"
#include "async/pacer.hpp"
#include "log/log.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/store.hpp"
#include "loopstate/task.hpp"
#include "webhook/age.hpp"

namespace loopstate::agent {

/// A store call, to be made as often as necessary: it is given its deadline and its request id.
template <typename T>
using StoreCall = std::function<Task<Result<T>>(CallOptions)>;

/// What one delivery may still spend, and what it has spent.
struct Budget {
  Deadline deadline;
  unsigned retries = 0;  ///< spent
};

/// What a delivery did: its outcome, and the details.
struct Effect {
  Outcome outcome = Outcome::Failed;
  std::string user;
  std::string capture_id;            ///< Recorded
  std::uint64_t version = 0;         ///< of the context, if it changed
  std::vector<std::string> dropped;  ///< ids of captures that left the full ring
  std::size_t recorded = 0;          ///< CardLinked: purchases that had waited for it
  std::optional<Timestamp> seen_at;  ///< Duplicate: when it was first seen
  std::optional<Error> error;        ///< for StoreBusy, Failed and whatever else the store refused
  std::string reason;                ///< why, if the outcome does not say: for the log
  std::optional<JsonText> report;    ///< Reported
};

struct RecorderOptions {
  HeldCacheLimits cache;
  RetryPolicy retry;
  /// Both outlive the recorder.
  const Clock* clock = &system_clock();
  const async::Pacer* pacer = &async::system_pacer();
};

/// What becomes of a payment that is too old to be captured; nothing for one that is not.
std::optional<Effect> past_capturing(webhook::Age age);

/// Adds to a log line what is worth saying about it.
void describe(const Effect& effect, log::Fields& fields);

/// May be used from several threads; outlives its calls.
class Recorder {
 public:
  /// Writes through its own store on the same table, which remembers transactions for 100 days or
  /// longer.
  Recorder(Store store, RecorderOptions options, log::Logger log);

  Task<Effect> capture(PurchaseRecord purchase, Budget* budget);
  /// The same of a card that may still be linked under the pepper before, as `previous`: then it is moved
  /// first, and only a card that nobody has linked under either is unknown.
  Task<Effect> purchase(PurchaseRecord purchase, std::optional<Fingerprint> previous, Budget* budget);
  /// Whether the card was linked as `from`; it is linked as `to` now. Or why that could not be found out.
  Task<Result<bool>> move_card(Fingerprint from, Fingerprint to, Budget* budget);
  /// What is known of the card under the pepper before, `previous`, comes to be known of it as it is linked
  /// now: whose it is, and, of a card that belongs to nobody, the purchases that wait for `user` to link it.
  Task<Result<void>> bring_over(Fingerprint previous, Card linked, Budget* budget);
  /// Of a payment that the store may know.
  Task<Effect> refund(RefundRecord refund, Budget* budget);
  /// Of a payment that the provider did not find, identified by its card.
  Task<Effect> refund_by_card(TransactionId refund, Fingerprint fingerprint, ContextEvent event,
                              Budget* budget);
  /// Adds an event to the user's context, once under `id`: for a day the write's request id recognises a
  /// repetition, and then the mark that is set after it.
  Task<Effect> event_once(TransactionId id, UserId user, ContextEvent event, Budget* budget);
  /// The same for any write of the user's context.
  Task<Effect> write_once(TransactionId id, UserId user, std::uint64_t amount, StoreCall<Context> write,
                          Budget* budget);
  Task<Effect> link(Fingerprint fingerprint, UserId user, std::string last4, Budget* budget);
  /// Counts those of the purchases that it kept for a link whose time ended without one: one read for each,
  /// 100 at most.
  Task<void> count_unlinked(Deadline deadline);

  /// Repeats `attempt` while its failures are passing and the budget's time lasts, all under one request id,
  /// so that nothing is done twice. Counts each failure.
  template <typename T>
  Task<Result<T>> persist(StoreCall<T> attempt, Budget* budget);

  /// `limit` from now, or `deadline` if that is earlier.
  Budget begin(std::chrono::milliseconds limit, Deadline deadline) const;

  /// A failure as an outcome.
  static Effect failed(Error error);

  const Store& store() const noexcept { return store_; }
  Store& store() noexcept { return store_; }
  const HeldCache& cache() const noexcept { return cache_; }
  Counters& counters() noexcept { return counters_; }
  const Counters& counters() const noexcept { return counters_; }
  const async::Pacer& pacer() const noexcept { return *options_.pacer; }
  const Clock& clock() const noexcept { return *options_.clock; }

 private:
  /// Purchases that had waited for their card were recorded: what is remembered of its user is stale.
  void note_recorded(const LinkedCard& card);

  Store store_;
  RecorderOptions options_;
  HeldCache cache_;
  Counters counters_;
  WaitingWatch waiting_;
  log::Logger log_;
};

}  // namespace loopstate::agent
