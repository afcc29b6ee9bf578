// Bodies that do not fit into their document's row: written before the document that names them, and removed
// after it. What a crash leaves between the two is found by `check`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "store/rules/collection_steps.hpp"

namespace loopstate::store {

/// Parts that no document names count as left behind once they are older than this: until then their write
/// may still be under way.
inline constexpr std::chrono::seconds kOrphanAge = std::chrono::days(1);
/// Later than this after its first part no write names its parts any more: they may be gone by another
/// machine's clock, which may be hours ahead.
inline constexpr std::chrono::seconds kMaxWritingTime = std::chrono::hours(12);

/// A body on its way into its parts.
struct PartedBody {
  BodyParts parts;
  std::string body;
  std::optional<Timestamp> expires_at;
};

/// In transactions that check the collection: false if it is no longer the one that was seen. What was
/// written then stays until erase_parts, or until the collection's documents are removed.
Task<Result<bool>> write_parts(DocumentsCore documents, CollectionRow seen,
                               std::shared_ptr<const std::vector<PartedBody>> bodies, WriteCall write);

/// Some of a body's rows, in one transaction that checks the collection, as above.
Task<Result<bool>> write_rows(DocumentsCore documents, CollectionRow seen, std::vector<table::Item> rows,
                              table::Call call);

/// Rows to be removed, in groups of one transaction each. What is removed counts too: a transaction of
/// DynamoDB has at most 4 MB of items, and the embedded engine reads what it removes. `keys`: sorted,
/// documents of at most one page, and any number of parts.
std::vector<std::vector<table::Key>> groups_to_erase(const std::vector<table::Key>& keys);

/// Removes them as well as it can: an error leaves them to `check`.
Task<void> erase_parts(DocumentsCore documents, std::vector<BodyParts> parts, table::Call call);

/// The body; nothing if a part is missing, because the document has been written over or removed meanwhile.
Task<Result<std::optional<std::string>>> read_parts(DocumentsCore documents, BodyParts parts,
                                                    std::uint64_t size, table::Call call);

/// How many parts a stream holds at a time: 1.4 MB.
inline constexpr std::uint64_t kStreamedParts = 4;
/// The bytes of that many parts, from the one numbered `first` on; nothing as above.
Task<Result<std::optional<std::string>>> read_some_parts(DocumentsCore documents, BodyParts parts,
                                                         std::uint64_t first, table::Call call);

}  // namespace loopstate::store
