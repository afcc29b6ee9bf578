#include "store/rules/find_document.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"

namespace loopstate::store {

Task<Result<std::optional<DocumentRow>>> find_document(DocumentsCore documents, std::string key,
                                                       table::Call call) {
  std::vector<table::Key> keys;
  keys.push_back(collection_key(documents.place.user, documents.place.collection));
  keys.push_back(document_row_key(documents.place, key));
  CO_TRY(auto rows, co_await read_rows(documents.core, std::move(keys), call));
  if (!rows[0] || !rows[1]) co_return std::optional<DocumentRow>();
  CO_TRY(const auto collection, collection_from_row(*rows[0]));
  if (collection.state != CollectionRow::State::Live) co_return std::optional<DocumentRow>();
  CO_TRY(auto row, document_from_row(*rows[1]));
  co_return std::optional<DocumentRow>(std::move(row));
}

std::unexpected<Error> no_document(const DocumentsCore& documents, const std::string& key) {
  const auto& place = documents.place;
  return fail(ErrorCode::NotFound,
              fmt::format("user {} has no document {} in collection {}", place.user, key, place.collection));
}

}  // namespace loopstate::store
