// The engine over a DAX cluster: the items of a DynamoDB table, through the cluster's memory.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dax/caller.hpp"
#include "table/table.hpp"

namespace loopstate::dax {

struct TableSettings {
  std::string table;
  CallerSettings caller;
};

/// The table port over a cluster. A cluster knows nothing about tables as such: `initialise` is Unsupported,
/// and `diagnose` reports on the cluster alone. Reads that may be stale are answered from the cluster's
/// memory; the others it passes on to the table.
///
/// A refused single write does not return an item; the item is read afterwards, and counts as the one that
/// refused the write if it does not meet the condition either. If it does, somebody changed it in between,
/// and the write is made again.
///
/// May be called from several threads and event loops.
class DaxTable final : public table::Table {
 public:
  /// Connects nothing yet.
  DaxTable(TableSettings settings, std::shared_ptr<Cluster> cluster);

  Task<Result<std::optional<table::Item>>> get(table::Key key, table::Call call) override;
  Task<Result<std::vector<Result<std::optional<table::Item>>>>> batch_get(std::vector<table::Key> keys,
                                                                          table::Call call) override;
  Task<Result<table::WriteOutcome>> put(table::Put put, table::Call call) override;
  Task<Result<table::WriteOutcome>> update(table::UpdateItem update, table::Call call) override;
  Task<Result<table::WriteOutcome>> erase(table::Erase erase, table::Call call) override;
  Task<Result<void>> batch_put(std::vector<table::Item> items, table::Call call) override;
  Task<Result<table::TransactOutcome>> transact(std::vector<table::Operation> operations, std::string token,
                                                table::Call call) override;
  Task<Result<table::Page>> query(table::Query query, table::Call call) override;
  Task<Result<table::Page>> scan(table::Scan scan, table::Call call) override;
  Task<Result<table::InitOutcome>> initialise(table::Call call) override;
  Task<std::vector<table::Finding>> diagnose(table::Call call) override;
  /// Learns the nodes, connects to one and checks that the table's keys are ours.
  Task<Result<void>> warm_up(Deadline deadline) override;
  std::string cursor_after(const table::Key& key) const override;
  std::uint64_t requests_sent() const noexcept override { return caller_.requests_sent(); }

 private:
  bool keys_are_checked() const noexcept { return keys_checked_.load(std::memory_order_relaxed); }
  /// Before the first call: TableMismatch unless the table's keys are ours.
  Task<Result<void>> check_keys(Deadline deadline);
  /// Writes an item, reads it from the cluster's memory and removes it.
  Task<table::Finding> probe_write(table::Call call);
  Task<Result<void>> ask(Request request, Deadline deadline);
  Task<Result<table::WriteOutcome>> write(table::Operation operation, table::Call call);
  Task<Result<std::optional<table::Item>>> read_item(table::Key key, table::Call call);
  /// A page's request. `limit` 0: none.
  using MakeBytes = std::function<std::string(std::size_t limit, const std::optional<table::Key>& after)>;
  Task<Result<table::Page>> pages(Method method, std::size_t limit, std::optional<std::string> cursor,
                                  MakeBytes make_bytes, table::Call call);

  TableSettings settings_;
  Caller caller_;
  std::atomic<bool> keys_checked_{false};
  std::shared_ptr<async::SingleFlight> flights_ = std::make_shared<async::SingleFlight>();
};

}  // namespace loopstate::dax
