// A document's body piece by piece, for bodies that are not to be in memory whole:
//
//     DocumentReader reader(documents, user, chat, "recording");
//     auto head = co_await reader.open();
//     for (auto piece = co_await reader.next(); piece && !piece->empty(); piece = co_await reader.next()) ...
#pragma once

#include <memory>
#include <string>

#include "loopstate/documents.hpp"

namespace loopstate {

namespace store {
struct Download;
struct Upload;
}  // namespace store

/// One call at a time. Every call has the timeout of the options to itself.
class DocumentReader {
 public:
  DocumentReader(const Documents& documents, UserId user, CollectionId collection, std::string key,
                 CallOptions options = {});

  /// The document without its body; `next` begins at the beginning. NotFound.
  Task<Result<Document>> open();
  /// At most 1.4 MB; empty at the end. VersionConflict: the document was replaced or removed meanwhile.
  Task<Result<std::string>> next();

 private:
  std::shared_ptr<store::Download> state_;
};

/// Stores a document as `Documents::put` does, under the same request id as the same call. One call at a
/// time. Every call has the timeout of the options to itself. After an error, only `abandon` is left. Twelve
/// hours after the first 1.4 MB of a larger body, it ends with DeadlineExceeded.
class DocumentWriter {
 public:
  /// `head`: what is to be stored, without its body.
  DocumentWriter(const Documents& documents, UserId user, CollectionId collection, std::string key,
                 ByName<NewDocument> head, DocumentOptions options = {});

  /// What comes next in the body. It may be kept here until there is more. Erased, ItemTooLarge;
  /// VersionConflict if the document is not at the version of the options, as soon as there are more than
  /// 1.4 MB, or if the collection was dropped since.
  Task<Result<void>> write(std::string bytes);
  /// The document exists from here on. As `put`; VersionConflict also as above.
  Task<Result<StoredDocument>> finish();
  /// Removes what was written, as well as it can: what is left, `check` finds after a day. A collection that
  /// was made for it stays.
  Task<Result<void>> abandon();

 private:
  std::shared_ptr<store::Upload> state_;
};

}  // namespace loopstate
