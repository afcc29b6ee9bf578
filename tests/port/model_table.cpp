#include "port/model_table.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <chrono>

#include "table/expiry.hpp"
#include "table/limits.hpp"

namespace loopstate::table {
namespace {

constexpr std::chrono::seconds kTokenSeconds{600};
constexpr std::size_t kPageBytes = 1u << 20;
constexpr char kCursorSeparator = '\0';  // no key has one

using Kind = ModelTable::Kind;

bool is_write(Kind kind) {
  return kind == Kind::Put || kind == Kind::UpdateItem || kind == Kind::Erase || kind == Kind::BatchPut ||
         kind == Kind::Transact;
}

bool in_range(const std::string& sk, const SortRange& range) {
  if (range.prefix) return sk.starts_with(*range.prefix);
  return (!range.first || sk >= *range.first) && (!range.last || sk <= *range.last);
}

std::uint32_t segment_of(const std::string& pk, std::uint32_t segments) {
  return static_cast<std::uint32_t>(std::hash<std::string>()(pk) % segments);
}

std::string cursor_at(const Key& key) {
  return key.pk + kCursorSeparator + key.sk;
}

Result<std::optional<Key>> key_at(const std::optional<std::string>& cursor) {
  if (!cursor) return std::nullopt;
  const auto separator = cursor->find(kCursorSeparator);
  if (separator == std::string::npos)
    return fail(ErrorCode::InvalidArgument, "a cursor is not one of this table's");
  return Key{cursor->substr(0, separator), cursor->substr(separator + 1)};
}

/// Reads the candidates, all in order, up to the limits of one page.
Page read_page(const std::vector<const Item*>& candidates, std::size_t limit, std::size_t page_items,
               Timestamp now) {
  Page page;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Item& item = *candidates[i];
    if (is_live(item, now)) page.items.push_back(item);
    bytes += item_size(item);
    const bool full = (limit != 0 && page.items.size() == limit) || bytes >= kPageBytes ||
                      (page_items != 0 && i + 1 == page_items);
    if (!full) continue;
    if (i + 1 < candidates.size()) page.next = cursor_at(item.key);
    break;
  }
  return page;
}

std::optional<Item> copy_of(const Item* item) {
  return item != nullptr ? std::optional<Item>(*item) : std::nullopt;
}

/// What the operation would leave in the table: nothing for an item that is removed, or that did not exist.
Result<std::optional<Item>> outcome_of(const Operation& operation, const Item* current) {
  if (const auto* put = std::get_if<Put>(&operation)) return put->item;
  if (std::holds_alternative<Erase>(operation)) return std::nullopt;
  const auto* update = std::get_if<UpdateItem>(&operation);
  if (update == nullptr) return copy_of(current);
  auto changed = apply(update->update, *current);
  if (!changed) return std::unexpected(changed.error());
  if (auto checked = check_item(*changed); !checked) return std::unexpected(checked.error());
  return std::move(*changed);
}

bool lets_through(const Operation& operation, const Item* current) {
  if (std::holds_alternative<UpdateItem>(operation) && current == nullptr) return false;
  return holds(condition_of(operation), current);
}

}  // namespace

ModelTable::ModelTable() = default;
ModelTable::~ModelTable() = default;

Result<void> ModelTable::begin(Kind kind, std::vector<Key> keys, const Call& call, std::string token) {
  interrupt(kind);
  const std::scoped_lock lock(mutex_);
  log_.push_back({kind, std::move(keys), std::move(token), call.maybe_done_since});
  Fault& fault = is_write(kind) ? failing_writes_ : failing_reads_;
  if (fault.count > 0) {
    --fault.count;
    return fail(fault.code, "the model was told to fail", true);
  }
  if (call.deadline <= std::chrono::steady_clock::now()) {
    return fail(ErrorCode::DeadlineExceeded, "the deadline had passed before the call began");
  }
  return {};
}

void ModelTable::interrupt(Kind kind) {
  std::vector<std::function<void()>> due;
  {
    const std::scoped_lock lock(mutex_);
    for (auto& interruption : interruptions_) {
      if (interruption.kind != kind) continue;
      if (interruption.skip > 0) {
        --interruption.skip;
      } else {
        due.push_back(std::exchange(interruption.callback, nullptr));
      }
    }
    std::erase_if(interruptions_, [](const Interruption& one) { return !one.callback; });
  }
  for (const auto& callback : due) callback();
}

Result<void> ModelTable::reply() {
  if (lost_replies_.count == 0) return {};
  --lost_replies_.count;
  return fail(lost_replies_.code, "the model was told to lose this reply", true);
}

const Item* ModelTable::find_live(const Key& key, Timestamp now) const {
  const auto found = items_.find(key);
  return found != items_.end() && is_live(found->second, now) ? &found->second : nullptr;
}

Result<WriteOutcome> ModelTable::write(const Operation& operation, Timestamp now) {
  const Key& key = key_of(operation);
  const Item* current = find_live(key, now);
  WriteOutcome outcome{lets_through(operation, current), copy_of(current)};
  if (!outcome.applied) return outcome;
  auto next = outcome_of(operation, current);
  if (!next) return std::unexpected(next.error());
  if (std::holds_alternative<UpdateItem>(operation)) outcome.item = *next;
  if (std::holds_alternative<Check>(operation)) return outcome;
  if (*next) {
    items_[key] = std::move(**next);
  } else {
    items_.erase(key);
  }
  return outcome;
}

Result<WriteOutcome> ModelTable::single_write(Kind kind, const Operation& operation, const Call& call) {
  if (auto checked = check_operation(operation); !checked) return std::unexpected(checked.error());
  if (auto begun = begin(kind, {key_of(operation)}, call); !begun) return std::unexpected(begun.error());
  const std::scoped_lock lock(mutex_);
  auto outcome = write(operation, call.now);
  if (auto replied = reply(); !replied) return std::unexpected(replied.error());
  return outcome;
}

Result<TransactOutcome> ModelTable::transact_now(const std::vector<Operation>& operations,
                                                 const std::string& token, Timestamp now) {
  std::erase_if(tokens_, [now](const auto& entry) { return entry.second.until <= now; });
  if (const auto known = tokens_.find(token); known != tokens_.end()) {
    if (known->second.operations == operations) return TransactOutcome{true, {}};
    return fail(ErrorCode::InvalidArgument, "a transaction's token was used for other operations");
  }
  TransactOutcome outcome{true, {}};
  std::optional<Error> misfit;
  for (const Operation& operation : operations) {
    const Item* current = find_live(key_of(operation), now);
    const bool refused = !lets_through(operation, current);
    outcome.refusals.push_back({refused, refused ? copy_of(current) : std::nullopt});
    if (refused) outcome.applied = false;
    if (refused || misfit) continue;
    if (const auto next = outcome_of(operation, current); !next) misfit = next.error();
  }
  if (misfit) return std::unexpected(*misfit);
  if (!outcome.applied) return outcome;
  for (const Operation& operation : operations) (void)write(operation, now);
  tokens_[token] = {operations, now + kTokenSeconds};
  return TransactOutcome{true, {}};
}

Task<Result<std::optional<Item>>> ModelTable::get(Key key, Call call) {
  if (auto checked = check_key(key); !checked) co_return std::unexpected(checked.error());
  if (auto begun = begin(Kind::Get, {key}, call); !begun) co_return std::unexpected(begun.error());
  const std::scoped_lock lock(mutex_);
  co_return copy_of(find_live(key, call.now));
}

Task<Result<std::vector<Result<std::optional<Item>>>>> ModelTable::batch_get(std::vector<Key> keys,
                                                                             Call call) {
  if (auto checked = check_batch(keys); !checked) co_return std::unexpected(checked.error());
  if (auto begun = begin(Kind::BatchGet, keys, call); !begun) co_return std::unexpected(begun.error());
  const std::scoped_lock lock(mutex_);
  std::vector<Result<std::optional<Item>>> answers;
  for (const Key& key : keys) answers.emplace_back(copy_of(find_live(key, call.now)));
  co_return answers;
}

Task<Result<WriteOutcome>> ModelTable::put(Put put, Call call) {
  const Operation operation(std::move(put));
  co_return single_write(Kind::Put, operation, call);
}

Task<Result<WriteOutcome>> ModelTable::update(UpdateItem update, Call call) {
  const Operation operation(std::move(update));
  co_return single_write(Kind::UpdateItem, operation, call);
}

Task<Result<WriteOutcome>> ModelTable::erase(Erase erase, Call call) {
  const Operation operation(std::move(erase));
  co_return single_write(Kind::Erase, operation, call);
}

Task<Result<void>> ModelTable::batch_put(std::vector<Item> items, Call call) {
  if (auto checked = check_batch(items); !checked) co_return std::unexpected(checked.error());
  std::vector<Key> keys;
  for (const Item& item : items) keys.push_back(item.key);
  if (auto begun = begin(Kind::BatchPut, std::move(keys), call); !begun)
    co_return std::unexpected(begun.error());
  const std::scoped_lock lock(mutex_);
  for (Item& item : items) items_[item.key] = std::move(item);
  co_return reply();
}

Task<Result<TransactOutcome>> ModelTable::transact(std::vector<Operation> operations, std::string token,
                                                   Call call) {
  if (auto checked = check_transaction(operations, token); !checked)
    co_return std::unexpected(checked.error());
  std::vector<Key> keys;
  for (const Operation& operation : operations) keys.push_back(key_of(operation));
  if (auto begun = begin(Kind::Transact, std::move(keys), call, token); !begun) {
    co_return std::unexpected(begun.error());
  }
  const std::scoped_lock lock(mutex_);
  auto outcome = transact_now(operations, token, call.now);
  if (auto replied = reply(); !replied) co_return std::unexpected(replied.error());
  co_return outcome;
}

Task<Result<Page>> ModelTable::query(Query query, Call call) {
  if (auto checked = check_query(query); !checked) co_return std::unexpected(checked.error());
  const auto after = key_at(query.cursor);
  if (!after) co_return std::unexpected(after.error());
  if (auto begun = begin(Kind::Query, {Key{query.pk, ""}}, call); !begun)
    co_return std::unexpected(begun.error());
  const std::scoped_lock lock(mutex_);
  std::vector<const Item*> candidates;
  for (const auto& [key, item] : items_) {
    if (key.pk != query.pk || !in_range(key.sk, query.range)) continue;
    if (*after && (query.descending ? key.sk >= (*after)->sk : key.sk <= (*after)->sk)) continue;
    candidates.push_back(&item);
  }
  if (query.descending) std::reverse(candidates.begin(), candidates.end());
  co_return read_page(candidates, query.limit, page_items_, call.now);
}

Task<Result<Page>> ModelTable::scan(Scan scan, Call call) {
  if (auto checked = check_scan(scan); !checked) co_return std::unexpected(checked.error());
  const auto after = key_at(scan.cursor);
  if (!after) co_return std::unexpected(after.error());
  if (auto begun = begin(Kind::Scan, {}, call); !begun) co_return std::unexpected(begun.error());
  const std::scoped_lock lock(mutex_);
  std::vector<const Item*> candidates;
  for (const auto& [key, item] : items_) {
    if (segment_of(key.pk, scan.segments) != scan.segment || (*after && key <= **after)) continue;
    if (!scan.selects(key)) continue;
    candidates.push_back(&item);
  }
  co_return read_page(candidates, scan.limit, page_items_, call.now);
}

std::string ModelTable::cursor_after(const Key& key) const {
  return key.pk + kCursorSeparator + key.sk;
}

Task<Result<InitOutcome>> ModelTable::initialise(Call) {
  const std::scoped_lock lock(mutex_);
  const bool created = !std::exchange(initialised_, true);
  InitOutcome outcome{created, created ? "The model is ready." : "The model was ready."};
  co_return outcome;
}

Task<std::vector<Finding>> ModelTable::diagnose(Call) {
  std::vector<Finding> findings(1);
  findings.front().subject = "model";
  findings.front().detail = "All is in memory.";
  co_return findings;
}

std::optional<Item> ModelTable::peek(const Key& key) const {
  const std::scoped_lock lock(mutex_);
  const auto found = items_.find(key);
  return found != items_.end() ? std::optional<Item>(found->second) : std::nullopt;
}

std::vector<Item> ModelTable::all() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Item> items;
  for (const auto& [key, item] : items_) items.push_back(item);
  return items;
}

void ModelTable::place(Item item) {
  const std::scoped_lock lock(mutex_);
  items_[item.key] = std::move(item);
}

void ModelTable::drop(const Key& key) {
  const std::scoped_lock lock(mutex_);
  items_.erase(key);
}

std::size_t ModelTable::sweep(Timestamp now) {
  const std::scoped_lock lock(mutex_);
  return std::erase_if(items_, [now](const auto& entry) { return !is_live(entry.second, now); });
}

void ModelTable::lose_replies(std::size_t count, ErrorCode code) {
  const std::scoped_lock lock(mutex_);
  lost_replies_ = {count, code};
}

void ModelTable::fail_writes(std::size_t count, ErrorCode code) {
  const std::scoped_lock lock(mutex_);
  failing_writes_ = {count, code};
}

void ModelTable::fail_reads(std::size_t count, ErrorCode code) {
  const std::scoped_lock lock(mutex_);
  failing_reads_ = {count, code};
}

void ModelTable::before_next(Kind kind, std::function<void()> callback, std::size_t skip) {
  const std::scoped_lock lock(mutex_);
  interruptions_.push_back({kind, skip, std::move(callback)});
}

void ModelTable::limit_pages(std::size_t items) {
  const std::scoped_lock lock(mutex_);
  page_items_ = items;
}

std::vector<ModelTable::LoggedCall> ModelTable::log() const {
  const std::scoped_lock lock(mutex_);
  return log_;
}

std::size_t ModelTable::calls() const {
  const std::scoped_lock lock(mutex_);
  return log_.size();
}

std::size_t ModelTable::calls(Kind kind) const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(log_.begin(), log_.end(), [kind](const LoggedCall& call) { return call.kind == kind; }));
}

void ModelTable::clear_log() {
  const std::scoped_lock lock(mutex_);
  log_.clear();
}

}  // namespace loopstate::table
