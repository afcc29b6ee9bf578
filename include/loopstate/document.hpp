// Documents: what an agent keeps for a user that is more, or larger, than a context holds.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loopstate/clock.hpp"
#include "loopstate/json_text.hpp"
#include "loopstate/names.hpp"

namespace loopstate {

struct CollectionTag {
  static constexpr std::string_view field = "collection";
};
/// The documents of one conversation, of one task, of one kind. Each user has their own.
using CollectionId = Name<CollectionTag>;

inline constexpr std::size_t kMaxDocumentKeyBytes = 400;
inline constexpr std::size_t kMaxDocumentBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxDocumentMetaBytes = 4096;
/// In one call of `append`.
inline constexpr std::size_t kMaxAppendedDocuments = 90;

/// What is to be stored.
struct NewDocument {
  std::string body = {};  ///< any bytes, at most 64 MB
  JsonText meta = {};     ///< at most 4,096 bytes; a list without bodies has it too
  /// From 1 s to 100 years: the document ceases to exist then. Default: it stays.
  std::optional<std::chrono::seconds> lifetime = {};
};

/// A document as stored.
struct Document {
  /// 1 to 400 bytes of UTF-8 without NUL; documents are in the order of these bytes. An appended document's
  /// is its number, in 20 digits.
  std::string key;
  std::string body;        ///< empty where it was not asked for
  std::uint64_t size = 0;  ///< of the body, in bytes
  JsonText meta;
  /// Greater after every write. A document that is removed and made again continues from there, for 30 days
  /// also if its collection was dropped. After that, and once the user was erased and brought back, versions
  /// begin at 1 again.
  std::uint64_t version = 0;
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<Timestamp> expires_at;

  friend bool operator==(const Document&, const Document&) = default;
};

/// What a write of a document made.
struct StoredDocument {
  std::string key;
  std::uint64_t version = 0;
  friend bool operator==(const StoredDocument&, const StoredDocument&) = default;
};

/// The entries of one `append`: consecutive numbers, from 1 in a new collection.
struct AppendedDocuments {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::string generation;  ///< the collection's, for AppendOptions::in_generation
  friend bool operator==(const AppendedDocuments&, const AppendedDocuments&) = default;
};

/// Some of a collection's documents, in the order asked for.
struct DocumentPage {
  std::vector<Document> documents;
  /// For DocumentListOptions::after: where the next page begins. Nothing: this was the last one.
  std::optional<std::string> next;
  /// The collection's, for AppendOptions::in_generation: of the documents, or of one before them if it was
  /// dropped and made anew while they were read. Nothing: there is no collection.
  std::optional<std::string> generation;
};

struct CollectionInfo {
  CollectionId collection;
  std::uint64_t appended = 0;  ///< how many documents were ever appended
  Timestamp created_at{};
};

/// The key of an appended document.
std::string document_key(std::uint64_t number);
/// The number of an appended document; nothing if this is not such a key.
std::optional<std::uint64_t> document_number(std::string_view key);

}  // namespace loopstate
