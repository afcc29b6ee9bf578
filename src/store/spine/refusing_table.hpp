// A table that refuses every call with one error: what a store with settings out of range is built on.
#pragma once

#include "table/table.hpp"

namespace loopstate::store {

class RefusingTable final : public table::Table {
 public:
  explicit RefusingTable(Error error) : error_(std::move(error)) {}

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
  Task<Result<void>> warm_up(Deadline deadline) override;
  std::string cursor_after(const table::Key&) const override { return {}; }

 private:
  template <typename T>
  Task<Result<T>> refuse() const {
    co_return std::unexpected(error_);
  }

  Error error_;
};

}  // namespace loopstate::store
