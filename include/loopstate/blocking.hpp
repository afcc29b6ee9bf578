// The store for programs without an event loop.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loopstate/store.hpp"

namespace loopstate {

/// Every call of Store, waiting on the calling thread until it is done. store.hpp describes what each call
/// does, takes and returns, and its errors. No call throws: an exception from below becomes Internal.
/// Arguments may be written in braces.
///
/// May be called from several threads at once, and copied. Each thread keeps its own connections to a remote
/// store. A call may be made from inside the callback of another (`update`), and while a thread ends. While
/// the program exits, a static object that is older than the first call is too late: its calls are
/// Unavailable. Calls cannot be cancelled; their deadline ends them.
class BlockingStore {
 public:
  explicit BlockingStore(Store store) : store_(std::move(store)) {}

  /// The store that a URL names: "embedded:PATH" or "dynamodb:TABLE"; see Store::open.
  static Result<BlockingStore> open(std::string_view url, OpenMode mode = OpenMode::CreateIfMissing);
  static Result<BlockingStore> open(const Settings& settings, OpenMode mode = OpenMode::CreateIfMissing,
                                    const Clock& clock = system_clock());

  /// The same store, for code that does have an event loop.
  const Store& store() const noexcept { return store_; }

  // Context
  /// The user's context. NotFound, Erased.
  Result<Context> fetch(UserId user, ReadOptions options = {});
  /// Results in the order asked, one for each user.
  std::vector<Result<Context>> fetch_many(std::vector<UserId> users, ReadOptions options = {});
  /// The context, created with defaults if there is none. Erased, unless `revive`.
  Result<Context> get_or_init(UserId user, InitOptions options = {});
  /// Writes `changed` over the version it carries. VersionConflict, NotFound, Erased, ItemTooLarge.
  Result<Context> push(Context changed, PushOptions options = {});
  /// All the changes in one write, or none. VersionConflict, NotFound, Erased, ItemTooLarge.
  Result<Context> patch(UserId user, std::vector<ContextChange> changes, WriteOptions options = {});
  /// Puts each path's default back. VersionConflict, NotFound, Erased.
  Result<Context> unset(UserId user, std::vector<std::string> paths, WriteOptions options = {});
  /// Adds an event at the front of the recent events, of which 10 are kept. Erased, ItemTooLarge.
  Result<Context> push_event(UserId user, ContextEvent event, WriteOptions options = {});
  /// Sets one key of the agent's memory. NotFound, Erased, VersionConflict, ItemTooLarge.
  Result<Context> remember(UserId user, std::string key, JsonText value, WriteOptions options = {});
  /// One key of the agent's memory. NotFound.
  Result<JsonText> recall(UserId user, std::string key, ReadOptions options = {});
  /// Removes one key of the agent's memory. NotFound, VersionConflict.
  Result<Context> forget(UserId user, std::string key, WriteOptions options = {});
  /// Reads, applies `change` and writes; on a conflict, again. `change` may refuse with an error.
  Result<Context> update(UserId user, std::function<Result<void>(Context&)> change, CallOptions options = {});

  // Cards
  /// The card, with its user. NotFound.
  Result<Card> lookup(Fingerprint fingerprint, ReadOptions options = {});
  /// Links a card to a user. CardLinkedElsewhere, Erased.
  Result<LinkedCard> link(Fingerprint fingerprint, UserId user, std::string last4, LinkOptions options = {});
  /// With `owner`: CardLinkedElsewhere if the card is another user's. NotFound.
  Result<Card> unlink(Fingerprint fingerprint, UnlinkOptions options = {});
  /// The user's cards, by fingerprint.
  Result<std::vector<Card>> cards_of(UserId user, ReadOptions options = {});

  // Transactions seen
  /// The mark of a transaction that was seen, or nothing.
  Result<std::optional<ProcessedTransaction>> is_processed(TransactionId transaction,
                                                           ReadOptions options = {});
  /// Marks a transaction as seen, and says whether this call was the first.
  Result<MarkOutcome> mark_processed(TransactionId transaction, UserId user, std::uint64_t cred_amount,
                                     CallOptions options = {});
  /// The right to do a transaction's work. `lease` is 1 to 86,400 s.
  Result<ClaimOutcome> claim(TransactionId transaction, std::string payload, std::chrono::seconds lease,
                             LapsedPolicy policy, ClaimOptions options = {});
  /// A later end for a claim still held. Superseded.
  Result<Claim> extend(Claim claim, std::chrono::seconds lease, CallOptions options = {});
  /// Ends a claim with its result. Superseded.
  Result<ProcessedTransaction> complete(Claim claim, UserId user, std::uint64_t cred_amount,
                                        std::string result, CallOptions options = {});
  /// Gives a claim back. Superseded.
  Result<void> release(Claim claim, CallOptions options = {});

  // Sessions
  /// Replaces the user's session. Erased.
  Result<Session> store_session(UserId user, Session session, CallOptions options = {});
  /// The live session. NotFound, SessionExpired.
  Result<Session> get_session(UserId user, ReadOptions options = {});
  /// Whether there was a session.
  Result<bool> revoke_session(UserId user, CallOptions options = {});
  /// Checks scope, time and remaining actions, and spends one. NotFound, SessionExpired, ScopeDenied,
  /// NoActionsLeft.
  Result<Authorization> authorize(UserId user, std::string scope, CallOptions options = {});

  // Pending captures
  /// Adds a pending capture; a full ring drops its oldest and returns it. Erased.
  Result<AddedCapture> add_capture(UserId user, Capture capture, AddCaptureOptions options = {});
  /// Newest first.
  Result<std::vector<Capture>> list_captures(UserId user, ReadOptions options = {});
  /// Removes a capture and returns it. NotFound.
  Result<Capture> settle_capture(UserId user, std::string id, WriteOptions options = {});

  // Location
  /// False: something newer is already known. Erased.
  Result<bool> set_location(UserId user, MerchantId merchant, LocationOptions options = {});
  /// Where the user is. NotFound.
  Result<Location> get_location(UserId user, ReadOptions options = {});
  /// Whether anything changed.
  Result<bool> clear_location(UserId user, ClearLocationOptions options = {});

  // The whole user
  /// Everything stored for the user, as at one moment. NotFound.
  Result<Snapshot> snapshot(UserId user, ReadOptions options = {});
  /// Records a purchase once: marks it, adds the capture and the event.
  Result<RecordOutcome> record_capture(PurchaseRecord purchase, RecordOptions options = {});
  /// Records a report of a refund or a dispute: an event, and the capture's `refunded` amount.
  Result<RefundOutcome> record_refund(RefundRecord refund, RecordOptions options = {});
  /// Removes everything stored for the user. NotFound.
  Result<EraseReceipt> erase_user(UserId user, EraseOptions options = {});

  /// Does in advance what the first call on this thread would otherwise have to wait for.
  Result<void> warm_up(CallOptions options = {});
  /// Whether a payment could be recorded now: writes one small row.
  Result<void> check_writable(CallOptions options = {});

 private:
  Store store_;
};

}  // namespace loopstate
