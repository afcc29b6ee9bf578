#include "store/rows/collection_row.hpp"

#include <utility>

#include "base/name_access.hpp"
#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {
namespace {

using table::Condition;
using State = CollectionRow::State;

Condition has_state(State state) {
  if (state == State::Live) return Condition::absent(attribute::kState);
  return Condition::equals(attribute::kState, state == State::Emptying ? kEmptyingState : kDroppedState);
}

Condition is_generation(const CollectionRow& seen) {
  return Condition::equals(attribute::kGeneration, seen.generation);
}

Result<State> read_state(const table::Item& row) {
  if (!row.attributes.contains(attribute::kState)) return State::Live;
  TRY(const auto text, need_string(row, attribute::kState));
  if (text == kEmptyingState) return State::Emptying;
  if (text == kDroppedState) return State::Dropped;
  return corrupt(row.key, "its state is none that this version knows");
}

}  // namespace

table::Key collection_key(std::string_view user, std::string_view collection) {
  auto sort = std::string(kCollectionPrefix);
  sort += collection;
  return {user_partition(user), std::move(sort)};
}

Result<CollectionRow> collection_from_row(const table::Item& row) {
  CollectionRow content;
  TRY(content.state, read_state(row));
  TRY(content.generation, need_string(row, attribute::kGeneration));
  TRY(content.next, need_uint64(row, attribute::kNext));
  TRY(content.floor, need_uint64(row, attribute::kFloor));
  TRY(content.created_at, need_time(row, attribute::kCreatedAt));
  return content;
}

table::Item collection_row(std::string_view user, std::string_view collection, const CollectionRow& content,
                           std::optional<Timestamp> expires_at) {
  table::Item row;
  row.key = collection_key(user, collection);
  auto& attributes = row.attributes;
  if (content.state != State::Live) {
    attributes.set(std::string(attribute::kState),
                   content.state == State::Emptying ? kEmptyingState : kDroppedState);
  }
  attributes.set(std::string(attribute::kGeneration), content.generation);
  attributes.set(std::string(attribute::kNext), table::Value::number(content.next));
  attributes.set(std::string(attribute::kFloor), table::Value::number(content.floor));
  attributes.set(std::string(attribute::kCreatedAt), table::Value::time(content.created_at));
  if (expires_at) attributes.set(std::string(attribute::kTtl), table::Value::time(*expires_at));
  return row;
}

Result<std::vector<CollectionInfo>> collections_among(const std::vector<table::Item>& rows) {
  std::vector<CollectionInfo> collections;
  for (const auto& row : rows) {
    if (!row.key.sk.starts_with(kCollectionPrefix)) continue;
    TRY(const auto content, collection_from_row(row));
    if (content.state != State::Live) continue;
    auto name = NameAccess::unchecked<CollectionTag>(row.key.sk.substr(kCollectionPrefix.size()));
    collections.push_back({std::move(name), content.next - 1, content.created_at});
  }
  return collections;
}

Condition is_live_collection(const CollectionRow& seen) {
  return Condition::all_of({is_generation(seen), has_state(State::Live)});
}

Condition is_emptying(const CollectionRow& seen) {
  return Condition::all_of({is_generation(seen), has_state(State::Emptying)});
}

Condition is_as_seen(const CollectionRow& seen) {
  return Condition::all_of({is_generation(seen), has_state(seen.state),
                            Condition::equals(attribute::kNext, table::Value::number(seen.next)),
                            Condition::equals(attribute::kFloor, table::Value::number(seen.floor))});
}

}  // namespace loopstate::store
