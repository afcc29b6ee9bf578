// The table port: what the rules need from a table, and what every engine provides. Nothing here knows the
// domain.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"
#include "table/condition.hpp"
#include "table/update.hpp"
#include "table/value.hpp"

namespace loopstate::table {

/// What a read may show.
enum class Consistency : std::uint8_t {
  Strong,  ///< every write that was answered before the read began
  /// Any earlier state, of each item its own: for reads that only plan a conditional write, and for callers
  /// who asked for it. Cheaper, or answered from memory, on the engines where that makes a difference; the
  /// others ignore it.
  MayBeStale
};

/// Passed down with every call.
struct Call {
  Timestamp now{};  ///< an item whose `ttl` is a number of seconds at or below this does not exist
  Deadline deadline = Deadline::max();
  Consistency consistency = Consistency::Strong;  ///< of get, batch_get, query and scan; writes ignore it
  /// Of a transaction: since when a sending under its token may have been done, if there was one already.
  std::optional<Instant> maybe_done_since = std::nullopt;
};

inline constexpr std::size_t kMaxBatchGetKeys = 100;
inline constexpr std::size_t kMaxBatchPutItems = 25;
inline constexpr std::size_t kMaxTransactOperations = 100;
inline constexpr std::size_t kMaxTransactBytes = 4u << 20;
inline constexpr std::size_t kMaxItemBytes = 400u << 10;
inline constexpr std::size_t kMaxTokenBytes = 36;

/// Writes the whole item over whatever is there.
struct Put {
  Item item;
  Condition condition;
  friend bool operator==(const Put&, const Put&) = default;
};

/// Changes an item. It must be live: if it is not, the write is refused, whatever the condition says.
struct UpdateItem {
  Key key;
  Update update;
  Condition condition;
  friend bool operator==(const UpdateItem&, const UpdateItem&) = default;
};

/// Removes an item; one that does not exist counts as removed.
struct Erase {
  Key key;
  Condition condition;
  friend bool operator==(const Erase&, const Erase&) = default;
};

/// In a transaction: checks the condition only.
struct Check {
  Key key;
  Condition condition;
  friend bool operator==(const Check&, const Check&) = default;
};

/// What became of a single write.
struct WriteOutcome {
  /// False: the condition did not hold, and nothing changed.
  bool applied = false;
  /// Applied: after an update the item as it is now; after a put or an erase the live item that was there
  /// before. Refused: the live item that refused it. Nothing if there was no live item.
  std::optional<Item> item;
  /// Refused, but an earlier sending of this very write, whose reply was lost, may have been applied: what is
  /// there now may have been written after it.
  bool may_have_been_applied = false;
};

using Operation = std::variant<Put, UpdateItem, Erase, Check>;

/// What became of a transaction: all of it, or nothing.
struct TransactOutcome {
  struct Refusal {
    bool refused = false;
    std::optional<Item> item;  ///< the live item that refused this operation
  };
  bool applied = false;
  std::vector<Refusal> refusals;  ///< one per operation, in order, when not applied; otherwise empty
};

/// A range of sort keys, ends included. An absent end is open.
struct SortRange {
  std::optional<std::string> first;
  std::optional<std::string> last;
  /// Every sort key that begins with `prefix` (never empty). Excludes both ends.
  std::optional<std::string> prefix;
};

struct Query {
  std::string pk;
  SortRange range;
  bool descending = false;
  /// At most this many live items, including those in `Page::damaged`; 0: as many as a page holds.
  std::size_t limit = 0;
  /// `Page::next` of the previous page: an opaque text from this engine, valid for the same query only.
  std::optional<std::string> cursor;
  /// What to do about an item whose stored bytes cannot be read. False: the call fails with the CorruptItem
  /// that names it, so that nobody takes a part for the whole. True: it is reported in `Page::damaged`, and
  /// the page continues after it.
  bool past_damage = false;
};

struct Scan {
  std::size_t limit = 0;
  std::optional<std::string> cursor;
  /// Parallel scans: this caller's part, 0 to segments - 1.
  std::uint32_t segment = 0;
  std::uint32_t segments = 1;
  bool past_damage = false;  ///< as in a query
  /// Only items whose partition key, and whose sort key, begin with this; empty: all. An engine that holds
  /// its items in the order of their keys reads only those partitions; a server reads, and charges for, all
  /// that it passes over. A page is what one request finds: it may hold fewer than `limit` items, or none,
  /// and still have a next one.
  std::string pk_prefix = {};
  std::string sk_prefix = {};
  bool has_prefix() const noexcept { return !pk_prefix.empty() || !sk_prefix.empty(); }
  bool selects(const Key& key) const noexcept {
    return key.pk.starts_with(pk_prefix) && key.sk.starts_with(sk_prefix);
  }
};

/// An item that exists but whose stored bytes cannot be read.
struct DamagedItem {
  Key key;                 ///< as far as it can be read: either part may be empty
  Error error;             ///< CorruptItem, naming the item and what is wrong with it
  std::size_t before = 0;  ///< how many of the page's items come before it
};

/// About 1 MB at most. A page may be empty and still have a next page.
struct Page {
  std::vector<Item> items;
  /// In page order. Empty unless asked for (`past_damage`), and always empty on an engine whose server hands
  /// out whole items or none. Nobody knows whether such an item has expired: it is always reported.
  std::vector<DamagedItem> damaged;
  std::optional<std::string> next;
  // For a scan with a prefix:
  std::size_t examined = 0;  ///< how many items were looked at to find these, expired ones included
  double read_units = 0;     ///< what the server charged for that; 0 on an engine without one
};

/// One line of a diagnosis: what was examined, what was found, and what to do about it.
struct Finding {
  enum class Level : std::uint8_t { Good, Warning, Bad };
  Level level = Level::Good;
  std::string subject;  ///< e.g. "credentials"
  std::string detail;   ///< a sentence
  std::string advice;   ///< what to do; empty if all is well
};

/// Table::inspect: the subject of a finding about one unreadable item, which a scan past damage names too.
inline constexpr const char* kItemSubject = "item";

struct InitOutcome {
  bool created = false;  ///< false: it existed, with the right shape, and nothing was done
  std::string detail;    ///< a sentence for a person
};

/// One moment of a table, for reading all of it. While it exists, the space of what it shows cannot be
/// reused: do not keep it long.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  /// Like Table::scan, unaffected by concurrent writes. Its cursors are valid for this snapshot only.
  virtual Task<Result<Page>> scan(Scan scan, Call call) = 0;
};

/// One table, by whatever engine. Reads are strongly consistent unless the call says otherwise, and never
/// show an expired item.
///
/// The engine may send a write more than once when a reply is lost: so a single write is either an
/// unconditional one whose repetition changes nothing, or carries a condition that refuses a repetition (and
/// leaves in the item what lets the caller recognise its own write in the refusal's item). A repetition that
/// was refused says so (WriteOutcome::may_have_been_applied). A transaction is repeated under its token, so
/// that its answer holds for all its sendings, and never once the token may have been forgotten
/// (OutcomeUnknown).
///
/// An update whose condition holds but that does not fit the item (see update.hpp) is an InvalidArgument, or
/// an ItemTooLarge if the item would grow over 400 KB; in a transaction that error takes precedence over any
/// refusal.
///
/// Errors of all calls: InvalidArgument (a key, value or request out of bounds), ItemTooLarge (before
/// anything is sent), DeadlineExceeded, Cancelled, the engine's failures; for writes also OutcomeUnknown. A
/// refused condition is an outcome, not an error.
///
/// May be called from several threads. Arguments are taken by value, since a call outlives the expression
/// that starts it.
class Table {
 public:
  virtual ~Table() = default;

  virtual Task<Result<std::optional<Item>>> get(Key key, Call call) = 0;

  /// 1 to 100 different keys; results in the order asked, one for each key.
  virtual Task<Result<std::vector<Result<std::optional<Item>>>>> batch_get(std::vector<Key> keys,
                                                                           Call call) = 0;

  virtual Task<Result<WriteOutcome>> put(Put put, Call call) = 0;
  virtual Task<Result<WriteOutcome>> update(UpdateItem update, Call call) = 0;
  virtual Task<Result<WriteOutcome>> erase(Erase erase, Call call) = 0;

  /// 1 to 25 items with different keys, written unconditionally and not atomically: after an error some may
  /// be stored.
  virtual Task<Result<void>> batch_put(std::vector<Item> items, Call call) = 0;

  /// 1 to 100 operations on different items, 4 MB in total, all or nothing. `token` is 1 to 36 characters:
  /// for ten minutes, the same operations under the same token are done once (a repeat answers `applied`);
  /// other operations under it are refused with InvalidArgument.
  virtual Task<Result<TransactOutcome>> transact(std::vector<Operation> operations, std::string token,
                                                 Call call) = 0;

  /// Not a consistent cut on every engine: items may change between two pages.
  virtual Task<Result<Page>> query(Query query, Call call) = 0;
  virtual Task<Result<Page>> scan(Scan scan, Call call) = 0;

  /// The table as it is now. Null on an engine that has no snapshots: then a scan is all there is. Outlives
  /// the table.
  virtual Result<std::shared_ptr<Snapshot>> snapshot() { return nullptr; }
  /// What is wrong with the engine's own storage, examined as a whole; an engine without storage reports
  /// nothing. Takes as long as reading all of it.
  virtual Task<Result<std::vector<Finding>>> inspect(Call call);

  /// Creates what the engine needs; does nothing if it all exists. TableMismatch says what differs.
  virtual Task<Result<InitOutcome>> initialise(Call call) = 0;
  virtual Task<std::vector<Finding>> diagnose(Call call) = 0;

  /// Does ahead of the first call what it would otherwise have to wait for: finds credentials, looks the name
  /// up, connects. Reads and writes nothing. The errors of connecting, which say nothing about later calls.
  virtual Task<Result<void>> warm_up(Deadline deadline);

  /// Seconds to add to this machine's clock (and nobody else's): the error that the server's replies show,
  /// for as long as they show it. 0 on an engine that has no server.
  virtual std::chrono::seconds clock_offset() const noexcept { return {}; }

  /// The cursor of a scan's page that would have ended with the item of this key.
  virtual std::string cursor_after(const Key& key) const = 0;

  /// Tells this table from others, so that what one of them handed out (a page's cursor) is not taken for
  /// something of another's. Empty: the engine cannot tell.
  virtual std::string identity() const { return {}; }

  /// Requests sent to a server since this table was opened, retries included; 0 on an engine that has none.
  virtual std::uint64_t requests_sent() const noexcept { return 0; }

  /// Calls made on the table itself because the cluster in front of it was down; 0 without a cluster.
  virtual std::uint64_t fallbacks() const noexcept { return 0; }
};

}  // namespace loopstate::table
