// Removing everything in a collection that is being emptied: nobody writes into it any more, so one pass over
// its partition sees all there is.

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <iterator>
#include <utility>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/write_id.hpp"
#include "store/rules/collection_steps.hpp"
#include "store/rules/document_parts.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/user_view.hpp"
#include "table/expiry.hpp"

namespace loopstate::store {
namespace {

using table::Change;
using table::Comparison;
using table::Condition;
using table::Value;

/// How long a dropped collection stays known, so that no version comes twice.
constexpr std::chrono::seconds kDroppedLifetime = std::chrono::days(30);

/// What is removed together.
struct Sweep {
  std::vector<table::Key> keys;
  std::uint64_t floor = 0;  ///< the highest version among them
  std::uint64_t documents = 0;
};

Sweep sweep_of(const CollectionPlace& place, const table::Page& page, Timestamp now) {
  Sweep sweep;
  for (const auto& row : page.items) {
    sweep.keys.push_back(row.key);
    // Also of one that cannot be read otherwise.
    sweep.floor = std::max(sweep.floor, row.uint64(attribute::kVersion).value_or(0));
    if (!row.key.sk.starts_with(kDocumentSort)) continue;
    if (table::is_live(row, now)) ++sweep.documents;
    // Known without being read. What is left behind the documents are parts that none of them names.
    const auto document = document_from_row(row);
    if (!document || !document->parts) continue;
    std::ranges::move(part_keys(place, *document->parts), std::back_inserter(sweep.keys));
  }
  for (const auto& damaged : page.damaged) {
    if (!damaged.key.sk.empty()) sweep.keys.push_back(damaged.key);
  }
  // A part may be on the page of its document. Documents stay before parts.
  std::ranges::sort(sweep.keys);
  const auto twice = std::ranges::unique(sweep.keys);
  sweep.keys.erase(twice.begin(), twice.end());
  return sweep;
}

/// The collection is still being emptied, and no version up to `floor` comes again.
table::Operation raise_floor(const CollectionPlace& place, const CollectionRow& seen, std::uint64_t floor) {
  auto key = collection_key(place.user, place.collection);
  const auto number = Value::number(floor);
  if (seen.floor >= floor) {
    return table::Check{std::move(key), is_emptying(seen)};
  }
  table::UpdateItem update{
      std::move(key),
      {},
      Condition::all_of(
          {is_emptying(seen), Condition::compare(attribute::kFloor, Comparison::Less, number)})};
  update.update.push_back(Change::set(attribute::kFloor, number));
  return update;
}

/// False: somebody else has emptied it.
Task<Result<bool>> erase_some(CorePtr core, CollectionPlace place, CollectionRow* seen,
                              std::vector<table::Key> keys, std::uint64_t floor, table::Call call) {
  Attempts attempts(DocumentsCore{core, place}.subject(), call.deadline);
  while (attempts.left()) {
    CO_TRY_OK(co_await attempts.next());
    std::vector<table::Operation> operations;
    for (const auto& key : keys) operations.emplace_back(table::Erase{key, Condition()});
    operations.push_back(raise_floor(place, *seen, floor));
    CO_TRY(auto outcome, co_await core->table->transact(std::move(operations), new_token(), call));
    if (outcome.applied) {
      seen->floor = std::max(seen->floor, floor);
      co_return true;
    }
    const auto& row = outcome.refusals.back().item;
    if (!row) co_return false;
    CO_TRY(auto current, collection_from_row(*row));
    const bool same =
        current.generation == seen->generation && current.state == CollectionRow::State::Emptying;
    if (!same) co_return false;
    *seen = std::move(current);
  }
  co_return attempts.gave_up();
}

Task<Result<bool>> mark_dropped(CorePtr core, CollectionPlace place, CollectionRow seen, table::Call call) {
  table::UpdateItem update{collection_key(place.user, place.collection), {}, is_emptying(seen)};
  update.update.push_back(Change::set(attribute::kState, std::string(kDroppedState)));
  update.update.push_back(Change::set(attribute::kTtl, Value::time(call.now + kDroppedLifetime)));
  std::vector<table::Operation> operations;
  operations.emplace_back(std::move(update));
  CO_TRY(auto outcome, co_await core->table->transact(std::move(operations), new_token(), call));
  co_return outcome.applied;
}

Task<Result<bool>> sweep_all(CorePtr core, CollectionPlace place, CollectionRow seen,
                             std::uint64_t* documents, table::Call call) {
  table::Query query;
  query.pk = documents_partition(place);
  query.past_damage = true;
  const auto all = whatever_its_time(call);
  do {
    auto asked = query;
    CO_TRY(auto page, co_await core->table->query(std::move(asked), all));
    const auto sweep = sweep_of(place, page, call.now);
    for (auto& keys : groups_to_erase(sweep.keys)) {
      CO_TRY(const auto erased, co_await erase_some(core, place, &seen, std::move(keys), sweep.floor, call));
      if (!erased) co_return false;
    }
    *documents += sweep.documents;
    query.cursor = std::move(page.next);
  } while (query.cursor);
  co_return co_await mark_dropped(core, place, seen, call);
}

}  // namespace

Task<Result<std::uint64_t>> empty_collection(CorePtr core, CollectionPlace place, table::Call call) {
  call.consistency = table::Consistency::Strong;
  Attempts attempts(DocumentsCore{core, place}.subject(), call.deadline);
  std::uint64_t documents = 0;
  while (attempts.left()) {
    CO_TRY_OK(co_await attempts.next());
    CO_TRY(auto known, co_await get_collection(core, place, call));
    if (!is_being_emptied(known)) co_return documents;
    CO_TRY(const auto done, co_await sweep_all(core, place, *known.row, &documents, call));
    if (done) co_return documents;
  }
  co_return attempts.gave_up();
}

}  // namespace loopstate::store
