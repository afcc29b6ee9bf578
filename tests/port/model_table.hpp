// The reference model of the table port: a map under a mutex, written to be obviously right. Engines are
// compared with it, and the tests of the rules run on it. It can lose replies, fail, and let a test
// intervene.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "table/table.hpp"

namespace loopstate::table {

class ModelTable : public Table {
 public:
  enum class Kind : std::uint8_t { Get, BatchGet, Put, UpdateItem, Erase, BatchPut, Transact, Query, Scan };

  struct LoggedCall {
    Kind kind = Kind::Get;
    std::vector<Key> keys;  ///< of a query: the partition with an empty sort key; of a scan: none
    std::string token;      ///< of a transaction
    std::optional<Instant> maybe_done_since = std::nullopt;
  };

  ModelTable();
  ~ModelTable() override;

  Task<Result<std::optional<Item>>> get(Key key, Call call) override;
  Task<Result<std::vector<Result<std::optional<Item>>>>> batch_get(std::vector<Key> keys, Call call) override;
  Task<Result<WriteOutcome>> put(Put put, Call call) override;
  Task<Result<WriteOutcome>> update(UpdateItem update, Call call) override;
  Task<Result<WriteOutcome>> erase(Erase erase, Call call) override;
  Task<Result<void>> batch_put(std::vector<Item> items, Call call) override;
  Task<Result<TransactOutcome>> transact(std::vector<Operation> operations, std::string token,
                                         Call call) override;
  Task<Result<Page>> query(Query query, Call call) override;
  Task<Result<Page>> scan(Scan scan, Call call) override;
  std::string cursor_after(const Key& key) const override;
  std::string identity() const override { return std::to_string(reinterpret_cast<std::uintptr_t>(this)); }
  Task<Result<InitOutcome>> initialise(Call call) override;
  Task<std::vector<Finding>> diagnose(Call call) override;

  // What a test may do behind the callers' backs. These are not calls: neither logged nor made to fail.

  /// The stored item, expired or not.
  std::optional<Item> peek(const Key& key) const;
  /// Every stored item by key, expired or not.
  std::vector<Item> all() const;
  /// Stores the item as it is, unchecked.
  void place(Item item);
  void drop(const Key& key);
  /// Removes what has expired, as the service does some day; returns how many.
  std::size_t sweep(Timestamp now);

  /// The next `count` writes are made, but answer with `code`.
  void lose_replies(std::size_t count, ErrorCode code = ErrorCode::OutcomeUnknown);
  /// The next `count` writes are not made, and answer with `code`.
  void fail_writes(std::size_t count, ErrorCode code = ErrorCode::Unavailable);
  /// The next `count` reads answer with `code`.
  void fail_reads(std::size_t count, ErrorCode code = ErrorCode::Unavailable);
  /// Runs `callback` once, just before the next call of that kind takes place, after letting `skip` of them
  /// pass. The callback may use this table; calls that it makes trigger no callbacks.
  void before_next(Kind kind, std::function<void()> callback, std::size_t skip = 0);
  /// Pages of queries and scans end after this many stored items, including expired ones; 0: after 1 MB.
  void limit_pages(std::size_t items);

  std::vector<LoggedCall> log() const;
  std::size_t calls() const;
  std::size_t calls(Kind kind) const;
  void clear_log();

 private:
  struct Fault {
    std::size_t count = 0;
    ErrorCode code = ErrorCode::Unavailable;
  };
  struct Interruption {
    Kind kind = Kind::Get;
    std::size_t skip = 0;
    std::function<void()> callback;
  };
  struct Remembered {
    std::vector<Operation> operations;
    Timestamp until{};
  };

  Result<void> begin(Kind kind, std::vector<Key> keys, const Call& call, std::string token = "");
  void interrupt(Kind kind);
  /// With the lock held.
  const Item* find_live(const Key& key, Timestamp now) const;
  Result<WriteOutcome> write(const Operation& operation, Timestamp now);
  Result<WriteOutcome> single_write(Kind kind, const Operation& operation, const Call& call);
  Result<TransactOutcome> transact_now(const std::vector<Operation>& operations, const std::string& token,
                                       Timestamp now);
  Result<void> reply();

  mutable std::mutex mutex_;
  std::map<Key, Item> items_;
  std::map<std::string, Remembered> tokens_;
  bool initialised_ = false;
  Fault lost_replies_, failing_writes_, failing_reads_;
  std::vector<Interruption> interruptions_;
  std::size_t page_items_ = 0;
  std::vector<LoggedCall> log_;
};

}  // namespace loopstate::table
