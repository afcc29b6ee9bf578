// Documents: put, remove.

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

#include "base/try.hpp"
#include "loopstate/documents.hpp"
#include "loopstate/store.hpp"
#include "store/rules/document_put.hpp"
#include "store/rules/parted_write.hpp"
#include "store/spine/request.hpp"

namespace loopstate {
namespace {

using store::BodyParts;
using store::CollectionRow;
using store::DocumentContent;
using store::DocumentsCore;
using store::KnownCollection;
using store::KnownDocument;
using store::PutWork;
using store::RemovalWork;

/// Both rows in one request.
Task<Result<KnownDocument>> read_document(DocumentsCore documents, std::string key, table::Call call) {
  KnownDocument known;
  for (int turn = 0; turn < 2; ++turn) {
    std::vector<table::Key> keys;
    keys.push_back(store::collection_key(documents.place.user, documents.place.collection));
    keys.push_back(store::document_row_key(documents.place, key));
    CO_TRY(auto rows, co_await store::read_rows(documents.core, std::move(keys), call));
    known = {};
    known.read = true;
    CO_TRY(known.collection, store::known_collection(rows[0]));
    if (rows[1]) {
      CO_TRY(known.document, store::document_from_row(*rows[1]));
    }
    if (!store::is_being_emptied(known.collection)) break;
    CO_TRY([[maybe_unused]] const auto removed,
           co_await store::empty_collection(documents.core, documents.place, call));
    call.consistency = table::Consistency::Strong;
  }
  co_return known;
}

/// What the last plan leaves behind.
struct Leaves {
  std::optional<BodyParts> parts;           ///< of the document that is replaced or removed
  std::optional<CollectionRow> collection;  ///< as it is once the write is done
};

template <typename Work, typename Answer>
using DocumentPlan = Result<store::Plan<Answer>> (*)(const Work& work, const KnownDocument& known);
template <typename Work>
using CollectionAfter = CollectionRow (*)(const Work& work, const KnownDocument& known);

template <typename Work, typename Answer>
store::Rule<KnownDocument, Answer> document_rule(DocumentsCore documents, std::shared_ptr<const Work> work,
                                                 DocumentPlan<Work, Answer> plan, CollectionAfter<Work> after,
                                                 std::shared_ptr<Leaves> leaves) {
  store::Rule<KnownDocument, Answer> rule;
  rule.subject = fmt::format("document {} in {}", work->key, documents.subject());
  rule.plan = [work, plan, after, leaves](const KnownDocument& known) {
    leaves->parts = known.document ? known.document->parts : std::nullopt;
    leaves->collection = after(*work, known);
    return plan(*work, known);
  };
  rule.read = [documents, work](KnownDocument /*both rows are read again*/, table::Call call) {
    return read_document(documents, work->key, call);
  };
  rule.learn = [work](KnownDocument& known, const store::Refusals& refusals) {
    return store::learn_document(work->place, known, refusals);
  };
  return rule;
}

/// After a write that was made.
Task<void> tidy_up(DocumentsCore documents, std::shared_ptr<Leaves> leaves, table::Call call) {
  documents.core->collections.keep(documents.place, *leaves->collection);
  if (!leaves->parts) co_return;
  std::vector<BodyParts> old;
  old.push_back(*leaves->parts);
  co_await store::erase_parts(documents, std::move(old), call);
}

}  // namespace

namespace store {

Task<Result<StoredDocument>> put_row(DocumentsCore documents, std::shared_ptr<const PutWork> work,
                                     KnownCollection collection) {
  auto leaves = std::make_shared<Leaves>();
  auto rule = document_rule<PutWork, StoredDocument>(documents, work, plan_put, after_put, leaves);
  rule.plan = [work,
               plan = std::move(rule.plan)](const KnownDocument& known) -> Result<Plan<StoredDocument>> {
    if (known.collection.read && is_for_another(work->generation, known.collection)) {
      return parts_are_gone();
    }
    return plan(known);
  };
  KnownDocument known;
  known.collection = std::move(collection);
  // Of a key that only append makes, what is wrong depends on whether it is there.
  known.read = work->at_version == 0u && known.collection.read && !document_number(work->key);
  const auto write = work->write;
  auto running = run_rule(documents.core, std::move(rule), std::move(known), write);
  auto stored = co_await std::move(running);
  if (stored) {
    co_await tidy_up(documents, leaves, write.call);
  } else {
    documents.core->collections.forget(documents.place);
  }
  co_return stored;
}

Task<Result<KnownCollection>> refuse_in_vain(DocumentsCore documents, std::shared_ptr<const PutWork> work,
                                             KnownCollection collection) {
  if (!work->at_version && !document_number(work->key)) co_return collection;
  auto call = work->write.call;
  call.consistency = table::Consistency::Strong;
  CO_TRY(auto known, co_await read_document(documents, work->key, call));
  CO_TRY([[maybe_unused]] const auto plan, plan_put(*work, known));
  co_return std::move(known.collection);
}

}  // namespace store

namespace {

Task<Result<StoredDocument>> put_document(DocumentsCore documents, PutWork asked, store::Bodies bodies) {
  const auto write = asked.write;
  auto work = std::make_shared<PutWork>(std::move(asked));
  store::RefuseInVain refuse_in_vain = [documents, work](KnownCollection known) {
    return store::refuse_in_vain(documents, work, std::move(known));
  };
  store::NameParts<StoredDocument> name = [documents, work](KnownCollection known,
                                                            std::optional<std::string> generation) {
    work->generation = std::move(generation);
    return store::put_row(documents, work, std::move(known));
  };
  auto writing = store::write_with_parts<StoredDocument>(documents, std::move(bodies), write,
                                                         std::move(refuse_in_vain), std::move(name));
  co_return co_await std::move(writing);
}

Task<Result<StoredDocument>> put_on(DocumentsCore documents, UserId user, CollectionId collection,
                                    std::string key, ByName<NewDocument> named, DocumentOptions options) {
  auto document = std::move(named).value();
  CO_TRY_OK(store::check_document_key(key));
  CO_TRY_OK(store::check_new_document(document));
  CO_TRY(auto write, store::begin_write(*documents.core, options, "put_document", user, collection, key,
                                        document, options.at_version()));
  std::vector<DocumentContent> contents;
  contents.push_back(store::content_of(std::move(document), write.call.now));
  auto bodies = store::part_bodies(contents, write.write_id);
  PutWork work{documents.place, std::move(key), std::move(contents.front()), options.at_version(), {}, write};
  auto putting = put_document(documents, std::move(work), std::move(bodies));
  if (!options.at_version())
    co_return co_await store::once_if_named(documents.core, write, std::move(putting));
  co_return co_await store::once(documents.core, write, std::move(putting),
                                 store::Repetition::IsToldByItself);
}

Task<Result<bool>> remove_document(DocumentsCore documents, RemovalWork asked) {
  const auto write = asked.write;
  auto work = std::make_shared<const RemovalWork>(std::move(asked));
  auto leaves = std::make_shared<Leaves>();
  auto rule =
      document_rule<RemovalWork, bool>(documents, work, store::plan_removal, store::after_removal, leaves);
  auto running = store::run_rule(documents.core, std::move(rule), KnownDocument{}, write);
  CO_TRY(const auto removed, co_await std::move(running));
  if (removed) co_await tidy_up(documents, leaves, write.call);
  co_return removed;
}

Task<Result<bool>> remove_on(DocumentsCore documents, UserId user, CollectionId collection, std::string key,
                             DocumentOptions options) {
  CO_TRY_OK(store::check_document_key(key));
  CO_TRY(auto write, store::begin_write(*documents.core, options, "remove_document", user, collection, key,
                                        options.at_version()));
  RemovalWork work{documents.place, std::move(key), options.at_version(), write};
  auto removing = remove_document(documents, std::move(work));
  if (!options.at_version())
    co_return co_await store::once_if_named(documents.core, write, std::move(removing));
  co_return co_await store::once(documents.core, write, std::move(removing),
                                 store::Repetition::IsToldByItself);
}

}  // namespace

Task<Result<StoredDocument>> Documents::put(UserId user, CollectionId collection, std::string key,
                                            ByName<NewDocument> document, DocumentOptions options) {
  auto documents = store::documents_core(store_, user, collection);
  return put_on(std::move(documents), std::move(user), std::move(collection), std::move(key),
                std::move(document), std::move(options));
}

Task<Result<bool>> Documents::remove(UserId user, CollectionId collection, std::string key,
                                     DocumentOptions options) {
  auto documents = store::documents_core(store_, user, collection);
  return remove_on(std::move(documents), std::move(user), std::move(collection), std::move(key),
                   std::move(options));
}

}  // namespace loopstate
