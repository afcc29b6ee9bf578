// The rules: what loopstate promises about a user's state, the same on every engine.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "loopstate/by_name.hpp"
#include "loopstate/capture.hpp"
#include "loopstate/card.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/context.hpp"
#include "loopstate/detail/visitable.hpp"
#include "loopstate/document.hpp"
#include "loopstate/error.hpp"
#include "loopstate/location.hpp"
#include "loopstate/money.hpp"
#include "loopstate/names.hpp"
#include "loopstate/options.hpp"
#include "loopstate/refund_outcome.hpp"
#include "loopstate/session.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/task.hpp"
#include "loopstate/transaction.hpp"

namespace loopstate {

namespace store {
struct Core;
struct StoreAccess;
}  // namespace store

/// Everything in a user's partition, as at one moment.
struct Snapshot {
  std::optional<Context> context;
  std::optional<Session> session;
  std::vector<Capture> captures;  ///< newest first
  std::vector<Card> cards;        ///< by fingerprint
  std::optional<Location> location;
  std::vector<CollectionInfo> collections;  ///< of documents, by name
  bool erased = false;
};

/// One purchase to record.
struct PurchaseRecord {
  TransactionId transaction = {};
  Fingerprint fingerprint = {};
  Capture capture = {};
  ContextEvent event = {};  ///< if its timestamp is later than now, mark and capture live from then on
  /// How long the transaction is remembered; default StoreSettings::transaction_lifetime.
  std::optional<std::chrono::seconds> transaction_lifetime = {};
  /// If the card belongs to nobody: how long the purchase waits for `link` to record it, though no longer
  /// than its capture lives. 1 s to kMaxWait; default: not at all.
  std::optional<std::chrono::seconds> keep_unknown = {};
};

inline constexpr std::chrono::seconds kMaxWait = std::chrono::days(1);
/// So many purchases of one card wait at once, or as many as the ring holds if that is fewer.
inline constexpr std::size_t kMaxWaiting = 16;

/// What became of a purchase: each alternative holds what belongs to it and nothing else.
class RecordOutcome : public Visitable<RecordOutcome> {
 public:
  /// The card belongs to nobody: nothing was written. With `keep_unknown`: as many purchases as may wait for
  /// this card do so already.
  struct UnknownCard {};
  /// The card belongs to nobody, and the purchase is kept: whoever links the card before then gets it.
  struct Waiting {
    Timestamp until{};
  };
  struct Recorded {
    UserId user;                        ///< whose card it is
    std::string capture_id;             ///< of the capture as stored
    std::vector<Capture> dropped = {};  ///< what left the full ring, oldest first
    std::uint64_t version = 0;          ///< of the context, after the write
  };
  /// The transaction had already been seen in another call: nothing was written.
  struct Duplicate {
    ProcessedTransaction seen;  ///< when and for whom
  };

  RecordOutcome() = default;  ///< an unknown card
  explicit RecordOutcome(Recorded recorded, HeldState held = {})
      : answer_(std::move(recorded)), held_(std::move(held)) {}
  explicit RecordOutcome(Duplicate duplicate) : answer_(std::move(duplicate)) {}
  explicit RecordOutcome(Waiting waiting) : answer_(waiting) {}

  /// Null if this call did not record it. It lives as long as the outcome.
  const Recorded* recorded() const noexcept { return std::get_if<Recorded>(&answer_); }
  const Duplicate* duplicate() const noexcept { return std::get_if<Duplicate>(&answer_); }
  const Waiting* waiting() const noexcept { return std::get_if<Waiting>(&answer_); }
  bool unknown_card() const noexcept { return std::holds_alternative<UnknownCard>(answer_); }

  /// Whose purchase it is, recorded now or before; null if the card is nobody's.
  const UserId* user() const noexcept {
    if (const auto* now = recorded()) return &now->user;
    if (const auto* before = duplicate()) return &before->seen.user;
    return nullptr;
  }

  /// For the next call: after a recorded purchase the card, the context and the captures as they now are,
  /// otherwise empty.
  const HeldState& held() const& noexcept { return held_; }
  HeldState held() && noexcept { return std::move(held_); }

 private:
  friend class Visitable<RecordOutcome>;
  std::variant<UnknownCard, Recorded, Duplicate, Waiting> answer_;
  HeldState held_;
};

/// A card that was linked, and the purchases that had waited for it (PurchaseRecord::keep_unknown).
struct LinkedCard : Card {
  std::vector<Capture> recorded = {};  ///< now pending, in the order in which they came
  std::vector<Capture> dropped = {};   ///< what left the full ring for them, oldest first
  std::uint64_t version = 0;           ///< of the user's context after they were recorded; 0 if none were
};

/// One report from a provider about money that goes back to the payer, or does not after all. Reports may
/// come more than once and in any order, even before the payment: the end result is the same.
struct RefundRecord {
  enum class Kind : std::uint8_t {
    Refund,
    Dispute,
    RunningTotal  ///< the sum of all refunds of the payment as of `reported_at`
  };
  enum class State : std::uint8_t {
    Taken,     ///< a refund was made, or a dispute has taken the money for now
    Lost,      ///< a dispute that the shop lost
    GivenBack  ///< a refund that failed; a dispute that the shop won
  };
  TransactionId refund =
      {};  ///< names the refund, the dispute or the total, e.g. "square:<refund id>:refund"
  TransactionId payment = {};  ///< names the payment that it takes back
  Money amount = {};           ///< without a currency it is taken to be in the payment's
  Kind kind = Kind::Refund;
  State state = State::Taken;
  Timestamp begun_at{};     ///< when the refund was made, by the provider's clock; `Timestamp{}`: unknown
  Timestamp reported_at{};  ///< when the provider said so; default: now
  std::optional<std::chrono::seconds> transaction_lifetime = {};
};

/// What an erasure removed.
struct EraseReceipt {
  UserId user;
  std::uint64_t version = 0;  ///< of the tombstone
  Timestamp erased_at{};
  std::size_t items_removed = 0;  ///< in the user's partition
  std::size_t cards_removed = 0;  ///< the cards' own items

  /// What only a scan of the whole table finds.
  struct Scan {
    std::size_t transactions_removed = 0;
    /// Items that cannot be read, any of which may belong to the user (`check` names them).
    std::size_t unreadable = 0;
  };
  std::optional<Scan> scan;  ///< nothing if it was not scanned to its end
};

/// How far an erasure's scan has come.
struct EraseProgress {
  std::uint64_t items = 0;  ///< examined so far
  EraseReceipt receipt;     ///< what was removed so far
  std::string cursor;       ///< for EraseOptions::resume: everything before it is done
};

/// Any call may fail with InvalidArgument (a name or a value), CorruptItem (the message names item and
/// field), and with the errors of the call and of the engine (error.hpp); any write with RequestIdReused.
/// Each call lists its other errors. An error leaves the state as it was, except OutcomeUnknown.
/// What a write returns describes the moment of the write, even if its reply was lost and it is only found
/// again later.
///
/// A store may be used from several threads, and is cheap to copy. A call that was made may outlive it, and
/// the expression that made the call, so arguments are taken by value; those written in braces are taken by
/// name (by_name.hpp).
///
/// A context passed as `held` or `base` must belong to the user of the call; any other is InvalidArgument.
/// Where a card or a payment determines the user (HeldState), another user's state is ignored.
class Store {
 public:
  /// The store that a URL names: "embedded:PATH" or "dynamodb:TABLE". Opening an embedded file reads it;
  /// opening a DynamoDB table sends nothing. The clock must outlive the store. After fork() the child
  /// opens its own: every call there on one opened before fails with StorageFailure. InvalidArgument (the URL
  /// or a setting), TableNotFound, TableMismatch, StorageCorrupt, StorageReadOnly, StorageFull,
  /// StorageFailure.
  static Result<Store> open(std::string_view url, OpenMode mode = OpenMode::CreateIfMissing);
  static Result<Store> open(const Settings& settings, OpenMode mode = OpenMode::CreateIfMissing,
                            const Clock& clock = system_clock());

  // A move copies: what a store was moved from is still that store.
  Store(const Store&) = default;
  Store& operator=(const Store&) = default;
  Store(Store&& other) noexcept : core_(other.core_) {}  // NOLINT(performance-move-constructor-init)
  Store& operator=(Store&& other) noexcept { return *this = static_cast<const Store&>(other); }
  ~Store() = default;

  // Context
  // ---------------------------------------------------------------------------------------------------------

  /// NotFound, Erased.
  Task<Result<Context>> fetch(UserId user, ReadOptions options = {});
  /// Any number of users; results in the order asked, one for each user. One request for each 100 users, at
  /// most four at a time.
  Task<std::vector<Result<Context>>> fetch_many(std::vector<UserId> users, ReadOptions options = {});
  /// The context, created with defaults if there is none: two racing callers end up with one. Erased, unless
  /// `revive`.
  Task<Result<Context>> get_or_init(UserId user, InitOptions options = {});
  /// Writes `changed` over the version it carries, and returns it with the next one. Version 0 creates.
  /// `base`, the context as it was read, lets a VersionConflict name the paths that both sides changed.
  /// VersionConflict, NotFound, Erased, ItemTooLarge.
  Task<Result<Context>> push(Context changed, PushOptions options = {});
  /// All the changes in one write, or none. With a fresh `held`: one request, otherwise two.
  /// InvalidArgument names the path. VersionConflict if somebody else changed one of the paths. NotFound,
  /// Erased, ItemTooLarge.
  Task<Result<Context>> patch(UserId user, std::vector<ContextChange> changes, WriteOptions options = {});
  /// A patch that restores each path's default, or removes the memory key.
  Task<Result<Context>> unset(UserId user, std::vector<std::string> paths, WriteOptions options = {});
  /// Adds to the front of the recent events, of which 10 are kept. A user without a context gets one.
  /// Erased, ItemTooLarge.
  Task<Result<Context>> push_event(UserId user, ByName<ContextEvent> event, WriteOptions options = {});
  /// New memory keys are 1 to 200 bytes, like names. NotFound, Erased, VersionConflict (the same key),
  /// ItemTooLarge.
  Task<Result<Context>> remember(UserId user, std::string key, JsonText value, WriteOptions options = {});
  /// NotFound: no context, or no such key.
  Task<Result<JsonText>> recall(UserId user, std::string key, ReadOptions options = {});
  /// NotFound: no context, or no such key.
  Task<Result<Context>> forget(UserId user, std::string key, WriteOptions options = {});
  /// Reads, applies `change` and writes; on a conflict, again, at most 16 times. `change` may refuse with an
  /// error, which ends the call.
  Task<Result<Context>> update(UserId user, FunctionByName<Result<void>(Context&)> change,
                               CallOptions options = {});

  // Cards
  // -----------------------------------------------------------------------------------------------------------

  /// NotFound.
  Task<Result<Card>> lookup(Fingerprint fingerprint, ReadOptions options = {});
  /// `last4` is four digits or empty. CardLinkedElsewhere, Erased. Linking the user's own card again changes
  /// only its last4. A card of an erased user is nobody's. Purchases that wait for the card are recorded in
  /// the same transaction, each once. Repeat only with a request id: without one, a transfer may take the
  /// card back from whoever has received it since.
  Task<Result<LinkedCard>> link(Fingerprint fingerprint, UserId user, std::string last4,
                                LinkOptions options = {});
  /// With `owner`: CardLinkedElsewhere if the card is another user's; the card returned has neither last4
  /// nor time, which one request cannot tell. Without: one more request, to learn whose it is, and the card
  /// is returned as it was. NotFound. Repeat only with a request id.
  Task<Result<Card>> unlink(Fingerprint fingerprint, UnlinkOptions options = {});
  Task<Result<std::vector<Card>>> cards_of(UserId user, ReadOptions options = {});

  // Transactions seen
  // -----------------------------------------------------------------------------------------------

  Task<Result<std::optional<ProcessedTransaction>>> is_processed(TransactionId transaction,
                                                                 ReadOptions options = {});
  /// Refunds that came before the payment are deducted with the mark: `user` gets an event for them, unless
  /// erased.
  Task<Result<MarkOutcome>> mark_processed(TransactionId transaction, UserId user, std::uint64_t cred_amount,
                                           CallOptions options = {});
  /// `payload` is hashed, never stored. `lease` is 1 to 86,400 s. Without a request id, repeating the call
  /// after a claim was granted returns InProgress until its lease ends.
  Task<Result<ClaimOutcome>> claim(TransactionId transaction, std::string payload, std::chrono::seconds lease,
                                   LapsedPolicy policy, ClaimOptions options = {});
  /// Superseded. Repeating is harmless: it only moves the end of the lease, while the claim is held.
  Task<Result<Claim>> extend(Claim claim, std::chrono::seconds lease, CallOptions options = {});
  /// Superseded. `result` is at most 64 KB; if it is a pending capture's id, that capture is the payment's.
  /// Already completed by this claim: the record, no error. Refunds that came earlier are deducted with it:
  /// `user` gets an event for them, unless erased, and the pending capture its `refunded` amount. Repeating
  /// is harmless.
  Task<Result<ProcessedTransaction>> complete(Claim claim, UserId user, std::uint64_t cred_amount,
                                              std::string result, CallOptions options = {});
  /// Superseded. The row and its fence stay. Repeating is harmless; without a request id it is Superseded
  /// once somebody else has claimed.
  Task<Result<void>> release(Claim claim, CallOptions options = {});

  // Sessions
  // --------------------------------------------------------------------------------------------------------

  /// Replaces the user's session. Erased. Repeat only with a request id: without one, a session that has been
  /// spent or revoked since starts afresh.
  Task<Result<Session>> store_session(UserId user, ByName<Session> session, CallOptions options = {});
  /// NotFound, SessionExpired.
  Task<Result<Session>> get_session(UserId user, ReadOptions options = {});
  /// Whether there was a session. Repeat only with a request id: without one, it also ends a session stored
  /// since.
  Task<Result<bool>> revoke_session(UserId user, CallOptions options = {});
  /// Checks scope, time and remaining actions and spends one, in one conditional write that is bound to one
  /// session: no call spends more than one action. The answer is what was left at that moment, regardless of
  /// later spending. NotFound, SessionExpired, ScopeDenied, NoActionsLeft. OutcomeUnknown also if the reply
  /// was lost and the session has been replaced or ended since. Repeat only with a request id: without one,
  /// another action is spent.
  Task<Result<Authorization>> authorize(UserId user, std::string scope, CallOptions options = {});

  // Pending captures
  // ------------------------------------------------------------------------------------------------

  /// With a transaction, its mark is written in the same transaction, and what earlier refunds took back
  /// is in the capture's `refunded` and in an event. A user without a context gets one. If the ring is
  /// over its bound (which was lowered), several leave, as many as fit in one transaction. Erased;
  /// InvalidArgument if the capture's own expiry has passed.
  ///
  /// Captures that the Rust crate added do not change the context. A write that reads the rows takes them
  /// into the ring: one without `held`, one that finds such captures in the ring already, and one that finds
  /// the ring last read from the rows a day ago.
  Task<Result<AddedCapture>> add_capture(UserId user, ByName<Capture> capture,
                                         AddCaptureOptions options = {});
  /// Newest first.
  Task<Result<std::vector<Capture>>> list_captures(UserId user, ReadOptions options = {});
  /// Removes the capture and returns it. NotFound.
  Task<Result<Capture>> settle_capture(UserId user, std::string id, WriteOptions options = {});

  // Location
  // --------------------------------------------------------------------------------------------------------

  /// False if something newer is known (LocationOptions::event_time). Erased. Repeating is harmless with
  /// an event time or a request id.
  Task<Result<bool>> set_location(UserId user, MerchantId merchant, LocationOptions options = {});
  /// NotFound.
  Task<Result<Location>> get_location(UserId user, ReadOptions options = {});
  /// Whether anything changed. Erased. Repeating is harmless with an event time or a request id.
  Task<Result<bool>> clear_location(UserId user, ClearLocationOptions options = {});

  // The whole user
  // --------------------------------------------------------------------------------------------------

  /// NotFound if nothing is stored for the user.
  Task<Result<Snapshot>> snapshot(UserId user, ReadOptions options = {});
  Task<Result<RecordOutcome>> record_capture(ByName<PurchaseRecord> purchase, RecordOptions options = {});
  /// An event in the user's context, and the pending capture's `refunded` amount: never more than was paid,
  /// never in a currency other than the payment's. Erased.
  Task<Result<RefundOutcome>> record_refund(ByName<RefundRecord> refund, RecordOptions options = {});
  /// NotFound if nothing is stored for the user: with a scan, anywhere in the table. Repeating finishes what
  /// was cut off, and is harmless; with a request id it also leaves alone a user who was brought back since.
  Task<Result<EraseReceipt>> erase_user(UserId user, EraseOptions options = {});

  /// Does in advance what the first call would otherwise have to wait for: on DynamoDB it finds credentials,
  /// resolves the name and connects; on an embedded file it does nothing. Reads and writes no items.
  /// NoCredentials, DeadlineExceeded, and the errors of connecting, which say nothing about later calls.
  Task<Result<void>> warm_up(CallOptions options = {});

  /// Whether a payment could be recorded now: writes one small row, always the same, which expires by itself.
  /// One request. The errors of the engine; repeating it is harmless.
  Task<Result<void>> check_writable(CallOptions options = {});

  const StoreSettings& settings() const noexcept;
  /// A store over the same table that remembers transactions (marks, claims, refunds) for this long.
  Store with_transaction_lifetime(std::chrono::seconds lifetime) const;
  /// Requests sent to the engine since the table was opened, retries included.
  std::uint64_t requests_sent() const noexcept;
  /// Calls made on the table itself since it was opened because its DAX cluster was down.
  std::uint64_t fallbacks() const noexcept;
  /// What is added to this machine's clock, because the store's server shows it to be wrong; zero if it
  /// is right, or there is no server.
  std::chrono::seconds clock_correction() const noexcept;
  /// How often a write of a user's state lost a race or began with a stale copy since the store was opened,
  /// whether or not the call then resolved it.
  std::uint64_t conflicts() const noexcept;

 private:
  friend struct store::StoreAccess;
  explicit Store(std::shared_ptr<store::Core> core) : core_(std::move(core)) {}

  std::shared_ptr<store::Core> core_;
};

}  // namespace loopstate
