// The rows of documents, in a partition of their own for each collection: one for each document, and, where a
// body does not fit into it, one for each part of that.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/document.hpp"
#include "loopstate/error.hpp"
#include "table/table.hpp"

namespace loopstate::store {

inline constexpr std::string_view kDocumentsPrefix = "DOCS#";
inline constexpr std::string_view kDocumentSort = "D#";
inline constexpr std::string_view kPartSort = "P#";
/// Of a body, in one row.
inline constexpr std::size_t kMaxRowBodyBytes = 350u << 10;

/// How long parts stay after their document has ended by itself, so that a reader of it has them to the end.
inline constexpr std::chrono::seconds kPartsOutlast = std::chrono::days(1);

/// Which collection it is. Names may be longer than 200 bytes if the Rust crate made them.
struct CollectionPlace {
  std::string user;
  std::string collection;
};

/// `DOCS#{bytes of the user}#{user}#{collection}`; where that leaves no room for the longest key beside it,
/// `DOCS##{SHA-256 of that, first 128 bits, hexadecimal}`.
std::string documents_partition(const CollectionPlace& place);
table::Key document_row_key(const CollectionPlace& place, std::string_view key);
table::Key part_key(const CollectionPlace& place, std::string_view id, std::uint64_t number);

/// Where a body is that does not fit into its document's row.
struct BodyParts {
  std::string id;           ///< of the write that made them
  std::uint64_t count = 0;  ///< numbered from 0
  friend bool operator==(const BodyParts&, const BodyParts&) = default;
};

struct DocumentRow {
  Document document;  ///< with its body, unless that is in parts
  std::optional<BodyParts> parts;
};

/// InvalidArgument.
Result<void> check_document_key(std::string_view key);
Result<void> check_new_document(const NewDocument& document);

/// CorruptItem.
Result<DocumentRow> document_from_row(const table::Item& row);
table::Item document_row(const CollectionPlace& place, const DocumentRow& content);
/// The row of one part, of at most kMaxRowBodyBytes. It ceases to exist kPartsOutlast after `expires_at`, if
/// there is one.
table::Item part_row(const CollectionPlace& place, std::string_view id, std::uint64_t number,
                     std::string_view bytes, Timestamp now, std::optional<Timestamp> expires_at);
/// The rows of some of a body's parts, at most `count` from the one numbered `first` on. They cease to exist
/// kPartsOutlast after `expires_at`, if there is one.
std::vector<table::Item> part_rows(const CollectionPlace& place, const BodyParts& parts,
                                   std::string_view body, std::uint64_t first, std::uint64_t count,
                                   Timestamp now, std::optional<Timestamp> expires_at);
std::vector<table::Key> part_keys(const CollectionPlace& place, const BodyParts& parts);
/// How many rows a body of that size is cut into.
std::uint64_t count_parts(std::uint64_t size);

}  // namespace loopstate::store
