#include "store/rules/collection_steps.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/write_id.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate::store {
namespace {

using table::Change;
using table::Condition;
using table::Value;

Condition all_equal(Condition first, bool next, bool floor, const CollectionRow& seen) {
  std::vector<Condition> all;
  all.push_back(std::move(first));
  if (next) all.push_back(Condition::equals(attribute::kNext, Value::number(seen.next)));
  if (floor) all.push_back(Condition::equals(attribute::kFloor, Value::number(seen.floor)));
  return Condition::all_of(std::move(all));
}

table::Operation change_live(const CollectionPlace& place, const CollectionRow& seen,
                             const CollectionRow& after, bool new_document) {
  const bool next = after.next != seen.next;
  const bool floor = after.floor != seen.floor;
  auto key = collection_key(place.user, place.collection);
  auto condition = all_equal(is_live_collection(seen), next, floor || new_document, seen);
  if (!next && !floor) return table::Check{std::move(key), std::move(condition)};
  table::UpdateItem update{std::move(key), {}, std::move(condition)};
  if (next) update.update.push_back(Change::set(attribute::kNext, Value::number(after.next)));
  if (floor) update.update.push_back(Change::set(attribute::kFloor, Value::number(after.floor)));
  return update;
}

table::Put make_collection(const CollectionPlace& place, const KnownCollection& known,
                           const CollectionRow& after) {
  auto condition = known.row ? is_as_seen(*known.row) : Condition::item_absent();
  return table::Put{collection_row(place.user, place.collection, after), std::move(condition)};
}

}  // namespace

Result<KnownCollection> known_collection(const std::optional<table::Item>& row) {
  KnownCollection known;
  known.read = true;
  if (row) {
    TRY(known.row, collection_from_row(*row));
  }
  if (!is_live(known)) known.next_generation = new_token();
  return known;
}

std::string DocumentsCore::subject() const {
  return fmt::format("collection {} of user {}", place.collection, place.user);
}

DocumentsCore documents_core(const Store& store, const UserId& user, const CollectionId& collection) {
  return {StoreAccess::core(store), {user.text(), collection.text()}};
}

Task<Result<KnownCollection>> get_collection(CorePtr core, CollectionPlace place, table::Call call) {
  auto key = collection_key(place.user, place.collection);
  CO_TRY(auto row, co_await core->table->get(std::move(key), call));
  co_return known_collection(row);
}

CollectionRow base_of(const KnownCollection& known, const WriteCall& write) {
  if (is_live(known)) return *known.row;
  CollectionRow made;
  made.generation = known.next_generation;
  made.created_at = write.call.now;
  if (known.row) made.floor = known.row->floor;
  return made;
}

void add_collection_step(Steps& steps, const CollectionPlace& place, const KnownCollection& known,
                         const CollectionRow& after, bool new_document) {
  if (is_live(known)) {
    steps.add(Role::Collection, change_live(place, *known.row, after, new_document));
    return;
  }
  steps.add(Role::Collection, make_collection(place, known, after));
  steps.add(Role::NotErased, user_not_erased(place.user));
}

Result<void> learn_collection(const CollectionPlace& place, KnownCollection& known,
                              const Refusals& refusals) {
  if (refusals.refused(Role::NotErased)) return erased(place.user);
  if (!refusals.refused(Role::Collection)) return {};
  TRY(known, known_collection(refusals.item(Role::Collection)));
  return {};
}

Task<Result<KnownCollection>> read_collection(CorePtr core, CollectionPlace place, table::Call call) {
  CO_TRY(auto known, co_await get_collection(core, place, call));
  if (!is_being_emptied(known)) co_return known;
  CO_TRY([[maybe_unused]] const auto removed, co_await empty_collection(core, place, call));
  call.consistency = table::Consistency::Strong;
  co_return co_await get_collection(core, place, call);
}

}  // namespace loopstate::store
