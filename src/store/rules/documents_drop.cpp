// Documents: drop, keep_last.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/try.hpp"
#include "loopstate/documents.hpp"
#include "loopstate/store.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/write_id.hpp"
#include "store/rules/document_parts.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/request.hpp"
#include "store/spine/rule.hpp"

namespace loopstate {
namespace {

using store::BodyParts;
using store::DocumentRow;
using store::DocumentsCore;
using store::KnownCollection;
using store::WriteCall;

/// In one transaction, beside the collection's row.
constexpr std::size_t kMaxRemoved = 90;

Result<store::Plan<bool>> plan_drop(const store::CollectionPlace& place, const WriteCall& write,
                                    const KnownCollection& known) {
  if (!known.read) return store::Read{};
  auto key = store::collection_key(place.user, place.collection);
  store::Write<bool> plan;
  plan.user = place.user;
  plan.answer = store::is_live(known);
  if (plan.answer) {
    table::UpdateItem update{std::move(key), {}, store::is_live_collection(*known.row)};
    update.update.push_back(table::Change::set(store::attribute::kState, std::string(store::kEmptyingState)));
    plan.steps.add(store::Role::Collection, std::move(update));
    return plan;
  }
  if (!write.request) return store::Settled<bool>{false};
  // That there was none is an answer too: a repetition must not drop a later one.
  plan.steps.add(store::Role::Collection,
                 table::Check{std::move(key), known.row ? table::Condition::exists(store::attribute::kState)
                                                        : table::Condition::item_absent()});
  return plan;
}

Task<Result<bool>> mark_emptying(DocumentsCore documents, WriteCall write) {
  store::Rule<KnownCollection, bool> rule;
  const auto& place = documents.place;
  rule.subject = documents.subject();
  rule.plan = [place, write](const KnownCollection& known) { return plan_drop(place, write, known); };
  rule.read = [documents](KnownCollection /*it is read again*/, table::Call call) {
    return store::read_collection(documents.core, documents.place, call);
  };
  rule.learn = [place](KnownCollection& known, const store::Refusals& refusals) {
    return store::learn_collection(place, known, refusals);
  };
  return store::run_rule(documents.core, std::move(rule), KnownCollection{}, write);
}

struct RowsPage {
  std::vector<DocumentRow> rows;  ///< without their bodies
  std::optional<std::string> next;
};

/// From the last key down, or from `last`.
Task<Result<RowsPage>> rows_backwards(DocumentsCore documents, std::optional<std::string> last,
                                      std::optional<std::string> cursor, table::Call call) {
  table::Query query;
  query.pk = store::documents_partition(documents.place);
  query.descending = true;
  query.cursor = std::move(cursor);
  if (last) {
    query.range.first = std::string(store::kDocumentSort);
    query.range.last = fmt::format("{}{}", store::kDocumentSort, *last);
  } else {
    query.range.prefix = std::string(store::kDocumentSort);
  }
  CO_TRY(auto page, co_await documents.core->table->query(std::move(query), call));
  RowsPage found;
  for (const auto& item : page.items) {
    CO_TRY(auto row, store::document_from_row(item));
    row.document.body.clear();
    found.rows.push_back(std::move(row));
  }
  found.next = std::move(page.next);
  co_return found;
}

/// The key of the first document that goes, from the end; nothing if all stay.
Task<Result<std::optional<std::string>>> find_boundary(DocumentsCore documents, std::uint64_t kept,
                                                       table::Call call) {
  std::optional<std::string> cursor;
  do {
    CO_TRY(auto page, co_await rows_backwards(documents, std::nullopt, std::move(cursor), call));
    if (kept < page.rows.size()) co_return std::optional<std::string>(page.rows[kept].document.key);
    kept -= page.rows.size();
    cursor = std::move(page.next);
  } while (cursor);
  co_return std::optional<std::string>();
}

/// One transaction. False: something has changed, read again.
Task<Result<bool>> remove_some(DocumentsCore documents, KnownCollection known, std::vector<DocumentRow> rows,
                               WriteCall write) {
  auto after = *known.row;
  store::Steps steps;
  std::vector<BodyParts> parts;
  for (const auto& row : rows) {
    after.floor = std::max(after.floor, row.document.version);
    auto same =
        table::Condition::equals(store::attribute::kVersion, table::Value::number(row.document.version));
    steps.add(store::Role::Document,
              table::Erase{store::document_row_key(documents.place, row.document.key), std::move(same)});
    if (row.parts) parts.push_back(*row.parts);
  }
  store::add_collection_step(steps, documents.place, known, after, false);
  CO_TRY(auto outcome, co_await store::transact_steps(documents.core, std::move(steps), write, {}, {}));
  if (!outcome.applied) co_return false;
  documents.core->collections.keep(documents.place, std::move(after));
  co_await store::erase_parts(documents, std::move(parts), write.call);
  co_return true;
}

/// Not one that was made since under the same name: what is in that, nobody has asked to remove.
bool is_still(const KnownCollection& known, const std::string& generation) {
  return store::is_live(known) && known.row->generation == generation;
}

/// One page's, in transactions. False: something has changed, read again.
Task<Result<bool>> remove_page(DocumentsCore documents, std::string generation, RowsPage page,
                               std::uint64_t* removed, WriteCall write) {
  for (std::size_t first = 0; first < page.rows.size(); first += kMaxRemoved) {
    CO_TRY(auto known, co_await store::read_collection(documents.core, documents.place, write.call));
    if (!is_still(known, generation)) co_return false;
    const auto last = std::min(first + kMaxRemoved, page.rows.size());
    std::vector<DocumentRow> some(page.rows.begin() + static_cast<std::ptrdiff_t>(first),
                                  page.rows.begin() + static_cast<std::ptrdiff_t>(last));
    const auto count = some.size();
    CO_TRY(const auto done, co_await remove_some(documents, std::move(known), std::move(some), write));
    if (!done) co_return false;
    *removed += count;
  }
  co_return true;
}

/// Counts in `removed`, also where it ends with an error.
Task<Result<void>> remove_up_to(DocumentsCore documents, std::string generation, std::string last,
                                std::uint64_t* removed, WriteCall write) {
  store::Attempts attempts(documents.subject(), write.call.deadline);
  while (attempts.left()) {
    CO_TRY_OK(co_await attempts.next());
    std::optional<std::string> cursor;
    bool unchanged = true;
    do {
      CO_TRY(auto page, co_await rows_backwards(documents, last, std::move(cursor), write.call));
      cursor = page.next;
      CO_TRY(unchanged, co_await remove_page(documents, generation, std::move(page), removed, write));
    } while (cursor && unchanged);
    if (unchanged) co_return Result<void>{};
    CO_TRY(const auto known, co_await store::read_collection(documents.core, documents.place, write.call));
    if (!is_still(known, generation)) co_return Result<void>{};
  }
  co_return attempts.gave_up();
}

Task<Result<bool>> drop_on(DocumentsCore documents, UserId user, CollectionId collection,
                           CallOptions options) {
  CO_TRY(const auto write, store::begin_write(*documents.core, options, "drop_collection", user, collection));
  documents.core->collections.forget(documents.place);
  auto marking = mark_emptying(documents, write);
  CO_TRY(const auto dropped, co_await store::once_if_named(documents.core, write, std::move(marking)));
  // Also what another call has begun.
  auto emptied = co_await store::empty_collection(documents.core, documents.place, write.call);
  if (emptied) co_return dropped;
  auto error = std::move(emptied.error());
  if (dropped && (!write.request || write.request->done)) {
    // The collection is gone for everybody already; any other error would say that nothing was done.
    error.code = ErrorCode::OutcomeUnknown;
    error.retryable = write.request != nullptr;
    error.message = fmt::format("{} is dropped, but not all of its documents are removed: {}",
                                documents.subject(), error.message);
  }
  co_return std::unexpected(std::move(error));
}

Task<Result<std::uint64_t>> keep_last_on(DocumentsCore documents, UserId user, CollectionId collection,
                                         std::uint64_t count, CallOptions options) {
  if (options.request_id()) {
    co_return fail(ErrorCode::InvalidArgument, "keep_last takes no request id: repeating it is harmless");
  }
  CO_TRY_OK(store::check_all_given(user, collection));
  CO_TRY(const auto write, store::begin_write(*documents.core, options));
  CO_TRY(const auto known, co_await store::read_collection(documents.core, documents.place, write.call));
  if (!store::is_live(known)) co_return 0;
  CO_TRY(auto last, co_await find_boundary(documents, count, write.call));
  if (!last) co_return 0;
  std::uint64_t removed = 0;
  auto generation = known.row->generation;
  auto done = co_await remove_up_to(documents, std::move(generation), std::move(*last), &removed, write);
  if (done) co_return removed;
  auto error = std::move(done.error());
  if (removed > 0 && error.code != ErrorCode::OutcomeUnknown) {
    // Any other error would say that nothing was done.
    error.code = ErrorCode::OutcomeUnknown;
    error.message = fmt::format("{} documents of {} are removed, but not all that were to be: {}", removed,
                                documents.subject(), error.message);
  }
  if (error.code == ErrorCode::OutcomeUnknown) error.retryable = true;
  co_return std::unexpected(std::move(error));
}

}  // namespace

Task<Result<bool>> Documents::drop(UserId user, CollectionId collection, CallOptions options) {
  auto documents = store::documents_core(store_, user, collection);
  return drop_on(std::move(documents), std::move(user), std::move(collection), std::move(options));
}

Task<Result<std::uint64_t>> Documents::keep_last(UserId user, CollectionId collection, std::uint64_t count,
                                                 CallOptions options) {
  auto documents = store::documents_core(store_, user, collection);
  return keep_last_on(std::move(documents), std::move(user), std::move(collection), count,
                      std::move(options));
}

}  // namespace loopstate
