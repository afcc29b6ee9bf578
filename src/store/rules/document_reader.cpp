#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "loopstate/document_stream.hpp"
#include "store/rules/document_parts.hpp"
#include "store/rules/find_document.hpp"

namespace loopstate {

struct store::Download {
  DocumentsCore documents;
  UserId user;
  CollectionId collection;
  std::string key;
  CallOptions options;
  std::optional<DocumentRow> row;
  std::uint64_t next = 0;  // part, or 1 once a body in the row has been handed out
};

namespace {

Task<Result<Document>> open_on(std::shared_ptr<store::Download> state) {
  CO_TRY_OK(store::check_all_given(state->user, state->collection));
  CO_TRY_OK(store::check_document_key(state->key));
  const auto call = store::begin_read(*state->documents.core, state->options);
  CO_TRY(auto row, co_await store::find_document(state->documents, state->key, call));
  if (!row) co_return store::no_document(state->documents, state->key);
  state->row = std::move(row);
  state->next = 0;
  auto head = state->row->document;
  head.body.clear();
  co_return head;
}

Task<Result<std::string>> next_on(std::shared_ptr<store::Download> state) {
  if (!state->row) co_return fail(ErrorCode::InvalidArgument, "the document was not opened");
  auto& row = *state->row;
  if (!row.parts) {
    const bool again = std::exchange(state->next, 1) != 0;
    co_return again ? std::string() : std::move(row.document.body);
  }
  if (state->next >= row.parts->count) co_return std::string();
  const auto call = store::begin_read(*state->documents.core, state->options);
  auto parts = *row.parts;
  CO_TRY(auto piece, co_await store::read_some_parts(state->documents, std::move(parts), state->next, call));
  if (!piece) {
    co_return fail(ErrorCode::VersionConflict,
                   fmt::format("document {} in {} was replaced or removed while it was read", state->key,
                               state->documents.subject()));
  }
  state->next = std::min(state->next + store::kStreamedParts, row.parts->count);
  co_return std::move(*piece);
}

}  // namespace

DocumentReader::DocumentReader(const Documents& documents, UserId user, CollectionId collection,
                               std::string key, CallOptions options)
    : state_(std::make_shared<store::Download>()) {
  state_->documents = store::documents_core(documents.store(), user, collection);
  state_->user = std::move(user);
  state_->collection = std::move(collection);
  state_->key = std::move(key);
  state_->options = std::move(options);
}

Task<Result<Document>> DocumentReader::open() {
  return open_on(state_);
}

Task<Result<std::string>> DocumentReader::next() {
  return next_on(state_);
}

}  // namespace loopstate
