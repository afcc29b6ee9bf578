// Runs calls of the store together, one step of one of them at a time, in an order that the test chooses: a
// step is what a call does between two requests to the engine. So a call may stand still, as a process does
// that is stopped, while others do what they like.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "store/hooked_table.hpp"

namespace loopstate::testing {

/// Where calls wait until they are let go. `enter` blocks its thread.
class Gate {
 public:
  explicit Gate(std::size_t callers) : states_(callers, State::Running) {}

  /// By the caller, before each request.
  void enter(std::size_t caller);
  void end(std::size_t caller);

  /// By the test, once all callers wait or have ended: those that wait.
  std::vector<std::size_t> waiting();
  void let_go(std::size_t caller);
  bool has_ended(std::size_t caller);

 private:
  enum class State : std::uint8_t { Running, Waiting, Ended };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<State> states_;
};

/// One caller's way to the table.
class GateTable : public table::Table {
 public:
  GateTable(std::shared_ptr<table::Table> engine, Gate* gate, std::size_t caller)
      : engine_(std::move(engine)), gate_(gate), caller_(caller) {}

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
  std::string cursor_after(const table::Key& key) const override { return engine_->cursor_after(key); }
  std::string identity() const override { return engine_->identity(); }
  Task<Result<table::InitOutcome>> initialise(table::Call call) override;
  Task<std::vector<table::Finding>> diagnose(table::Call call) override;

 private:
  std::shared_ptr<table::Table> engine_;
  Gate* gate_;
  std::size_t caller_;
};

/// Runs the calls, each on a thread of its own. `choose` says which of those that wait does its next step.
/// Returns for each when it did its first step and when its last.
struct Span {
  std::size_t begun = 0, ended = 0;
};
std::vector<Span> run_stepwise(Gate& gate, std::vector<std::function<void()>> calls,
                               const std::function<std::size_t(const std::vector<std::size_t>&)>& choose);

}  // namespace loopstate::testing
