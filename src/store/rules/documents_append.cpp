// Documents: append. The collection's row holds the next number, so one conditional transaction is all there
// is, however many documents the collection has.

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/try.hpp"
#include "loopstate/documents.hpp"
#include "store/rules/document_plan.hpp"
#include "store/rules/parted_write.hpp"
#include "store/spine/request.hpp"

namespace loopstate {
namespace {

using store::AppendWork;
using store::CollectionRow;
using store::DocumentsCore;
using store::KnownCollection;

std::unexpected<Error> number_taken(const DocumentsCore& documents) {
  return fail(
      ErrorCode::CorruptItem,
      fmt::format("{} has a document under the number that comes next; loopstate check --repair mends it",
                  documents.subject()));
}

/// What the last plan leaves behind, and what refused it.
struct LastPlan {
  CollectionRow after;
  KnownCollection known;
};

store::Rule<KnownCollection, AppendedDocuments> append_rule(DocumentsCore documents,
                                                            std::shared_ptr<const AppendWork> work,
                                                            std::shared_ptr<LastPlan> last) {
  store::Rule<KnownCollection, AppendedDocuments> rule;
  rule.subject = documents.subject();
  rule.patience = store::Patience::Deadline;
  rule.plan = [work, last](const KnownCollection& known) -> Result<store::Plan<AppendedDocuments>> {
    if (known.read && store::is_for_another(work->generation, known)) return store::parts_are_gone();
    last->after = store::after_append(*work, known);
    auto plan = store::plan_append(*work, known);
    if (!plan) last->known = known;
    return plan;
  };
  rule.read = [documents](KnownCollection /*it is read again*/, table::Call call) {
    return store::read_collection(documents.core, documents.place, call);
  };
  rule.learn = [documents](KnownCollection& known, const store::Refusals& refusals) -> Result<void> {
    TRY_OK(store::learn_collection(documents.place, known, refusals));
    if (refusals.refused(store::Role::Collection) || !refusals.refused(store::Role::Document)) return {};
    return number_taken(documents);
  };
  return rule;
}

Task<Result<AppendedDocuments>> append_once(DocumentsCore documents, std::shared_ptr<const AppendWork> work,
                                            KnownCollection known) {
  auto last = std::make_shared<LastPlan>();
  auto rule = append_rule(documents, work, last);
  const auto write = work->write;
  auto running = store::run_rule(documents.core, std::move(rule), std::move(known), write);
  auto appended = co_await std::move(running);
  if (appended) {
    documents.core->collections.keep(documents.place, last->after);
  } else if (appended.error().code == ErrorCode::VersionConflict) {
    store::remember(documents, last->known);
  } else {
    documents.core->collections.forget(documents.place);
  }
  co_return appended;
}

/// Before parts are written, or a collection is made for them.
Task<Result<KnownCollection>> refuse_end(DocumentsCore documents, std::shared_ptr<const AppendWork> work,
                                         KnownCollection known) {
  if (!work->at_number && !work->in_generation) co_return known;
  auto call = work->write.call;
  call.consistency = table::Consistency::Strong;
  CO_TRY(known, co_await store::read_collection(documents.core, documents.place, call));
  const auto fits = store::check_end(*work, known);
  if (fits) co_return known;
  store::remember(documents, known);
  co_return std::unexpected(fits.error());
}

Task<Result<AppendedDocuments>> append_all(DocumentsCore documents, AppendWork asked, store::Bodies bodies) {
  const auto write = asked.write;
  auto work = std::make_shared<AppendWork>(std::move(asked));
  store::NameParts<AppendedDocuments> name = [documents, work](KnownCollection known,
                                                               std::optional<std::string> generation) {
    work->generation = std::move(generation);
    return append_once(documents, work, std::move(known));
  };
  store::RefuseInVain refuse_in_vain = [documents, work](KnownCollection known) {
    return refuse_end(documents, work, std::move(known));
  };
  auto writing = store::write_with_parts<AppendedDocuments>(documents, std::move(bodies), write,
                                                            std::move(refuse_in_vain), std::move(name));
  co_return co_await std::move(writing);
}

Result<void> check_appended(const std::vector<NewDocument>& entries, const AppendOptions& options) {
  if (options.at_number() == 0u) {
    return fail(ErrorCode::InvalidArgument, "at_number is 0; the first number is 1");
  }
  if (options.in_generation() == "") {
    return fail(ErrorCode::InvalidArgument, "in_generation is empty");
  }
  if (entries.empty() || entries.size() > kMaxAppendedDocuments) {
    return fail(ErrorCode::InvalidArgument, fmt::format("1 to {} documents can be appended at once, not {}",
                                                        kMaxAppendedDocuments, entries.size()));
  }
  std::size_t bytes = 0;
  for (const auto& entry : entries) {
    TRY_OK(store::check_new_document(entry));
    bytes += entry.body.size();
  }
  if (bytes <= kMaxDocumentBytes) return {};
  return fail(ErrorCode::ItemTooLarge,
              fmt::format("the bodies are {} bytes together; at most {} can be appended at once", bytes,
                          kMaxDocumentBytes));
}

Task<Result<AppendedDocuments>> append_on(DocumentsCore documents, UserId user, CollectionId collection,
                                          std::vector<NewDocument> entries, AppendOptions options) {
  CO_TRY_OK(check_appended(entries, options));
  CO_TRY(auto write, store::begin_write(*documents.core, options, "append_documents", user, collection,
                                        entries, options.at_number(), options.in_generation()));
  AppendWork work{documents.place, {}, options.at_number(), options.in_generation(), {}, write};
  for (auto& entry : entries) work.contents.push_back(store::content_of(std::move(entry), write.call.now));
  auto bodies = store::part_bodies(work.contents, write.write_id);
  auto appending = append_all(documents, std::move(work), std::move(bodies));
  if (!options.at_number())
    co_return co_await store::once_if_named(documents.core, write, std::move(appending));
  co_return co_await store::once(documents.core, write, std::move(appending),
                                 store::Repetition::IsToldByItself);
}

}  // namespace

Task<Result<AppendedDocuments>> Documents::append(UserId user, CollectionId collection,
                                                  std::vector<NewDocument> entries, AppendOptions options) {
  auto documents = store::documents_core(store_, user, collection);
  return append_on(std::move(documents), std::move(user), std::move(collection), std::move(entries),
                   std::move(options));
}

}  // namespace loopstate
