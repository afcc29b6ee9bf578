// A write of documents some of whose bodies do not fit into their rows: the parts first, then what names
// them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/try.hpp"
#include "store/rules/document_plan.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/request.hpp"

namespace loopstate::store {

using Bodies = std::shared_ptr<const std::vector<PartedBody>>;

DocumentContent content_of(NewDocument document, Timestamp now);

/// Moves the bodies that have no room in their rows, the largest first, into parts.
Bodies part_bodies(std::vector<DocumentContent>& contents, const std::string& write_id);

/// A live collection, made if there is none. Erased.
Task<Result<KnownCollection>> ensure_collection(DocumentsCore documents, KnownCollection known,
                                                WriteCall write);

/// What is remembered of the collection.
KnownCollection remembered(const DocumentsCore& documents);
void remember(const DocumentsCore& documents, const KnownCollection& known);

/// Never seen by a caller: the parts that were written went with their collection, which was dropped, so that
/// write_with_parts writes them again.
std::unexpected<Error> parts_are_gone();
bool are_parts_gone(const Error& error);

/// Names the parts, if `known` is still what they were written for.
template <typename Answer>
using NameParts =
    std::function<Task<Result<Answer>>(KnownCollection known, std::optional<std::string> generation)>;

/// An error if the parts would be written in vain, else what is known of the collection: `known`, or more.
using RefuseInVain = std::function<Task<Result<KnownCollection>>(KnownCollection known)>;

template <typename Answer>
Task<Result<Answer>> write_parts_first(DocumentsCore documents, KnownCollection known, Bodies bodies,
                                       WriteCall write, RefuseInVain refuse_in_vain, NameParts<Answer> name) {
  Attempts attempts(documents.subject(), write.call.deadline);
  while (attempts.left()) {
    CO_TRY_OK(co_await attempts.next());
    CO_TRY(auto live, co_await ensure_collection(documents, std::move(known), write));
    auto row = *live.row;
    CO_TRY(const auto written, co_await write_parts(documents, std::move(row), bodies, write));
    if (written) {
      auto generation = std::optional(live.row->generation);
      auto naming = name(std::move(live), std::move(generation));
      auto done = co_await std::move(naming);
      if (done || !are_parts_gone(done.error())) co_return done;
    }
    // Before another collection is made for them.
    KnownCollection nothing;
    auto refusing = refuse_in_vain(std::move(nothing));
    CO_TRY(known, co_await std::move(refusing));
  }
  co_return attempts.gave_up();
}

/// Both again if the collection is dropped and made anew in between.
template <typename Answer>
Task<Result<Answer>> write_with_parts(DocumentsCore documents, Bodies bodies, WriteCall write,
                                      RefuseInVain refuse_in_vain, NameParts<Answer> name) {
  auto known = remembered(documents);
  if (bodies->empty()) {
    auto naming = name(std::move(known), std::nullopt);
    co_return co_await std::move(naming);
  }
  CO_TRY_OK(co_await refuse_repetition(documents.core, write));
  auto refusing = refuse_in_vain(std::move(known));
  CO_TRY(known, co_await std::move(refusing));
  auto writing = write_parts_first<Answer>(documents, std::move(known), bodies, write,
                                           std::move(refuse_in_vain), std::move(name));
  auto done = co_await std::move(writing);
  // Nothing names them, except perhaps a write whose outcome is unknown.
  if (!done && done.error().code != ErrorCode::OutcomeUnknown) {
    std::vector<BodyParts> unnamed;
    for (const auto& body : *bodies) unnamed.push_back(body.parts);
    co_await erase_parts(documents, std::move(unnamed), write.call);
  }
  co_return done;
}

}  // namespace loopstate::store
