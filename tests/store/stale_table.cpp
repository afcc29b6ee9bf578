#include "store/stale_table.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "table/expiry.hpp"
#include "table/limits.hpp"

namespace loopstate::testing {

using namespace table;

namespace {

bool is_in(const SortRange& range, const std::string& sort) {
  if (range.prefix) return sort.starts_with(*range.prefix);
  return (!range.first || sort >= *range.first) && (!range.last || sort <= *range.last);
}

bool is_strong(const Call& call) {
  return call.consistency == Consistency::Strong;
}

}  // namespace

StaleTable::StaleTable(std::shared_ptr<Table> inner, Shows shows, std::uint64_t seed)
    : inner_(std::move(inner)), shows_(shows), random_(seed) {}

StaleTable::State StaleTable::show(const Key& key, Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(key);
  if (found == states_.end() || shows_ == Shows::Nothing) return std::nullopt;
  const auto& states = found->second;
  // 0 is what was there before the first.
  auto at = states.size() - 1;
  if (shows_ == Shows::Any) at = std::uniform_int_distribution<std::size_t>(0, states.size())(random_);
  return at == 0 ? std::nullopt : live(states[at - 1], now);
}

Task<void> StaleTable::note(std::vector<Key> written) {
  for (auto& key : written) {
    const Call sees_all{{}, Deadline::max()};
    auto copy = key;
    auto state = co_await inner_->get(std::move(copy), sees_all);
    if (!state) continue;
    const std::lock_guard lock(mutex_);
    auto& states = states_[std::move(key)];
    if (states.empty() || states.back() != *state) states.push_back(std::move(*state));
  }
}

Task<Result<std::optional<Item>>> StaleTable::get(Key key, Call call) {
  if (is_strong(call)) co_return co_await inner_->get(std::move(key), call);
  co_return show(key, call.now);
}

Task<Result<std::vector<Result<std::optional<Item>>>>> StaleTable::batch_get(std::vector<Key> keys,
                                                                             Call call) {
  if (is_strong(call)) co_return co_await inner_->batch_get(std::move(keys), call);
  std::vector<Result<std::optional<Item>>> answers;
  for (const auto& key : keys) answers.emplace_back(show(key, call.now));
  co_return answers;
}

Task<Result<WriteOutcome>> StaleTable::put(Put put, Call call) {
  std::vector<Key> written{put.item.key};
  auto outcome = co_await inner_->put(std::move(put), call);
  co_await note(std::move(written));
  co_return outcome;
}

Task<Result<WriteOutcome>> StaleTable::update(UpdateItem update, Call call) {
  std::vector<Key> written{update.key};
  auto outcome = co_await inner_->update(std::move(update), call);
  co_await note(std::move(written));
  co_return outcome;
}

Task<Result<WriteOutcome>> StaleTable::erase(Erase erase, Call call) {
  std::vector<Key> written{erase.key};
  auto outcome = co_await inner_->erase(std::move(erase), call);
  co_await note(std::move(written));
  co_return outcome;
}

Task<Result<void>> StaleTable::batch_put(std::vector<Item> items, Call call) {
  std::vector<Key> written;
  for (const auto& item : items) written.push_back(item.key);
  auto outcome = co_await inner_->batch_put(std::move(items), call);
  co_await note(std::move(written));
  co_return outcome;
}

Task<Result<TransactOutcome>> StaleTable::transact(std::vector<Operation> operations, std::string token,
                                                   Call call) {
  std::vector<Key> written;
  for (const auto& operation : operations) written.push_back(key_of(operation));
  auto outcome = co_await inner_->transact(std::move(operations), std::move(token), call);
  co_await note(std::move(written));
  co_return outcome;
}

Task<Result<Page>> StaleTable::query(Query query, Call call) {
  // Pages of a stale moment would need that moment kept for their cursors.
  if (is_strong(call) || query.limit > 0 || query.cursor) {
    call.consistency = Consistency::Strong;
    co_return co_await inner_->query(std::move(query), call);
  }
  std::vector<Key> keys;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, states] : states_) {
      if (key.pk == query.pk && is_in(query.range, key.sk)) keys.push_back(key);
    }
  }
  Page page;
  for (const auto& key : keys) {
    if (auto item = show(key, call.now)) page.items.push_back(std::move(*item));
  }
  if (query.descending) std::ranges::reverse(page.items);
  co_return page;
}

Task<Result<Page>> StaleTable::scan(Scan scan, Call call) {
  return inner_->scan(std::move(scan), call);
}

Task<Result<InitOutcome>> StaleTable::initialise(Call call) {
  return inner_->initialise(call);
}

Task<std::vector<Finding>> StaleTable::diagnose(Call call) {
  return inner_->diagnose(call);
}

}  // namespace loopstate::testing
