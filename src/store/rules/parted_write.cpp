#include "store/rules/parted_write.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace loopstate::store {
namespace {

/// Of bodies in documents' rows, in one transaction of at most 4 MB.
constexpr std::size_t kMaxInlineBytes = 3u << 20;
/// A row has other attributes as well.
constexpr std::size_t kRowBytes = 1024;

std::size_t inline_bytes(const DocumentContent& content) {
  return content.body.size() + content.meta.text().size() + kRowBytes;
}

}  // namespace

DocumentContent content_of(NewDocument document, Timestamp now) {
  DocumentContent content;
  content.size = document.body.size();
  if (document.lifetime) content.expires_at = now + *document.lifetime;
  content.body = std::move(document.body);
  content.meta = std::move(document.meta);
  return content;
}

Bodies part_bodies(std::vector<DocumentContent>& contents, const std::string& write_id) {
  auto bodies = std::make_shared<std::vector<PartedBody>>();
  std::vector<DocumentContent*> by_size;
  std::size_t total = 0;
  for (auto& content : contents) {
    by_size.push_back(&content);
    total += inline_bytes(content);
  }
  std::ranges::stable_sort(by_size, std::greater(), &DocumentContent::size);
  for (auto* content : by_size) {
    if (content->size <= kMaxRowBodyBytes && total <= kMaxInlineBytes) break;
    total -= content->body.size();
    content->parts = BodyParts{fmt::format("{}-{}", write_id, bodies->size()), count_parts(content->size)};
    bodies->push_back({*content->parts, std::exchange(content->body, {}), content->expires_at});
  }
  return bodies;
}

Task<Result<KnownCollection>> ensure_collection(DocumentsCore documents, KnownCollection known,
                                                WriteCall write) {
  const auto& place = documents.place;
  Attempts attempts(documents.subject(), write.call.deadline);
  while (attempts.left()) {
    CO_TRY_OK(co_await attempts.next());
    if (!known.read || is_being_emptied(known)) {
      CO_TRY(known, co_await read_collection(documents.core, place, write.call));
    }
    if (is_live(known)) co_return known;
    if (is_being_emptied(known)) continue;
    auto made = base_of(known, write);
    auto alone = write;
    alone.request.reset();  // the collection is not what the caller named
    Steps steps;
    add_collection_step(steps, place, known, made, true);
    CO_TRY(auto outcome, co_await transact_steps(documents.core, std::move(steps), std::move(alone), {}, {}));
    if (outcome.applied) {
      known.row = std::move(made);
      co_return known;
    }
    CO_TRY_OK(learn_collection(place, known, outcome.refusals));
  }
  co_return attempts.gave_up();
}

KnownCollection remembered(const DocumentsCore& documents) {
  KnownCollection known;
  known.row = documents.core->collections.find(documents.place);
  known.read = known.remembered = known.row.has_value();
  return known;
}

void remember(const DocumentsCore& documents, const KnownCollection& known) {
  if (is_live(known)) {
    documents.core->collections.keep(documents.place, *known.row);
  } else {
    documents.core->collections.forget(documents.place);
  }
}

std::unexpected<Error> parts_are_gone() {
  return fail(ErrorCode::Superseded, "the collection has been dropped and made anew");
}

bool are_parts_gone(const Error& error) {
  return error.code == ErrorCode::Superseded;
}

}  // namespace loopstate::store
