// Any table, with a test in between: counts calls, lets a test intervene before one, repeats writes like an
// engine whose replies are lost, loses replies for good, and has items that cannot be read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "table/table.hpp"

namespace loopstate::testing {

class HookedTable : public table::Table {
 public:
  explicit HookedTable(std::shared_ptr<table::Table> inner) : inner_(std::move(inner)) {}

  /// Runs `callback` once, just before the next call (after letting `skip` calls pass) reaches the engine.
  /// Calls that it makes itself bypass the hooks.
  void before_next_call(std::function<void()> callback, std::size_t skip = 0);
  /// Runs `callback` before each call, and lets it pass. To be said before the first one.
  void before_each_call(std::function<void()> callback);
  /// As before_next_call, between a write that was applied and its repetition, while repeating.
  void before_next_repetition(std::function<void()> callback);
  enum class Repeats : std::uint8_t { None, Applied, All };
  /// Sends these writes twice and returns the second result, as an engine does if the first reply
  /// is lost.
  void repeat_writes(Repeats repeats);
  void repeat_writes(bool repeat) { repeat_writes(repeat ? Repeats::All : Repeats::None); }
  /// The next `count` writes that are applied answer OutcomeUnknown.
  void lose_replies(std::size_t count);

  /// The next `count` writes are not made, and answer Unavailable.
  void fail_writes(std::size_t count);

  /// From now on `count` calls reach the engine; then it is gone, and all further ones answer Unavailable.
  void go_away_after(std::size_t count);
  void come_back();

  /// From now on the engine cannot read this item, as the embedded one cannot read a damaged record:
  /// an unconditional put or erase replaces it, anything else is refused by name. What the engine holds
  /// stays.
  void damage(table::Key key);

  /// Calls since this was last asked.
  std::size_t take_calls();

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
  std::string cursor_after(const table::Key& key) const override { return inner_->cursor_after(key); }
  std::string identity() const override { return inner_->identity(); }
  Task<Result<table::InitOutcome>> initialise(table::Call call) override;
  Task<std::vector<table::Finding>> diagnose(table::Call call) override;

 private:
  struct Hook {
    std::function<void()> callback;
    std::size_t skip = 0;
  };

  /// A write of this item; what becomes of the damage to it, or why the write is refused.
  Result<void> write_over(const table::Operation& operation);
  Result<table::Page> past_damage(Result<table::Page> page, bool asked);

  /// Whether the engine is gone.
  bool begin();
  bool repeats(bool was_applied);
  bool failing();
  template <typename Write>
  Task<Result<table::WriteOutcome>> write(
      Task<Result<table::WriteOutcome>> (table::Table::*make)(Write, table::Call), Write what,
      table::Call call);
  template <typename T>
  Result<T> reply(Result<T> outcome);

  std::shared_ptr<table::Table> inner_;
  std::mutex mutex_;
  std::deque<Hook> hooks_;
  std::function<void()> before_each_;
  std::function<void()> between_;
  Repeats repeats_ = Repeats::None;
  bool in_hook_ = false;
  std::size_t lost_ = 0;
  std::size_t failing_ = 0;
  std::size_t calls_ = 0;
  std::set<table::Key> damaged_;
  std::optional<std::size_t> left_;  ///< calls until the engine goes away
};

}  // namespace loopstate::testing
