// Any table, whose reads that may be stale are as stale as the port lets them be: an older state of each item
// by itself, or nothing. It keeps every state of every item that is written through it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <vector>

#include "table/table.hpp"

namespace loopstate::testing {

class StaleTable final : public table::Table {
 public:
  /// Which state a read that may be stale shows.
  enum class Shows : std::uint8_t {
    Nothing,   ///< as if nothing had ever been written
    Previous,  ///< the one before the last write; of an item that was written once, nothing
    Any        ///< any of all so far, drawn by `seed`
  };

  StaleTable(std::shared_ptr<table::Table> inner, Shows shows, std::uint64_t seed = 1);

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
  std::string cursor_after(const table::Key& key) const override { return inner_->cursor_after(key); }
  std::string identity() const override { return inner_->identity(); }

 private:
  using State = std::optional<table::Item>;

  State show(const table::Key& key, Timestamp now);
  Task<void> note(std::vector<table::Key> written);

  std::shared_ptr<table::Table> inner_;
  Shows shows_;
  std::mutex mutex_;
  std::mt19937_64 random_;
  std::map<table::Key, std::vector<State>>
      states_;  ///< the last is the present one; before the first was nothing
};

}  // namespace loopstate::testing
