// What the writes of documents decide, without reading or writing anything.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loopstate/document.hpp"
#include "store/rules/collection_steps.hpp"
#include "store/rules/document_parts.hpp"
#include "store/spine/rule.hpp"

namespace loopstate::store {

struct KnownDocument {
  KnownCollection collection;
  bool read = false;                    ///< or seen in a refusal, or expected to be absent
  std::optional<DocumentRow> document;  ///< nothing: there is none
};

/// A document to be stored, its body in its row or already in parts.
struct DocumentContent {
  std::string body;  ///< empty if it is in parts
  std::uint64_t size = 0;
  std::optional<BodyParts> parts;
  JsonText meta;
  std::optional<Timestamp> expires_at;
};

struct PutWork {
  CollectionPlace place;
  std::string key;
  DocumentContent content;
  std::optional<std::uint64_t> at_version;
  /// The collection for which the parts were written; the plan is an error for another.
  std::optional<std::string> generation;
  WriteCall write;
};

struct RemovalWork {
  CollectionPlace place;
  std::string key;
  std::optional<std::uint64_t> at_version;
  WriteCall write;
};

struct AppendWork {
  CollectionPlace place;
  std::vector<DocumentContent> contents;
  std::optional<std::uint64_t> at_number;
  std::optional<std::string> in_generation;
  /// As in PutWork.
  std::optional<std::string> generation;
  WriteCall write;
};

Result<Plan<StoredDocument>> plan_put(const PutWork& work, const KnownDocument& known);
Result<Plan<bool>> plan_removal(const RemovalWork& work, const KnownDocument& known);
Result<Plan<AppendedDocuments>> plan_append(const AppendWork& work, const KnownCollection& known);

/// VersionConflict if the collection, or the next number in it, is another than the caller's.
Result<void> check_end(const AppendWork& work, const KnownCollection& known);

/// The collection once that is done.
CollectionRow after_put(const PutWork& work, const KnownDocument& known);
CollectionRow after_removal(const RemovalWork& work, const KnownDocument& known);
CollectionRow after_append(const AppendWork& work, const KnownCollection& known);

/// Erased, CorruptItem.
Result<void> learn_document(const CollectionPlace& place, KnownDocument& known, const Refusals& refusals);

/// Whether the parts were written for another collection than the one that is there now: they must be written
/// again.
bool is_for_another(const std::optional<std::string>& generation, const KnownCollection& known);

}  // namespace loopstate::store
