// The engine over Amazon DynamoDB's protocol.
#pragma once

#include <memory>
#include <string>

#include "dynamodb/caller.hpp"
#include "dynamodb/sender.hpp"
#include "table/table.hpp"

namespace loopstate::dynamodb {

struct TableSettings {
  std::string table;
  std::string index = "CardFingerprintIndex";
  std::string place = {};  ///< where the table is: host and port
  CallerSettings caller;
};

/// The table port over a Sender. Reads that may be stale are eventually consistent, at half the price.
/// Expired items are hidden by the conditions that go with each write, and removed from what is read. May be
/// called from several threads and event loops.
class DynamoDbTable final : public table::Table {
 public:
  /// InvalidArgument: the table's or the index's name is not valid (3 to 255 characters `a-z A-Z 0-9 _ . -`).
  static Result<std::shared_ptr<DynamoDbTable>> create(TableSettings settings,
                                                       std::shared_ptr<Sender> sender);

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
  std::string cursor_after(const table::Key& key) const override;
  std::string identity() const override;
  std::uint64_t requests_sent() const noexcept override { return caller_.requests_sent(); }
  std::chrono::seconds clock_offset() const noexcept override { return caller_.clock().offset(); }
  Task<Result<void>> warm_up(Deadline deadline) override;

 private:
  DynamoDbTable(TableSettings settings, std::shared_ptr<Sender> sender);

  Task<Result<table::WriteOutcome>> write(Operation operation, std::string body, table::Call call);
  struct PageBounds {
    std::size_t limit = 0;
    bool filtered = false;  ///< by the service: its limit would count what it leaves out
  };
  template <typename MakeBody>
  Task<Result<table::Page>> pages(Operation operation, PageBounds bounds, std::optional<std::string> cursor,
                                  MakeBody make_body, table::Call call);

  TableSettings settings_;
  Caller caller_;
};

}  // namespace loopstate::dynamodb
