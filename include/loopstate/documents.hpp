// The calls for documents (document.hpp), over a store:
//
//     Documents documents(store);
//     const CollectionId chat{"chat-1"};
//     auto turn = co_await documents.append(user, chat, turns, CallOptions().request_id(delivery));
//     auto recent = co_await documents.list(user, chat, DocumentListOptions().descending().limit(20));
//
// and, for a document with a name, without losing what another writer has done in between:
//
//     auto plan = co_await documents.get(user, CollectionId{"notes"}, "plan");
//     NewDocument changed{.body = edited(plan->body)};
//     auto stored = co_await documents.put(user, CollectionId{"notes"}, "plan", changed,
//                                          DocumentOptions().at_version(plan->version));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loopstate/by_name.hpp"
#include "loopstate/document.hpp"
#include "loopstate/error.hpp"
#include "loopstate/names.hpp"
#include "loopstate/options.hpp"
#include "loopstate/store.hpp"
#include "loopstate/task.hpp"

namespace loopstate {

/// For `put` and `remove`.
class DocumentOptions : public BasicOptions<DocumentOptions> {
 public:
  DocumentOptions() = default;
  DocumentOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// Only over the document of this version; 0: only if there is none. VersionConflict otherwise. Default:
  /// whatever is there.
  DocumentOptions& at_version(std::optional<std::uint64_t> version) & {
    at_version_ = version;
    return *this;
  }
  DocumentOptions&& at_version(std::optional<std::uint64_t> version) && {
    return std::move(at_version(version));
  }
  /// The same as at_version(0).
  DocumentOptions& if_absent() & { return at_version(0); }
  DocumentOptions&& if_absent() && { return std::move(at_version(0)); }
  const std::optional<std::uint64_t>& at_version() const noexcept { return at_version_; }

 private:
  std::optional<std::uint64_t> at_version_;
};

/// For `append`.
class AppendOptions : public BasicOptions<AppendOptions> {
 public:
  AppendOptions() = default;
  AppendOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// Only if the first document gets this number: 1 in a collection that does not exist. VersionConflict
  /// otherwise. So of several writers who have read a log up to its end, one goes on with it, and the others
  /// are told. Default: whatever number comes next.
  AppendOptions& at_number(std::optional<std::uint64_t> number) & {
    at_number_ = number;
    return *this;
  }
  AppendOptions&& at_number(std::optional<std::uint64_t> number) && { return std::move(at_number(number)); }
  /// Only into the collection of which a page or an earlier append said this: not into one of the same name
  /// that was made since. VersionConflict otherwise. A log that is deleted and grown anew to the same length
  /// is told from the one that was read by this alone. Default: whatever collection there is.
  AppendOptions& in_generation(std::optional<std::string> generation) & {
    in_generation_ = std::move(generation);
    return *this;
  }
  AppendOptions&& in_generation(std::optional<std::string> generation) && {
    return std::move(in_generation(std::move(generation)));
  }
  const std::optional<std::uint64_t>& at_number() const noexcept { return at_number_; }
  const std::optional<std::string>& in_generation() const noexcept { return in_generation_; }

 private:
  std::optional<std::uint64_t> at_number_;
  std::optional<std::string> in_generation_;
};

/// For `list`.
class DocumentListOptions : public BasicOptions<DocumentListOptions> {
 public:
  DocumentListOptions() = default;
  DocumentListOptions(CallOptions options) : BasicOptions(std::move(options)) {}  // NOLINT: implicit

  /// Only keys that begin with this. Excludes `from` and `to`.
  DocumentListOptions& prefix(std::optional<std::string> text) & {
    prefix_ = std::move(text);
    return *this;
  }
  DocumentListOptions&& prefix(std::optional<std::string> text) && {
    return std::move(prefix(std::move(text)));
  }
  /// Only keys from this one on, itself included.
  DocumentListOptions& from(std::optional<std::string> key) & {
    from_ = std::move(key);
    return *this;
  }
  DocumentListOptions&& from(std::optional<std::string> key) && { return std::move(from(std::move(key))); }
  /// Only keys up to this one, itself included.
  DocumentListOptions& to(std::optional<std::string> key) & {
    to_ = std::move(key);
    return *this;
  }
  DocumentListOptions&& to(std::optional<std::string> key) && { return std::move(to(std::move(key))); }
  /// The last keys first.
  DocumentListOptions& descending(bool last_first = true) & {
    descending_ = last_first;
    return *this;
  }
  DocumentListOptions&& descending(bool last_first = true) && { return std::move(descending(last_first)); }
  /// DocumentPage::next of the page before, of a list with the same options.
  DocumentListOptions& after(std::optional<std::string> next) & {
    after_ = std::move(next);
    return *this;
  }
  DocumentListOptions&& after(std::optional<std::string> next) && {
    return std::move(after(std::move(next)));
  }
  /// At most so many documents, 1 to 1,000. Default: 100.
  DocumentListOptions& limit(std::size_t documents) & {
    limit_ = documents;
    return *this;
  }
  DocumentListOptions&& limit(std::size_t documents) && { return std::move(limit(documents)); }
  /// At most so many bytes of bodies; the first document comes whatever its size. Default: 4 MB.
  DocumentListOptions& max_bytes(std::uint64_t bytes) & {
    max_bytes_ = bytes;
    return *this;
  }
  DocumentListOptions&& max_bytes(std::uint64_t bytes) && { return std::move(max_bytes(bytes)); }
  /// Everything but the bodies.
  DocumentListOptions& without_bodies(bool without = true) & {
    without_bodies_ = without;
    return *this;
  }
  DocumentListOptions&& without_bodies(bool without = true) && { return std::move(without_bodies(without)); }

  const std::optional<std::string>& prefix() const noexcept { return prefix_; }
  const std::optional<std::string>& from() const noexcept { return from_; }
  const std::optional<std::string>& to() const noexcept { return to_; }
  const std::optional<std::string>& after() const noexcept { return after_; }
  bool is_descending() const noexcept { return descending_; }
  std::size_t limit() const noexcept { return limit_; }
  std::uint64_t max_bytes() const noexcept { return max_bytes_; }
  bool is_without_bodies() const noexcept { return without_bodies_; }

 private:
  std::optional<std::string> prefix_, from_, to_, after_;
  std::size_t limit_ = 100;
  std::uint64_t max_bytes_ = std::uint64_t{4} << 20;
  bool descending_ = false;
  bool without_bodies_ = false;
};

/// Any call may fail with InvalidArgument, CorruptItem and the errors of the engine; any write with
/// RequestIdReused and OutcomeUnknown, as in Store. Calls list their other errors. A user who was erased has
/// no documents, and gets none until somebody brings them back: writes are Erased, or a VersionConflict where
/// they ask for what is not there. An erasure closes 45 collections at once, by name; while it is on its way
/// to the others, those still take writes, which go with them.
///
/// A write with a body of more than 350 KB makes its collection first; if it does not come to its end, a new
/// collection stays, without documents.
///
/// May be used from several threads, and is cheap to copy. Its calls may outlive it, and the store too. What
/// an earlier call over the same store learnt about a collection saves a request.
class Documents {
 public:
  explicit Documents(Store store) : store_(std::move(store)) {}

  /// VersionConflict, Erased.
  Task<Result<StoredDocument>> put(UserId user, CollectionId collection, std::string key,
                                   ByName<NewDocument> document, DocumentOptions options = {});
  /// 1 to 90 documents under the next numbers, all or none. Two that append at once both do, one after the
  /// other. Repeat only with a request id or at a number: otherwise, they are appended again.
  /// VersionConflict, Erased.
  Task<Result<AppendedDocuments>> append(UserId user, CollectionId collection,
                                         std::vector<NewDocument> documents, AppendOptions options = {});
  /// Beside a removal or a `drop`: the document as it was before, whole, or NotFound.
  Task<Result<Document>> get(UserId user, CollectionId collection, std::string key, CallOptions options = {});
  /// A collection that does not exist has no documents. Not one moment: a document may change between two
  /// pages.
  Task<Result<DocumentPage>> list(UserId user, CollectionId collection, DocumentListOptions options = {});
  /// Whether there was one. VersionConflict. Repeat only with a request id or at a version.
  Task<Result<bool>> remove(UserId user, CollectionId collection, std::string key,
                            DocumentOptions options = {});
  /// Removes all documents but the `count` with the last keys; returns how many it removed. Not all at once:
  /// OutcomeUnknown if it was cut off after it had removed some. It takes no request id: repeated after
  /// others have appended, it removes more. A collection that is made anew meanwhile is left alone.
  Task<Result<std::uint64_t>> keep_last(UserId user, CollectionId collection, std::uint64_t count,
                                        CallOptions options = {});
  /// By name.
  Task<Result<std::vector<CollectionInfo>>> collections_of(UserId user, CallOptions options = {});
  /// Removes the collection with all its documents; returns whether there was one. From its first moment on
  /// the collection is empty for everybody. Repeating finishes what was cut off; only with a request id does
  /// it leave alone a collection that was made since.
  Task<Result<bool>> drop(UserId user, CollectionId collection, CallOptions options = {});

  const Store& store() const noexcept { return store_; }

 private:
  Store store_;
};

/// The same for code without an event loop, as BlockingStore is for a Store. Arguments may be written in
/// braces.
class BlockingDocuments {
 public:
  explicit BlockingDocuments(Store store) : documents_(std::move(store)) {}

  Result<StoredDocument> put(UserId user, CollectionId collection, std::string key, NewDocument document,
                             DocumentOptions options = {});
  Result<AppendedDocuments> append(UserId user, CollectionId collection, std::vector<NewDocument> documents,
                                   AppendOptions options = {});
  Result<Document> get(UserId user, CollectionId collection, std::string key, CallOptions options = {});
  Result<DocumentPage> list(UserId user, CollectionId collection, DocumentListOptions options = {});
  Result<bool> remove(UserId user, CollectionId collection, std::string key, DocumentOptions options = {});
  Result<std::uint64_t> keep_last(UserId user, CollectionId collection, std::uint64_t count,
                                  CallOptions options = {});
  Result<std::vector<CollectionInfo>> collections_of(UserId user, CallOptions options = {});
  Result<bool> drop(UserId user, CollectionId collection, CallOptions options = {});

 private:
  Documents documents_;
};

}  // namespace loopstate
