#include "store/upkeep/check_documents.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"
#include "store/rows/write_id.hpp"
#include "store/rules/document_parts.hpp"
#include "store/spine/user_view.hpp"
#include "store/upkeep/check_repair.hpp"
#include "store/upkeep/check_run.hpp"

namespace loopstate::store {
namespace {

using Kind = CheckFinding::Kind;
using Named = SeenDocuments::Named;

CheckFinding corrupt_row(const table::Item& row, std::string why) {
  return {Kind::CorruptItem, item_name(row.key), std::move(why), false};
}

// "P#{id}#{number}"
std::string part_id(const table::Key& key) {
  const auto end = key.sk.rfind('#');
  return key.sk.substr(kPartSort.size(), end - kPartSort.size());
}

std::uint64_t parts_found(const SeenDocuments& seen, const std::string& id) {
  const auto found = seen.parts().find(id);
  return found == seen.parts().end() ? 0 : found->second.keys.size();
}

/// The document as it is now has the same parts, and not all of them are there.
Task<Result<bool>> still_lacks_parts(RunPtr run, DocumentsCore documents, std::string id, Named named) {
  auto key = document_row_key(documents.place, named.key);
  const auto call = run->call();
  CO_TRY(auto row, co_await run->core->table->get(std::move(key), call));
  if (!row) co_return false;
  CO_TRY(const auto now, document_from_row(*row));
  if (!now.parts || now.parts->id != id) co_return false;
  auto parts = *now.parts;
  CO_TRY(const auto body, co_await read_parts(documents, std::move(parts), named.size, call));
  if (body) co_return false;
  // Written over between the two reads?
  auto again_key = document_row_key(documents.place, named.key);
  CO_TRY(const auto again, co_await run->core->table->get(std::move(again_key), call));
  co_return again == row;
}

Task<Result<void>> check_bodies(RunPtr run, DocumentsCore documents, const SeenDocuments* seen) {
  for (const auto& [id, named] : seen->named()) {
    if (parts_found(*seen, id) == named.count) continue;
    auto lacking = co_await still_lacks_parts(run, documents, id, named);
    if (!lacking && lacking.error().code != ErrorCode::CorruptItem) {
      co_return std::unexpected(std::move(lacking.error()));
    }
    if (lacking && !*lacking) continue;
    run->report({Kind::CorruptItem, item_name(document_row_key(documents.place, named.key)),
                 lacking ? "parts of its body are missing" : lacking.error().message, false});
  }
  co_return Result<void>{};
}

Task<Result<bool>> erase_keys(RunPtr run, std::vector<table::Key> keys) {
  for (const auto& group : groups_to_erase(keys)) {
    std::vector<table::Operation> operations;
    for (const auto& key : group) operations.emplace_back(table::Erase{key, {}});
    const auto call = run->call();
    CO_TRY([[maybe_unused]] const auto outcome,
           co_await run->core->table->transact(std::move(operations), new_token(), call));
  }
  co_return true;
}

/// Their document ended by itself, as they will.
bool have_ended(const SeenDocuments::Found& parts, Timestamp now) {
  return parts.document_ends && *parts.document_ends <= now;
}

// A document is seen before the parts that it names, and parts this old get no name any more.
Task<Result<void>> check_orphans(RunPtr run, DocumentsCore documents, const SeenDocuments* seen) {
  for (const auto& [id, found] : seen->parts()) {
    const auto now = run->clock.now();
    if (seen->named().contains(id) || found.newest > now - kOrphanAge || have_ended(found, now)) continue;
    CheckFinding finding{Kind::OrphanParts, item_name(found.keys.front()),
                         fmt::format("{} parts of a body that no document in {} names", found.keys.size(),
                                     documents.subject()),
                         false};
    if (run->options.repair) {
      auto keys = found.keys;
      CO_TRY(finding.mended, co_await erase_keys(run, std::move(keys)));
    }
    run->report(std::move(finding));
  }
  co_return Result<void>{};
}

CollectionRow row_for(const SeenDocuments& seen, Timestamp now) {
  CollectionRow row;
  row.generation = new_write_id(now);
  row.next = seen.highest_number() + 1;
  row.floor = seen.highest_version();
  row.created_at = now;
  return row;
}

/// Makes the row again, so that the documents are reached. What is left of an erased user is removed instead.
Task<Result<bool>> restore_collection(RunPtr run, DocumentsCore documents, const SeenDocuments* seen) {
  const auto& place = documents.place;
  const auto call = run->call();
  auto row = row_for(*seen, call.now);
  std::vector<table::Operation> operations;
  operations.emplace_back(
      table::Put{collection_row(place.user, place.collection, row), table::Condition::item_absent()});
  operations.emplace_back(user_not_erased(place.user));
  CO_TRY(const auto restored, co_await run->core->table->transact(std::move(operations), new_token(), call));
  if (restored.applied) co_return true;
  if (!restored.refusals.back().refused) co_return false;
  row.state = CollectionRow::State::Emptying;
  std::vector<table::Operation> closing;
  closing.emplace_back(
      table::Put{collection_row(place.user, place.collection, row), table::Condition::item_absent()});
  closing.emplace_back(table::Check{context_key(place.user), table::Condition::exists(attribute::kErasedAt)});
  CO_TRY(const auto closed, co_await run->core->table->transact(std::move(closing), new_token(), call));
  auto user = UserId::parse(place.user);
  if (!closed.applied || !user) co_return false;
  co_return co_await mend_erasure(run->core, std::move(*user), run->call());
}

/// The collection as it was read would give out the number of a document that is there. Of one moment: a
/// collection may have been dropped and made anew since its documents were seen.
Task<Result<bool>> is_behind(RunPtr run, DocumentsCore documents, CollectionRow row, std::uint64_t highest,
                             bool mend) {
  const auto& place = documents.place;
  auto key = collection_key(place.user, place.collection);
  std::vector<table::Operation> operations;
  if (mend) {
    table::UpdateItem update{std::move(key), {}, is_as_seen(row)};
    update.update.push_back(table::Change::set(attribute::kNext, table::Value::number(highest + 1)));
    operations.emplace_back(std::move(update));
  } else {
    operations.emplace_back(table::Check{std::move(key), is_as_seen(row)});
  }
  operations.emplace_back(
      table::Check{document_row_key(place, document_key(highest)), table::Condition::item_exists()});
  const auto call = run->call();
  CO_TRY(const auto outcome, co_await run->core->table->transact(std::move(operations), new_token(), call));
  co_return outcome.applied;
}

Task<Result<void>> check_numbers(RunPtr run, DocumentsCore documents, table::Item row,
                                 const SeenDocuments* seen) {
  const auto known = collection_from_row(row);
  const auto highest = seen->highest_number();
  // One that cannot be read is reported with its user's other items.
  if (!known || known->state != CollectionRow::State::Live || highest < known->next) co_return Result<void>{};
  const bool repair = run->options.repair;
  CO_TRY(const auto behind, co_await is_behind(run, documents, *known, highest, repair));
  if (!behind) co_return Result<void>{};
  run->report(
      {Kind::CollectionBehind, item_name(row.key),
       fmt::format("the next number would be {}, but there are documents up to {}", known->next, highest),
       repair});
  co_return Result<void>{};
}

Task<Result<void>> check_collection(RunPtr run, DocumentsCore documents, const SeenDocuments* seen) {
  if (seen->documents() == 0) co_return Result<void>{};
  const auto call = run->call();
  auto key = collection_key(documents.place.user, documents.place.collection);
  CO_TRY(const auto row, co_await run->core->table->get(std::move(key), call));
  if (row) co_return co_await check_numbers(run, documents, *row, seen);
  // Dropped or erased since they were seen?
  table::Query query;
  query.pk = documents_partition(documents.place);
  query.range.prefix = std::string(kDocumentSort);
  query.limit = 1;
  CO_TRY(const auto left, co_await run->core->table->query(std::move(query), call));
  if (left.items.empty()) co_return Result<void>{};
  CheckFinding finding{Kind::DocumentsWithoutCollection,
                       item_name(collection_key(documents.place.user, documents.place.collection)),
                       fmt::format("{} documents whose collection is not known", seen->documents()), false};
  if (run->options.repair) {
    CO_TRY(finding.mended, unless_refused(co_await restore_collection(run, documents, seen)));
  }
  run->report(std::move(finding));
  co_return Result<void>{};
}

}  // namespace

std::optional<CheckFinding> SeenDocuments::take(const table::Item& row) {
  auto finding = look_at(row);
  if (finding) overlook();
  return finding;
}

std::optional<CheckFinding> SeenDocuments::look_at(const table::Item& row) {
  const auto* user = row.string(attribute::kUserPubkey);
  const auto* collection = row.string(attribute::kCollection);
  if (user == nullptr || collection == nullptr) {
    return corrupt_row(row, "it does not say which collection it is of");
  }
  CollectionPlace place{*user, *collection};
  if (documents_partition(place) != row.key.pk) {
    return corrupt_row(row, "it says that it is of another collection");
  }
  place_ = std::move(place);
  if (row.key.sk.starts_with(kDocumentSort)) return take_document(row);
  if (row.key.sk.starts_with(kPartSort)) return take_part(row);
  return CheckFinding{Kind::UnknownItem, item_name(row.key), "an item of an unknown kind", false};
}

std::optional<CheckFinding> SeenDocuments::take_document(const table::Item& row) {
  ++documents_;
  const auto content = document_from_row(row);
  if (!content) return corrupt_row(row, content.error().message);
  const auto& document = content->document;
  highest_version_ = std::max(highest_version_, document.version);
  highest_number_ = std::max(highest_number_, document_number(document.key).value_or(0));
  if (content->parts) {
    named_.insert_or_assign(content->parts->id, Named{document.key, document.size, content->parts->count});
  }
  return std::nullopt;
}

std::optional<CheckFinding> SeenDocuments::take_part(const table::Item& row) {
  const auto created_at = need_time(row, attribute::kCreatedAt);
  if (!created_at) return corrupt_row(row, created_at.error().message);
  auto& found = parts_[part_id(row.key)];
  found.keys.push_back(row.key);
  found.newest = std::max(found.newest, *created_at);
  if (const auto ttl = row.time(attribute::kTtl)) found.document_ends = *ttl - kPartsOutlast;
  return std::nullopt;
}

Task<Result<void>> check_documents(std::shared_ptr<CheckRun> run, SeenDocuments seen) {
  if (seen.empty()) co_return Result<void>{};
  const DocumentsCore documents{run->core, seen.place()};
  CO_TRY_OK(co_await check_collection(run, documents, &seen));
  CO_TRY_OK(co_await check_bodies(run, documents, &seen));
  if (seen.overlooks_some() || run->is_storage_damaged) co_return Result<void>{};
  co_return co_await check_orphans(run, documents, &seen);
}

Task<Result<bool>> finish_drops(std::shared_ptr<CheckRun> run, std::string user) {
  table::SortRange range;
  range.prefix = std::string(kCollectionPrefix);
  const auto call = run->call();
  CO_TRY(const auto rows, co_await query_all(run->core, user, std::move(range), call));
  bool finished = false;
  for (const auto& row : rows) {
    CO_TRY(const auto content, collection_from_row(row));
    if (content.state != CollectionRow::State::Emptying) continue;
    const CollectionPlace place{user, row.key.sk.substr(kCollectionPrefix.size())};
    CO_TRY([[maybe_unused]] const auto removed, co_await empty_collection(run->core, place, run->call()));
    finished = true;
  }
  co_return finished;
}

}  // namespace loopstate::store
