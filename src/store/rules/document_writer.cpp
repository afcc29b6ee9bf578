#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "loopstate/document_stream.hpp"
#include "store/rules/document_parts.hpp"
#include "store/rules/document_put.hpp"
#include "store/rules/parted_write.hpp"
#include "store/spine/request.hpp"

namespace loopstate {

struct store::Upload {
  DocumentsCore documents;
  UserId user;
  CollectionId collection;
  std::string key;
  NewDocument head;
  DocumentOptions options;
  crypto::Sha256 hash;
  std::string buffer;  // not yet in a part
  std::uint64_t size = 0;
  BodyParts parts;
  Timestamp begun{};           // when the first part was written
  KnownCollection known;       // live once there are parts
  bool repeats = false;        // what an earlier call stored: none of it is written again
  std::optional<Error> ended;  // why nothing more is taken
};

namespace {

using store::KnownCollection;
using store::WriteCall;
using UploadPtr = std::shared_ptr<store::Upload>;

constexpr std::size_t kFlushedBytes = store::kStreamedParts * store::kMaxRowBodyBytes;

std::unexpected<Error> was_dropped(const store::Upload& upload) {
  return fail(ErrorCode::VersionConflict,
              fmt::format("{} was dropped while its document {} was being written",
                          upload.documents.subject(), upload.key));
}

/// What was written first may be swept as left behind, or end before the document does.
Result<void> check_age(const store::Upload& upload, Timestamp now) {
  if (upload.parts.count == 0 || now - upload.begun <= store::kMaxWritingTime) return {};
  return fail(ErrorCode::DeadlineExceeded,
              fmt::format("document {} in {} has been written for more than {} hours: write it again",
                          upload.key, upload.documents.subject(),
                          std::chrono::duration_cast<std::chrono::hours>(store::kMaxWritingTime).count()));
}

Task<Result<bool>> is_repetition(UploadPtr upload, WriteCall write) {
  const auto& id = upload->options.request_id();
  if (!id) co_return false;
  // Of the same body? That is known at the end.
  store::name_write(write, *id, "put_document", {});
  CO_TRY_OK(co_await store::look_up_request(upload->documents.core, write));
  co_return write.request->standing.has_value();
}

/// A live collection from here on, unless nothing is to be written.
Task<Result<void>> begin_parts(UploadPtr upload, WriteCall write) {
  if (upload->repeats || store::is_live(upload->known)) co_return Result<void>{};
  CO_TRY(upload->repeats, co_await is_repetition(upload, write));
  if (upload->repeats) co_return Result<void>{};
  store::PutWork put{upload->documents.place, upload->key, {}, upload->options.at_version(), {}, write};
  auto work = std::make_shared<const store::PutWork>(std::move(put));
  auto known = store::remembered(upload->documents);
  CO_TRY(known, co_await store::refuse_in_vain(upload->documents, std::move(work), std::move(known)));
  upload->parts.id = fmt::format("{}-0", write.write_id);
  upload->begun = write.call.now;
  CO_TRY(upload->known, co_await store::ensure_collection(upload->documents, std::move(known), write));
  co_return Result<void>{};
}

/// Writes what is at the beginning of the buffer into parts.
Task<Result<void>> flush(UploadPtr upload, WriteCall write) {
  CO_TRY_OK(check_age(*upload, write.call.now));
  CO_TRY_OK(co_await begin_parts(upload, write));
  if (upload->repeats) {
    upload->buffer.clear();
    co_return Result<void>{};
  }
  const auto now = write.call.now;
  std::optional<Timestamp> expires_at;
  if (upload->head.lifetime) expires_at = now + *upload->head.lifetime;
  const auto bytes = std::min(upload->buffer.size(), kFlushedBytes);
  const auto body = std::string_view(upload->buffer).substr(0, bytes);
  std::vector<table::Item> rows;
  for (std::size_t at = 0; at < bytes; at += store::kMaxRowBodyBytes) {
    rows.push_back(store::part_row(upload->documents.place, upload->parts.id,
                                   upload->parts.count + rows.size(),
                                   body.substr(at, store::kMaxRowBodyBytes), now, expires_at));
  }
  // Before they are written: what the reply to a write that was made says may be lost.
  upload->parts.count += rows.size();
  auto seen = *upload->known.row;
  CO_TRY(const auto written,
         co_await store::write_rows(upload->documents, std::move(seen), std::move(rows), write.call));
  if (!written) co_return was_dropped(*upload);
  upload->buffer.erase(0, bytes);
  co_return Result<void>{};
}

Result<void> check_more(const store::Upload& upload, std::size_t bytes) {
  if (upload.ended) return std::unexpected(*upload.ended);
  TRY_OK(store::check_all_given(upload.user, upload.collection));
  TRY_OK(store::check_document_key(upload.key));
  TRY_OK(store::check_new_document(upload.head));
  if (!upload.head.body.empty()) return fail(ErrorCode::InvalidArgument, "the head has a body");
  if (upload.size + bytes <= kMaxDocumentBytes) return {};
  return fail(ErrorCode::ItemTooLarge,
              fmt::format("body is longer than the {} bytes that are allowed", kMaxDocumentBytes));
}

Task<Result<void>> take(UploadPtr upload, std::string bytes) {
  CO_TRY_OK(check_more(*upload, bytes.size()));
  upload->hash.update(bytes);
  upload->size += bytes.size();
  upload->buffer += bytes;
  while (upload->buffer.size() > kFlushedBytes) {
    auto unnamed = CallOptions().deadline(upload->options.deadline()).timeout(upload->options.timeout());
    CO_TRY(auto write, store::begin_write(*upload->documents.core, unnamed));
    CO_TRY_OK(co_await flush(upload, std::move(write)));
  }
  co_return Result<void>{};
}

Task<Result<void>> write_on(UploadPtr upload, std::string bytes) {
  auto taken = co_await take(upload, std::move(bytes));
  if (!taken) upload->ended = taken.error();
  co_return taken;
}

store::PutWork work_of(store::Upload& upload, WriteCall write) {
  store::DocumentContent content;
  content.size = upload.size;
  content.meta = upload.head.meta;
  if (upload.head.lifetime) content.expires_at = write.call.now + *upload.head.lifetime;
  std::optional<std::string> generation;
  if (upload.parts.count > 0) {
    content.parts = upload.parts;
    generation = upload.known.row->generation;
  } else {
    content.body = std::exchange(upload.buffer, {});
  }
  return {upload.documents.place, upload.key,      std::move(content), upload.options.at_version(),
          std::move(generation),  std::move(write)};
}

/// Always an error, which `once` replaces with the answer.
Task<Result<StoredDocument>> repeat(UploadPtr upload, WriteCall write) {
  CO_TRY_OK(co_await store::refuse_repetition(upload->documents.core, write));
  co_return fail(ErrorCode::Unavailable,
                 "the request id ended while the document that was stored under it was being written again",
                 true);
}

Task<Result<StoredDocument>> put_upload(UploadPtr upload, WriteCall write) {
  while (!upload->buffer.empty() && upload->size > store::kMaxRowBodyBytes) {
    CO_TRY_OK(co_await flush(upload, write));
  }
  if (upload->repeats) co_return co_await repeat(upload, write);
  CO_TRY_OK(check_age(*upload, write.call.now));
  auto work = std::make_shared<const store::PutWork>(work_of(*upload, write));
  auto known = upload->parts.count > 0 ? upload->known : store::remembered(upload->documents);
  auto putting = store::put_row(upload->documents, std::move(work), std::move(known));
  auto stored = co_await std::move(putting);
  if (!stored && store::are_parts_gone(stored.error())) co_return was_dropped(*upload);
  co_return stored;
}

Task<Result<void>> abandon_on(UploadPtr upload) {
  if (!upload->ended)
    upload->ended = Error{ErrorCode::InvalidArgument, "the document was abandoned", false, {}};
  if (upload->parts.count == 0) co_return Result<void>{};
  auto unnamed = CallOptions().deadline(upload->options.deadline()).timeout(upload->options.timeout());
  const auto call = store::begin_read(*upload->documents.core, unnamed);
  std::vector<store::BodyParts> parts;
  parts.push_back(std::exchange(upload->parts, {}));
  co_await store::erase_parts(upload->documents, std::move(parts), call);
  co_return Result<void>{};
}

Task<Result<StoredDocument>> finish_on(UploadPtr upload) {
  CO_TRY_OK(check_more(*upload, 0));
  const auto& options = upload->options;
  const store::DocumentDigest digest{crypto::hex(upload->hash.finish()), upload->head.meta,
                                     upload->head.lifetime};
  CO_TRY(auto write, store::begin_write(*upload->documents.core, options, "put_document", upload->user,
                                        upload->collection, upload->key, digest, options.at_version()));
  const auto repetition =
      options.at_version() ? store::Repetition::IsToldByItself : store::Repetition::MayDoItTwice;
  auto putting = put_upload(upload, write);
  auto finishing = store::once(upload->documents.core, write, std::move(putting), repetition);
  auto stored = co_await std::move(finishing);
  upload->ended = Error{ErrorCode::InvalidArgument, "the document has been stored", false, {}};
  if (!stored) upload->ended = stored.error();
  const bool named = stored && (!write.request || write.request->done);
  const bool unknown = !stored && stored.error().code == ErrorCode::OutcomeUnknown;
  if (named || unknown) upload->parts = {};  // they stay
  [[maybe_unused]] const auto tidied = co_await abandon_on(upload);
  co_return stored;
}

}  // namespace

DocumentWriter::DocumentWriter(const Documents& documents, UserId user, CollectionId collection,
                               std::string key, ByName<NewDocument> head, DocumentOptions options)
    : state_(std::make_shared<store::Upload>()) {
  state_->documents = store::documents_core(documents.store(), user, collection);
  state_->user = std::move(user);
  state_->collection = std::move(collection);
  state_->key = std::move(key);
  state_->head = std::move(head).value();
  state_->options = std::move(options);
}

Task<Result<void>> DocumentWriter::write(std::string bytes) {
  return write_on(state_, std::move(bytes));
}

Task<Result<StoredDocument>> DocumentWriter::finish() {
  return finish_on(state_);
}

Task<Result<void>> DocumentWriter::abandon() {
  return abandon_on(state_);
}

}  // namespace loopstate
