#include "store/rules/document_parts.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/read_row.hpp"
#include "store/rows/write_id.hpp"

namespace loopstate::store {
namespace {

/// 3.5 MB: a transaction has at most 4.
constexpr std::size_t kPartsAtOnce = 10;
constexpr std::size_t kErasedAtOnce = 90;
/// 2.8 MB, beside a page of documents.
constexpr std::size_t kErasedPartsAtOnce = 8;

Result<std::string> body_of(const table::Item& row) {
  const auto* value = row.find(attribute::kBody);
  const auto* body = value == nullptr ? nullptr : std::get_if<table::Binary>(&value->data());
  if (body == nullptr) return corrupt(row.key, "it has no body");
  return body->bytes;
}

Task<Result<std::optional<std::string>>> read_rows_of(DocumentsCore documents, std::vector<table::Key> keys,
                                                      table::Call call) {
  CO_TRY(auto rows, co_await read_rows(documents.core, std::move(keys), call));
  std::string bytes;
  for (const auto& row : rows) {
    if (!row) co_return std::optional<std::string>();
    CO_TRY(auto part, body_of(*row));
    bytes += part;
  }
  co_return std::optional<std::string>(std::move(bytes));
}

std::vector<table::Key> some_of(const std::vector<table::Key>& keys, std::size_t first, std::size_t count) {
  const auto last = std::min(first + count, keys.size());
  return {keys.begin() + static_cast<std::ptrdiff_t>(first),
          keys.begin() + static_cast<std::ptrdiff_t>(last)};
}

}  // namespace

Task<Result<bool>> write_rows(DocumentsCore documents, CollectionRow seen, std::vector<table::Item> rows,
                              table::Call call) {
  std::vector<table::Operation> operations;
  const auto& place = documents.place;
  operations.emplace_back(
      table::Check{collection_key(place.user, place.collection), is_live_collection(seen)});
  for (auto& row : rows) operations.emplace_back(table::Put{std::move(row), {}});
  CO_TRY(auto outcome, co_await documents.core->table->transact(std::move(operations), new_token(), call));
  co_return outcome.applied;
}

Task<Result<bool>> write_parts(DocumentsCore documents, CollectionRow seen,
                               std::shared_ptr<const std::vector<PartedBody>> bodies, WriteCall write) {
  for (const auto& body : *bodies) {
    for (std::uint64_t first = 0; first < body.parts.count; first += kPartsAtOnce) {
      auto rows = part_rows(documents.place, body.parts, body.body, first, kPartsAtOnce, write.call.now,
                            body.expires_at);
      CO_TRY(const auto written, co_await write_rows(documents, seen, std::move(rows), write.call));
      if (!written) co_return false;
    }
  }
  co_return true;
}

std::vector<std::vector<table::Key>> groups_to_erase(const std::vector<table::Key>& keys) {
  std::vector<std::vector<table::Key>> groups;
  std::size_t parts = 0;
  for (const auto& key : keys) {
    const bool is_part = key.sk.starts_with(kPartSort);
    const bool is_full =
        groups.empty() || groups.back().size() == kErasedAtOnce || (is_part && parts == kErasedPartsAtOnce);
    if (is_full) {
      groups.emplace_back();
      parts = 0;
    }
    groups.back().push_back(key);
    if (is_part) ++parts;
  }
  return groups;
}

Task<void> erase_parts(DocumentsCore documents, std::vector<BodyParts> parts, table::Call call) {
  std::vector<table::Key> keys;
  for (const auto& one : parts) {
    for (auto& key : part_keys(documents.place, one)) keys.push_back(std::move(key));
  }
  for (const auto& group : groups_to_erase(keys)) {
    std::vector<table::Operation> operations;
    for (const auto& key : group) operations.emplace_back(table::Erase{key, {}});
    const auto erased = co_await documents.core->table->transact(std::move(operations), new_token(), call);
    if (!erased) co_return;
  }
}

Task<Result<std::optional<std::string>>> read_parts(DocumentsCore documents, BodyParts parts,
                                                    std::uint64_t size, table::Call call) {
  const auto keys = part_keys(documents.place, parts);
  std::string body;
  body.reserve(size);
  for (std::size_t first = 0; first < keys.size(); first += kPartsAtOnce) {
    auto some = some_of(keys, first, kPartsAtOnce);
    CO_TRY(auto bytes, co_await read_rows_of(documents, std::move(some), call));
    if (!bytes) co_return std::optional<std::string>();
    body += *bytes;
  }
  if (body.size() != size) {
    co_return corrupt(keys.front(), "the parts of the body are not as long as its document says");
  }
  co_return std::optional<std::string>(std::move(body));
}

Task<Result<std::optional<std::string>>> read_some_parts(DocumentsCore documents, BodyParts parts,
                                                         std::uint64_t first, table::Call call) {
  const auto keys = part_keys(documents.place, parts);
  auto some = some_of(keys, first, kStreamedParts);
  co_return co_await read_rows_of(documents, std::move(some), call);
}

}  // namespace loopstate::store
