// An erasure's part in documents. The transaction that puts the tombstone also closes the user's collections,
// so that nobody writes into them any more; then what is in them is removed, and their rows last.

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rules/collection_steps.hpp"
#include "store/rules/erasure.hpp"

namespace loopstate::store {
namespace {

using table::Condition;

std::string_view state_of(const table::Item& row) {
  const auto* state = row.string(attribute::kState);
  return state == nullptr ? std::string_view() : std::string_view(*state);
}

/// A row that cannot be read must not keep its user from being erased.
table::Operation close_unreadable(const table::Item& row, const WriteCall& call) {
  CollectionRow closed;
  closed.state = CollectionRow::State::Emptying;
  closed.generation = call.write_id;
  closed.created_at = call.call.now;
  auto put = table::Put{table::Item(), Condition::item_exists()};
  put.item = collection_row({}, {}, closed);
  put.item.key = row.key;
  return put;
}

}  // namespace

bool is_collection(const table::Key& key) {
  return key.sk.starts_with(kCollectionPrefix);
}

bool is_dropped_collection(const table::Item& row) {
  return is_collection(row.key) && state_of(row) == kDroppedState;
}

std::optional<table::Operation> erase_or_close(const table::Item& row, const WriteCall& call) {
  if (state_of(row) == kDroppedState) {
    // It may have expired.
    return table::Erase{
        row.key, Condition::any_of({Condition::item_absent(),
                                    Condition::equals(attribute::kState, std::string(kDroppedState))})};
  }
  const auto seen = collection_from_row(row);
  if (!seen) return close_unreadable(row, call);
  if (seen->state == CollectionRow::State::Emptying) return std::nullopt;
  table::UpdateItem update{row.key, {}, Condition::absent(attribute::kState)};
  update.update.push_back(table::Change::set(attribute::kState, std::string(kEmptyingState)));
  return update;
}

Task<Result<void>> empty_collections(ErasurePtr erasure, std::vector<std::string> collections) {
  for (auto& collection : collections) {
    const auto call = next_call(*erasure);
    const CollectionPlace place{erasure->user, std::move(collection)};
    CO_TRY([[maybe_unused]] const auto documents, co_await empty_collection(erasure->core, place, call.call));
  }
  co_return Result<void>{};
}

}  // namespace loopstate::store
