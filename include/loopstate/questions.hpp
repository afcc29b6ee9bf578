// Questions across users: who is there, what is pending, which payments were seen, and everything about one
// payment. They read more than the calls of a Store, so they are asked separately, page by page; each page
// says what it cost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loopstate/capture.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/context.hpp"
#include "loopstate/error.hpp"
#include "loopstate/money.hpp"
#include "loopstate/names.hpp"
#include "loopstate/options.hpp"
#include "loopstate/store.hpp"
#include "loopstate/task.hpp"
#include "loopstate/transaction.hpp"

namespace loopstate {

/// What an answer took.
struct ReadCost {
  std::uint64_t requests = 0;  ///< to the engine, retries not included
  std::uint64_t items = 0;     ///< looked at to find the answer
  /// What DynamoDB charged: one unit is 4 KB read strongly consistent, or 8 KB that may be stale. 0 for an
  /// embedded store.
  double read_units = 0;

  ReadCost& operator+=(const ReadCost& other) noexcept {
    requests += other.requests;
    items += other.items;
    read_units += other.read_units;
    return *this;
  }
};

/// One page of an answer. A page may be empty and still have a next one.
template <typename Entry>
struct AnswerPage {
  std::vector<Entry> entries;
  /// For PageOptions::after of the next call; nothing after the last page. Opaque, and good for the same
  /// question to the same store only.
  std::optional<std::string> next;
  std::size_t unreadable =
      0;  ///< items that cannot be read and may belong to the answer (`check` names them)
  ReadCost cost;
};

/// What all questions that have pages can be told. `Options` is the class that is derived from this one.
template <typename Options>
class BasicPageOptions : public BasicOptions<Options> {
 public:
  /// The page after the one that returned this as its `next`; nothing: the first.
  Options& after(std::optional<std::string> token) & {
    after_ = std::move(token);
    return static_cast<Options&>(*this);
  }
  Options&& after(std::optional<std::string> token) && { return std::move(after(std::move(token))); }
  const std::optional<std::string>& after() const noexcept { return after_; }

  /// At most this many entries; 0, the default: as many as one request finds, which reads at most 1 MB. A low
  /// limit does not make a page cheaper on DynamoDB.
  Options& limit(std::size_t most) & {
    limit_ = most;
    return static_cast<Options&>(*this);
  }
  Options&& limit(std::size_t most) && { return std::move(limit(most)); }
  std::size_t limit() const noexcept { return limit_; }

  /// The answer may be a little out of date, at half the price on DynamoDB.
  Options& may_be_stale(bool stale = true) & {
    stale_ = stale;
    return static_cast<Options&>(*this);
  }
  Options&& may_be_stale(bool stale = true) && { return std::move(may_be_stale(stale)); }
  bool accepts_stale() const noexcept { return stale_; }

 protected:
  BasicPageOptions() = default;
  explicit BasicPageOptions(CallFields fields) : BasicOptions<Options>(std::move(fields)) {}

 private:
  std::optional<std::string> after_;
  std::size_t limit_ = 0;
  bool stale_ = false;
};

class PageOptions : public BasicPageOptions<PageOptions> {
 public:
  PageOptions() = default;
  PageOptions(CallOptions options) : BasicPageOptions(std::move(options)) {}  // NOLINT: implicit
};

/// For `pending`: only captures that fit all of what is set.
class PendingOptions : public BasicPageOptions<PendingOptions> {
 public:
  PendingOptions() = default;
  PendingOptions(CallOptions options) : BasicPageOptions(std::move(options)) {}  // NOLINT: implicit

  PendingOptions& merchant(std::optional<MerchantId> where) & {
    merchant_ = std::move(where);
    return *this;
  }
  PendingOptions&& merchant(std::optional<MerchantId> where) && {
    return std::move(merchant(std::move(where)));
  }
  const std::optional<MerchantId>& merchant() const noexcept { return merchant_; }

  /// Pending for at least this long.
  PendingOptions& older_than(std::optional<std::chrono::seconds> age) & {
    older_than_ = age;
    return *this;
  }
  PendingOptions&& older_than(std::optional<std::chrono::seconds> age) && {
    return std::move(older_than(age));
  }
  const std::optional<std::chrono::seconds>& older_than() const noexcept { return older_than_; }

  /// Will cease to exist within this time.
  PendingOptions& expires_within(std::optional<std::chrono::seconds> span) & {
    expires_within_ = span;
    return *this;
  }
  PendingOptions&& expires_within(std::optional<std::chrono::seconds> span) && {
    return std::move(expires_within(span));
  }
  const std::optional<std::chrono::seconds>& expires_within() const noexcept { return expires_within_; }

 private:
  std::optional<MerchantId> merchant_;
  std::optional<std::chrono::seconds> older_than_, expires_within_;
};

/// For `payments`.
class PaymentsOptions : public BasicPageOptions<PaymentsOptions> {
 public:
  PaymentsOptions() = default;
  PaymentsOptions(CallOptions options) : BasicPageOptions(std::move(options)) {}  // NOLINT: implicit

  PaymentsOptions& user(std::optional<UserId> whose) & {
    user_ = std::move(whose);
    return *this;
  }
  PaymentsOptions&& user(std::optional<UserId> whose) && { return std::move(user(std::move(whose))); }
  const std::optional<UserId>& user() const noexcept { return user_; }

 private:
  std::optional<UserId> user_;
};

/// A user about whom anything is stored.
struct UserEntry {
  UserId user;
  std::uint64_t version = 0;  ///< of the context, or of the tombstone; 0: there is none
  /// The latest change that the user's items tell: of the context (and with it of events, memory and
  /// captures), the cards and the location. `Timestamp{}`: none of them tells.
  Timestamp touched_at{};
  Timestamp erased_at{};  ///< `Timestamp{}`: not erased
  std::size_t pending = 0;
  std::size_t cards = 0;
  bool has_session = false;
  bool has_location = false;
};

/// A capture that is pending, whoever's it is.
struct PendingCapture {
  UserId user;
  Capture capture;
  std::optional<TransactionId> transaction;  ///< the payment it came with, if its row names one
};

/// How a capture ceased to be pending.
enum class Ending : std::uint8_t {
  Settled,
  Dropped  ///< pushed out of a full ring by a later one
};
/// "settled", "dropped".
std::string_view to_string(Ending ending) noexcept;

/// What is left of a capture that was settled or dropped, for at least 100 days.
struct EndedCapture {
  UserId user;
  std::string id;
  Ending ending = Ending::Settled;
  Timestamp ended_at{};
  std::string merchant_id;
  Money amount, refunded;
};

/// A transaction whose mark exists.
struct SeenPayment {
  ProcessedTransaction record;
  Money paid, refunded;
  Timestamp remembered_until{};  ///< until then a repetition is a duplicate
};

/// A claim on a transaction's work.
struct ClaimView {
  enum class State : std::uint8_t {
    Held,
    Lapsed,   ///< its holder died, or takes too long
    Released  ///< given back, or never taken since
  };
  State state = State::Held;
  std::uint64_t fence = 0;
  std::string holder;
  Timestamp lease_until{};   ///< `Timestamp{}`: released
  bool after_lapse = false;  ///< the holder took it over and was told to look before acting
};
/// "held", "lapsed", "released".
std::string_view to_string(ClaimView::State state) noexcept;

/// A purchase that came before its card was linked, and was kept for whoever links it
/// (PurchaseRecord::keep_unknown).
struct PaymentWait {
  enum class State : std::uint8_t {
    Waiting,   ///< whoever links the card before `until` gets the purchase
    Recorded,  ///< by the link, or by a later delivery
    Unlinked   ///< nobody linked the card before `until`: the purchase is recorded only if it is delivered
               ///< again
  };
  State state = State::Waiting;
  Timestamp since{};  ///< when it came
  Timestamp until{};
  Money amount;
};
/// "waiting", "recorded", "unlinked".
std::string_view to_string(PaymentWait::State state) noexcept;

/// One report of a refund, a dispute or a running total, as the payment's ledger has it.
struct RefundReport {
  TransactionId refund;
  RefundRecord::Kind kind = RefundRecord::Kind::Refund;
  RefundRecord::State state = RefundRecord::State::Taken;
  Money amount;
  Timestamp begun_at{};  ///< `Timestamp{}`: unknown
  Timestamp reported_at{};
};
/// "refund", "dispute", "total".
std::string_view to_string(RefundRecord::Kind kind) noexcept;
/// "taken", "lost", "given_back".
std::string_view to_string(RefundRecord::State state) noexcept;

/// What became of a payment's capture.
struct CaptureFate {
  enum class State : std::uint8_t {
    NotNamed,  ///< the mark names no capture, as the Rust crate's do not
    Pending,
    Settled,
    Dropped,  ///< pushed out of a full ring
    Expired,  ///< its time ended, and nothing says that it was settled or dropped before
    Gone,     ///< it left before its time and nothing says why: another program removed it
    Erased    ///< with its user
  };
  State state = State::NotNamed;
  std::string id;                  ///< empty if it is not named
  Timestamp at{};                  ///< when it ended; if pending, when it will
  std::optional<Capture> capture;  ///< if it is pending
  /// If none is named: the user's pending captures of the same amount, one of which may be the payment's.
  std::vector<Capture> alike;
};
/// "not_named", "pending", "settled", "dropped", "expired", "gone", "erased".
std::string_view to_string(CaptureFate::State state) noexcept;

/// Everything that is known about one payment.
struct PaymentStory {
  TransactionId transaction;
  std::optional<SeenPayment> seen;  ///< nothing: it was not recorded (yet)
  std::optional<ClaimView> claim;
  /// Told for 30 days after it ended, but no longer than a mark of the payment would live.
  std::optional<PaymentWait> wait;
  std::vector<RefundReport> refunds;   ///< in the order in which they were reported
  Money reported_back;                 ///< what the reports amount to, at most what was paid
  std::optional<CaptureFate> capture;  ///< of a payment that was seen
  /// The user's recent events that may be about it (of its amount, or of the time of a refund), newest first.
  std::vector<ContextEvent> events;
  bool user_erased = false;
};

/// The names under which a payment with this id may be stored: the id itself and, if it does not begin with
/// one, what the agent calls a payment of each provider with that id (webhook_event.hpp).
std::vector<TransactionId> payment_names(std::string_view id);

/// How many captures the rings have lost unsettled, through writes of this store since it was opened. What
/// expires is counted by the write that finds it missing from the ring, once in the whole world.
struct RingLosses {
  std::uint64_t dropped = 0;
  std::uint64_t expired = 0;
};
RingLosses ring_losses(const Store& store) noexcept;

/// May be used from several threads; cheap to copy. Any call may fail with InvalidArgument (a name, a token
/// that is damaged or another store's) and with the errors of the engine. An item that cannot be read is
/// counted and passed over, except in `payment`, which fails with CorruptItem.
///
/// A page is at most one request of 1 MB, plus one for the rest of the last partition on it. An embedded
/// store reads only what it asks for; DynamoDB reads the whole table for `users`, `pending` and `payments`,
/// and charges for it. What changes between two pages may be missing, or be listed as it was.
class Questions {
 public:
  explicit Questions(Store store) : store_(std::move(store)) {}

  Task<Result<AnswerPage<UserEntry>>> users(PageOptions options = {});
  Task<Result<AnswerPage<PendingCapture>>> pending(PendingOptions options = {});
  /// Transactions seen, in no order that means anything.
  Task<Result<AnswerPage<SeenPayment>>> payments(PaymentsOptions options = {});
  /// What is left of a user's captures, oldest first. One query.
  Task<Result<AnswerPage<EndedCapture>>> ended(UserId user, PageOptions options = {});
  /// What is known under each of 1 to 16 names, without those under which nothing is. Two requests: three for
  /// a payment that names no capture.
  Task<Result<std::vector<PaymentStory>>> payment(std::vector<TransactionId> names, CallOptions options = {});

  const Store& store() const noexcept { return store_; }

 private:
  Store store_;
};

/// The same for code without an event loop, as BlockingStore is for a Store.
class BlockingQuestions {
 public:
  explicit BlockingQuestions(Store store) : questions_(std::move(store)) {}

  Result<AnswerPage<UserEntry>> users(PageOptions options = {});
  Result<AnswerPage<PendingCapture>> pending(PendingOptions options = {});
  Result<AnswerPage<SeenPayment>> payments(PaymentsOptions options = {});
  Result<AnswerPage<EndedCapture>> ended(UserId user, PageOptions options = {});
  Result<std::vector<PaymentStory>> payment(std::vector<TransactionId> names, CallOptions options = {});

 private:
  Questions questions_;
};

}  // namespace loopstate
