// Documents: get, list, collections_of.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "loopstate/documents.hpp"
#include "loopstate/store.hpp"
#include "store/rows/read_row.hpp"
#include "store/rules/document_parts.hpp"
#include "store/rules/find_document.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/store_access.hpp"
#include "store/spine/user_view.hpp"

namespace loopstate {
namespace {

using store::DocumentRow;
using store::DocumentsCore;

constexpr std::size_t kMaxListed = 1000;

std::unexpected<Error> part_missing(const store::CollectionPlace& place, const std::string& key) {
  return store::corrupt(store::document_row_key(place, key), "a part of its body is missing");
}

/// With its body. Read anew if it is written over while its parts are read.
Task<Result<std::optional<Document>>> read_whole(DocumentsCore documents, std::string key, table::Call call) {
  store::Attempts attempts(fmt::format("document {} in {}", key, documents.subject()), call.deadline);
  std::optional<store::BodyParts> incomplete;
  while (attempts.left()) {
    CO_TRY_OK(co_await attempts.next());
    CO_TRY(auto row, co_await store::find_document(documents, key, call));
    if (!row) co_return std::optional<Document>();
    if (!row->parts) co_return std::optional<Document>(std::move(row->document));
    if (incomplete == row->parts) co_return part_missing(documents.place, key);
    auto parts = *row->parts;
    CO_TRY(auto body, co_await store::read_parts(documents, std::move(parts), row->document.size, call));
    if (!body) {
      incomplete = std::move(row->parts);
      continue;
    }
    row->document.body = std::move(*body);
    co_return std::optional<Document>(std::move(row->document));
  }
  co_return attempts.gave_up();
}

/// A key that no key with this beginning comes after.
std::string last_with(std::string beginning) {
  constexpr std::string_view kLastCharacter = "\xF4\x8F\xBF\xBF";
  while (beginning.size() < kMaxDocumentKeyBytes) beginning += kLastCharacter;
  return beginning;
}

std::string sort_of(const std::string& key) {
  return fmt::format("{}{}", store::kDocumentSort, key);
}

/// Of all pages.
table::SortRange whole_range(const DocumentListOptions& options) {
  const auto& prefix = options.prefix();
  table::SortRange range;
  range.first = sort_of(prefix ? *prefix : options.from().value_or(""));
  range.last = sort_of(prefix ? last_with(*prefix) : options.to().value_or(last_with("")));
  return range;
}

table::SortRange range_of(const DocumentListOptions& options) {
  auto range = whole_range(options);
  const auto& after = options.after();
  if (after) (options.is_descending() ? range.last : range.first) = sort_of(*after);
  return range;
}

Result<void> check_bound(std::string_view name, const std::optional<std::string>& key) {
  if (!key) return {};
  auto ok = store::check_document_key(*key);
  if (!ok) ok.error().message = fmt::format("{}: {}", name, ok.error().message);
  return ok;
}

Result<void> check_listing(const DocumentListOptions& options) {
  const auto invalid = [](std::string text) { return fail(ErrorCode::InvalidArgument, std::move(text)); };
  if (options.limit() == 0 || options.limit() > kMaxListed) {
    return invalid(fmt::format("limit must be 1 to {}, not {}", kMaxListed, options.limit()));
  }
  TRY_OK(check_bound("prefix", options.prefix()));
  TRY_OK(check_bound("from", options.from()));
  TRY_OK(check_bound("to", options.to()));
  TRY_OK(check_bound("after", options.after()));
  if (options.prefix() && (options.from() || options.to())) {
    return invalid("a list has either a prefix or ends, not both");
  }
  if (options.from() && options.to() && *options.to() < *options.from()) {
    return invalid("the list ends before it begins");
  }
  if (!options.after()) return {};
  // Going on from outside of it would show what the list was not asked for.
  const auto range = whole_range(options);
  const auto after = sort_of(*options.after());
  if (after < *range.first || *range.last < after) return invalid("after is not in the range of the list");
  return {};
}

/// The generation of the collection; nothing if it shows no documents.
Task<Result<std::optional<std::string>>> shown_generation(DocumentsCore documents, table::Call call) {
  CO_TRY(auto known, co_await store::get_collection(documents.core, documents.place, call));
  if (!store::is_live(known)) co_return std::optional<std::string>();
  co_return std::optional(std::move(known.row->generation));
}

bool is_full(const DocumentPage& page, std::uint64_t bytes, std::uint64_t next,
             const DocumentListOptions& options) {
  if (page.documents.empty()) return false;
  if (page.documents.size() == options.limit()) return true;
  return !options.is_without_bodies() && bytes + next > options.max_bytes();
}

/// The document of a row as the list shows it; nothing if it has been removed meanwhile.
Task<Result<std::optional<Document>>> shown_document(DocumentsCore documents, DocumentRow row,
                                                     bool without_body, table::Call call) {
  if (without_body) {
    row.document.body.clear();
  } else if (row.parts) {
    co_return co_await read_whole(documents, row.document.key, call);
  }
  co_return std::optional<Document>(std::move(row.document));
}

Task<Result<DocumentPage>> list_documents(DocumentsCore documents, DocumentListOptions options,
                                          table::Call call) {
  DocumentPage page;
  // Before the documents: whoever appends by what a page of a later collection shows is refused.
  CO_TRY(page.generation, co_await shown_generation(documents, call));
  if (!page.generation) co_return page;
  table::Query query;
  query.pk = store::documents_partition(documents.place);
  query.range = range_of(options);
  query.descending = options.is_descending();
  query.limit = options.limit() + 1 + (options.after() ? 1 : 0);
  std::uint64_t bytes = 0;
  while (true) {
    auto asked = query;
    CO_TRY(auto rows, co_await documents.core->table->query(std::move(asked), call));
    for (const auto& item : rows.items) {
      CO_TRY(auto row, store::document_from_row(item));
      if (row.document.key == options.after()) continue;
      if (is_full(page, bytes, row.document.size, options)) {
        page.next = page.documents.back().key;
        co_return page;
      }
      CO_TRY(auto document,
             co_await shown_document(documents, std::move(row), options.is_without_bodies(), call));
      if (!document) continue;
      bytes += document->size;
      page.documents.push_back(std::move(*document));
    }
    if (!rows.next) co_return page;
    query.cursor = std::move(rows.next);
  }
}

Task<Result<Document>> get_on(DocumentsCore documents, UserId user, CollectionId collection, std::string key,
                              CallOptions options) {
  CO_TRY_OK(store::check_all_given(user, collection));
  CO_TRY_OK(store::check_document_key(key));
  const auto call = store::begin_read(*documents.core, options);
  CO_TRY(auto document, co_await read_whole(documents, key, call));
  if (!document) co_return store::no_document(documents, key);
  co_return std::move(*document);
}

Task<Result<DocumentPage>> list_on(DocumentsCore documents, UserId user, CollectionId collection,
                                   DocumentListOptions options) {
  CO_TRY_OK(store::check_all_given(user, collection));
  CO_TRY_OK(check_listing(options));
  const auto call = store::begin_read(*documents.core, options);
  co_return co_await list_documents(documents, std::move(options), call);
}

Task<Result<std::vector<CollectionInfo>>> collections_of_on(store::CorePtr core, UserId user,
                                                            CallOptions options) {
  CO_TRY_OK(store::check_all_given(user));
  const auto call = store::begin_read(*core, options);
  table::SortRange range;
  range.prefix = std::string(store::kCollectionPrefix);
  CO_TRY(auto rows, co_await store::query_all(core, user.text(), std::move(range), call));
  co_return store::collections_among(rows);
}

}  // namespace

Task<Result<Document>> Documents::get(UserId user, CollectionId collection, std::string key,
                                      CallOptions options) {
  auto documents = store::documents_core(store_, user, collection);
  return get_on(std::move(documents), std::move(user), std::move(collection), std::move(key),
                std::move(options));
}

Task<Result<DocumentPage>> Documents::list(UserId user, CollectionId collection,
                                           DocumentListOptions options) {
  auto documents = store::documents_core(store_, user, collection);
  return list_on(std::move(documents), std::move(user), std::move(collection), std::move(options));
}

Task<Result<std::vector<CollectionInfo>>> Documents::collections_of(UserId user, CallOptions options) {
  return collections_of_on(store::StoreAccess::core(store_), std::move(user), std::move(options));
}

}  // namespace loopstate
