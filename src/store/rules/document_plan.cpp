#include "store/rules/document_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"

namespace loopstate::store {
namespace {

using table::Condition;

std::unexpected<Error> other_version(const CollectionPlace& place, const std::string& key,
                                     std::uint64_t expected, std::uint64_t found) {
  const auto name = fmt::format("document {} in collection {} of user {}", key, place.collection, place.user);
  if (found == 0) {
    return fail(ErrorCode::VersionConflict,
                fmt::format("{} does not exist, but version {} was expected", name, expected));
  }
  if (expected == 0) {
    return fail(ErrorCode::VersionConflict, fmt::format("{} exists, at version {}", name, found));
  }
  return fail(ErrorCode::VersionConflict, fmt::format("{} is at version {}, not {}", name, found, expected));
}

std::uint64_t version_of(const std::optional<DocumentRow>& document) {
  return document ? document->document.version : 0;
}

/// By the version alone it could be one from before an erasure, since versions begin anew after it: what a
/// plan takes from the document is compared as well.
Condition is_unchanged(const std::optional<DocumentRow>& row) {
  if (!row) return Condition::item_absent();
  const auto& document = row->document;
  return Condition::all_of({Condition::equals(attribute::kVersion, table::Value::number(document.version)),
                            Condition::equals(attribute::kCreatedAt, table::Value::time(document.created_at)),
                            row->parts ? Condition::equals(attribute::kPartsId, row->parts->id)
                                       : Condition::absent(attribute::kPartsId)});
}

DocumentRow row_for(const DocumentContent& content, std::string key, std::uint64_t version,
                    Timestamp created_at, Timestamp now) {
  DocumentRow row;
  row.document.key = std::move(key);
  row.document.body = content.body;
  row.document.size = content.size;
  row.document.meta = content.meta;
  row.document.version = version;
  row.document.created_at = created_at;
  row.document.updated_at = now;
  row.document.expires_at = content.expires_at;
  row.parts = content.parts;
  return row;
}

bool is_known(const KnownDocument& known) {
  return known.read && known.collection.read && !is_being_emptied(known.collection);
}

std::uint64_t next_version(const CollectionRow& collection, const KnownDocument& known) {
  return known.document ? known.document->document.version + 1 : collection.floor + 1;
}

}  // namespace

bool is_for_another(const std::optional<std::string>& generation, const KnownCollection& known) {
  return generation && !(is_live(known) && known.row->generation == *generation);
}

CollectionRow after_put(const PutWork& work, const KnownDocument& known) {
  auto after = base_of(known.collection, work.write);
  // It will end without a trace.
  if (work.content.expires_at) after.floor = std::max(after.floor, next_version(after, known));
  return after;
}

Result<Plan<StoredDocument>> plan_put(const PutWork& work, const KnownDocument& known) {
  // The write's conditions cover both rows.
  if (!is_known(known)) return Read{table::Consistency::MayBeStale};
  const auto found = version_of(known.document);
  if (work.at_version && *work.at_version != found) {
    return other_version(work.place, work.key, *work.at_version, found);
  }
  if (found == 0 && document_number(work.key)) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("key {} is one that only append makes: 20 digits", work.key));
  }
  const auto version = next_version(base_of(known.collection, work.write), known);
  const auto now = work.write.call.now;
  const auto created_at = known.document ? known.document->document.created_at : now;
  store::Write<StoredDocument> write;
  add_collection_step(write.steps, work.place, known.collection, after_put(work, known), found == 0);
  auto row = document_row(work.place, row_for(work.content, work.key, version, created_at, now));
  write.steps.add(Role::Document, table::Put{std::move(row), is_unchanged(known.document)});
  write.answer = {work.key, version};
  write.user = work.place.user;
  return write;
}

CollectionRow after_removal(const RemovalWork& work, const KnownDocument& known) {
  auto after = base_of(known.collection, work.write);
  after.floor = std::max(after.floor, version_of(known.document));
  return after;
}

Result<Plan<bool>> plan_removal(const RemovalWork& work, const KnownDocument& known) {
  if (!is_known(known)) return Read{table::Consistency::MayBeStale};
  const auto found = version_of(known.document);
  if (work.at_version && *work.at_version != found) {
    return other_version(work.place, work.key, *work.at_version, found);
  }
  if (found == 0 && !work.write.request) return Settled<bool>{false};
  store::Write<bool> write;
  write.user = work.place.user;
  write.answer = found != 0;
  if (found == 0) {
    // That there was none is an answer too: a repetition must not remove a later one.
    write.steps.add(Role::Document,
                    table::Check{document_row_key(work.place, work.key), Condition::item_absent()});
    return write;
  }
  add_collection_step(write.steps, work.place, known.collection, after_removal(work, known), false);
  write.steps.add(Role::Document,
                  table::Erase{document_row_key(work.place, work.key), is_unchanged(known.document)});
  return write;
}

CollectionRow after_append(const AppendWork& work, const KnownCollection& known) {
  auto after = base_of(known, work.write);
  after.next += work.contents.size();
  const bool some_end = std::ranges::any_of(
      work.contents, [](const DocumentContent& content) { return content.expires_at.has_value(); });
  if (some_end) ++after.floor;
  return after;
}

Result<void> check_end(const AppendWork& work, const KnownCollection& known) {
  if (work.in_generation && is_for_another(work.in_generation, known)) {
    return fail(ErrorCode::VersionConflict,
                fmt::format("collection {} of user {} is not the one that was read: it was dropped since",
                            work.place.collection, work.place.user));
  }
  const auto next = base_of(known, work.write).next;
  if (!work.at_number || *work.at_number == next) return {};
  return fail(ErrorCode::VersionConflict,
              fmt::format("collection {} of user {} goes on at {}, not at {}", work.place.collection,
                          work.place.user, next, *work.at_number));
}

Result<Plan<AppendedDocuments>> plan_append(const AppendWork& work, const KnownCollection& known) {
  if (!known.read || is_being_emptied(known)) return Read{};
  if (const auto fits = check_end(work, known); !fits) {
    if (known.remembered) return Read{};
    return std::unexpected(fits.error());
  }
  const auto base = base_of(known, work.write);
  const auto version = base.floor + 1;
  store::Write<AppendedDocuments> write;
  add_collection_step(write.steps, work.place, known, after_append(work, known), true);
  auto number = base.next;
  const auto now = work.write.call.now;
  for (const auto& content : work.contents) {
    auto row = document_row(work.place, row_for(content, document_key(number++), version, now, now));
    write.steps.add(Role::Document, table::Put{std::move(row), Condition::item_absent()});
  }
  write.answer = {base.next, number - 1, base.generation};
  write.user = work.place.user;
  return write;
}

Result<void> learn_document(const CollectionPlace& place, KnownDocument& known, const Refusals& refusals) {
  TRY_OK(learn_collection(place, known.collection, refusals));
  if (!refusals.refused(Role::Document)) return {};
  known.document.reset();
  known.read = true;
  if (const auto row = refusals.item(Role::Document)) {
    TRY(auto document, document_from_row(*row));
    known.document = std::move(document);
  }
  return {};
}

}  // namespace loopstate::store
