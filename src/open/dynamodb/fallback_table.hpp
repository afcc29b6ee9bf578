// A table behind a cluster: calls go through the cluster, and to the table itself while the cluster is away.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "log/log.hpp"
#include "open/dynamodb/fallback.hpp"
#include "table/table.hpp"

namespace loopstate::engines {

/// Both reach the same table, and a cursor from one is valid for the other. A call that the cluster failed is
/// made on the table itself with what is left of its time. What the cluster may have done already counts as a
/// sending whose reply was lost: a single write is repeated, and a refusal then says that it may have been
/// applied; a transaction is repeated under its token, and unless the answer is that it is done, nobody
/// knows (OutcomeUnknown).
///
/// Scans go to the table itself, since reading all of it would push everything else out of the cluster's
/// memory; so does what only a table's own service does: creating and diagnosing.
///
/// The service also has the time that the cluster wants its callers to have.
///
/// The log says once that the cluster is away, and once that it is back. May be called from several threads.
class FallbackTable final : public table::Table {
 public:
  FallbackTable(std::shared_ptr<table::Table> cluster, std::shared_ptr<table::Table> service, log::Logger log,
                std::chrono::milliseconds quiet = kQuiet)
      : cluster_(std::move(cluster)), service_(std::move(service)), log_(std::move(log)), fallback_(quiet) {}

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
  /// The table's findings, then the cluster's.
  Task<std::vector<table::Finding>> diagnose(table::Call call) override;
  Task<Result<void>> warm_up(Deadline deadline) override;
  std::chrono::seconds clock_offset() const noexcept override { return service_->clock_offset(); }
  std::string cursor_after(const table::Key& key) const override { return service_->cursor_after(key); }
  std::string identity() const override { return service_->identity(); }
  /// Sum over both.
  std::uint64_t requests_sent() const noexcept override {
    return cluster_->requests_sent() + service_->requests_sent();
  }
  std::uint64_t fallbacks() const noexcept override { return fallback_.count(); }

 private:
  template <typename Answer>
  struct Tried {
    Result<Answer> answer;  ///< the cluster's
    Fallback::Verdict verdict = Fallback::Verdict::Stays;
  };
  /// Makes the call on the table that it is given.
  template <typename Answer>
  using Ask = std::function<Task<Result<Answer>>(table::Table& on, table::Call call)>;
  template <typename Answer>
  Task<Tried<Answer>> try_cluster(const Ask<Answer>* ask, table::Call call);
  template <typename Answer>
  Task<Result<Answer>> read(Ask<Answer> ask, table::Call call);
  Task<Result<table::WriteOutcome>> write(std::string_view what, Ask<table::WriteOutcome> ask,
                                          table::Call call);
  /// The cluster refused who is calling: whether that was because this machine's clock is wrong, which by now
  /// the service's time has corrected.
  Task<bool> was_the_clock(table::Call call);
  void note(const Error* error);

  std::shared_ptr<table::Table> cluster_;
  std::shared_ptr<table::Table> service_;
  log::Logger log_;
  Fallback fallback_;
};

}  // namespace loopstate::engines
