#include "store/hooked_table.hpp"

#include <boost/asio/awaitable.hpp>

#include "table/limits.hpp"

namespace loopstate::testing {

using namespace table;

namespace {

std::unexpected<Error> gone() {
  return fail(ErrorCode::Unavailable, "a test keeps the call from the engine", true);
}

template <typename Outcome>
bool is_applied(const Result<Outcome>& outcome) {
  return outcome && outcome->applied;
}

Error unreadable(const Key& key) {
  return {ErrorCode::CorruptItem, "a test keeps " + key.pk + " / " + key.sk + " from being read", false,
          nullptr};
}

}  // namespace

void HookedTable::before_next_call(std::function<void()> callback, std::size_t skip) {
  const std::lock_guard lock(mutex_);
  hooks_.push_back({std::move(callback), skip});
}

void HookedTable::before_each_call(std::function<void()> callback) {
  before_each_ = std::move(callback);
}

void HookedTable::before_next_repetition(std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  between_ = std::move(callback);
}

void HookedTable::repeat_writes(Repeats repeats) {
  const std::lock_guard lock(mutex_);
  repeats_ = repeats;
}

void HookedTable::lose_replies(std::size_t count) {
  const std::lock_guard lock(mutex_);
  lost_ = count;
}

void HookedTable::fail_writes(std::size_t count) {
  const std::lock_guard lock(mutex_);
  failing_ = count;
}

void HookedTable::go_away_after(std::size_t count) {
  const std::lock_guard lock(mutex_);
  left_ = count;
}

void HookedTable::come_back() {
  const std::lock_guard lock(mutex_);
  left_.reset();
}

void HookedTable::damage(Key key) {
  const std::lock_guard lock(mutex_);
  damaged_.insert(std::move(key));
}

Result<void> HookedTable::write_over(const Operation& operation) {
  const std::lock_guard lock(mutex_);
  const auto found = damaged_.find(key_of(operation));
  if (found == damaged_.end()) return {};
  const bool replaces = std::holds_alternative<Put>(operation) || std::holds_alternative<Erase>(operation);
  if (!replaces || condition_of(operation).kind() != Condition::Kind::Always) {
    return std::unexpected(unreadable(*found));
  }
  damaged_.erase(found);
  return {};
}

Result<Page> HookedTable::past_damage(Result<Page> page, bool asked) {
  const std::lock_guard lock(mutex_);
  if (!page || damaged_.empty()) return page;
  std::vector<Item> sound;
  for (auto& item : page->items) {
    if (!damaged_.contains(item.key)) {
      sound.push_back(std::move(item));
      continue;
    }
    if (!asked) return std::unexpected(unreadable(item.key));
    page->damaged.push_back({item.key, unreadable(item.key), sound.size()});
  }
  page->items = std::move(sound);
  return page;
}

bool HookedTable::failing() {
  const std::lock_guard lock(mutex_);
  if (in_hook_ || failing_ == 0) return false;
  --failing_;
  return true;
}

std::size_t HookedTable::take_calls() {
  const std::lock_guard lock(mutex_);
  return std::exchange(calls_, 0);
}

bool HookedTable::begin() {
  if (before_each_) before_each_();
  std::function<void()> callback;
  {
    const std::lock_guard lock(mutex_);
    if (in_hook_) return false;
    ++calls_;
    if (left_ && *left_ == 0) return true;
    if (left_) --*left_;
    if (hooks_.empty()) return false;
    if (hooks_.front().skip > 0) {
      --hooks_.front().skip;
      return false;
    }
    callback = std::move(hooks_.front().callback);
    hooks_.pop_front();
    in_hook_ = true;
  }
  callback();
  const std::lock_guard lock(mutex_);
  in_hook_ = false;
  return false;
}

bool HookedTable::repeats(bool was_applied) {
  std::function<void()> callback;
  {
    const std::lock_guard lock(mutex_);
    if (in_hook_ || repeats_ == Repeats::None || (repeats_ == Repeats::Applied && !was_applied)) return false;
    if (was_applied) callback = std::exchange(between_, nullptr);
    in_hook_ = true;
  }
  if (callback) callback();
  const std::lock_guard lock(mutex_);
  in_hook_ = false;
  return true;
}

template <typename T>
Result<T> HookedTable::reply(Result<T> outcome) {
  const std::lock_guard lock(mutex_);
  if (in_hook_ || lost_ == 0 || !is_applied(outcome)) return outcome;
  --lost_;
  return fail(ErrorCode::OutcomeUnknown, "a test lost the reply");
}

Task<Result<std::optional<Item>>> HookedTable::get(Key key, Call call) {
  if (begin()) co_return gone();
  {
    const std::lock_guard lock(mutex_);
    if (damaged_.contains(key)) co_return std::unexpected(unreadable(key));
  }
  co_return co_await inner_->get(std::move(key), call);
}

Task<Result<std::vector<Result<std::optional<Item>>>>> HookedTable::batch_get(std::vector<Key> keys,
                                                                              Call call) {
  if (begin()) co_return gone();
  const auto asked = keys;
  auto answers = co_await inner_->batch_get(std::move(keys), call);
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; answers && i < asked.size(); ++i) {
    if (damaged_.contains(asked[i])) (*answers)[i] = std::unexpected(unreadable(asked[i]));
  }
  co_return answers;
}

template <typename Write>
Task<Result<WriteOutcome>> HookedTable::write(Task<Result<WriteOutcome>> (Table::*make)(Write, Call),
                                              Write what, Call call) {
  if (begin() || failing()) co_return gone();
  const Operation operation = what;
  if (auto ok = write_over(operation); !ok) co_return std::unexpected(std::move(ok.error()));
  auto again = what;
  auto outcome = co_await (inner_.get()->*make)(std::move(what), call);
  if (repeats(is_applied(outcome))) {
    outcome = co_await (inner_.get()->*make)(std::move(again), call);
    if (outcome && !outcome->applied) outcome->may_have_been_applied = true;
  }
  co_return reply(std::move(outcome));
}

Task<Result<WriteOutcome>> HookedTable::put(Put put, Call call) {
  return write(&Table::put, std::move(put), call);
}

Task<Result<WriteOutcome>> HookedTable::update(UpdateItem update, Call call) {
  return write(&Table::update, std::move(update), call);
}

Task<Result<WriteOutcome>> HookedTable::erase(Erase erase, Call call) {
  return write(&Table::erase, std::move(erase), call);
}

Task<Result<void>> HookedTable::batch_put(std::vector<Item> items, Call call) {
  if (begin()) co_return gone();
  co_return co_await inner_->batch_put(std::move(items), call);
}

Task<Result<TransactOutcome>> HookedTable::transact(std::vector<Operation> operations, std::string token,
                                                    Call call) {
  if (begin() || failing()) co_return gone();
  for (const auto& operation : operations) {
    if (auto ok = write_over(operation); !ok) co_return std::unexpected(std::move(ok.error()));
  }
  auto again = operations;
  auto outcome = co_await inner_->transact(std::move(operations), token, call);
  if (repeats(is_applied(outcome))) outcome = co_await inner_->transact(std::move(again), token, call);
  co_return reply(std::move(outcome));
}

Task<Result<Page>> HookedTable::query(Query query, Call call) {
  if (begin()) co_return gone();
  const bool asked = query.past_damage;
  co_return past_damage(co_await inner_->query(std::move(query), call), asked);
}

Task<Result<Page>> HookedTable::scan(Scan scan, Call call) {
  if (begin()) co_return gone();
  const bool asked = scan.past_damage;
  co_return past_damage(co_await inner_->scan(std::move(scan), call), asked);
}

Task<Result<InitOutcome>> HookedTable::initialise(Call call) {
  return inner_->initialise(call);
}

Task<std::vector<Finding>> HookedTable::diagnose(Call call) {
  return inner_->diagnose(call);
}

}  // namespace loopstate::testing
