#include "loopstate/blocking.hpp"

#include <utility>

#include "loopstate/documents.hpp"
#include "loopstate/questions.hpp"
#include "store/rules/wait.hpp"

namespace loopstate {

Result<Context> BlockingStore::fetch(UserId user, ReadOptions options) {
  return store::wait_for(store_.fetch(std::move(user), std::move(options)));
}

std::vector<Result<Context>> BlockingStore::fetch_many(std::vector<UserId> users, ReadOptions options) {
  const std::size_t count = users.size();
  auto answer = store::run(store_.fetch_many(std::move(users), std::move(options)));
  if (answer) return std::move(*answer);
  return std::vector<Result<Context>>(count, std::unexpected(std::move(answer.error())));
}

Result<Context> BlockingStore::get_or_init(UserId user, InitOptions options) {
  return store::wait_for(store_.get_or_init(std::move(user), std::move(options)));
}

Result<Context> BlockingStore::push(Context changed, PushOptions options) {
  return store::wait_for(store_.push(std::move(changed), std::move(options)));
}

Result<Context> BlockingStore::patch(UserId user, std::vector<ContextChange> changes, WriteOptions options) {
  return store::wait_for(store_.patch(std::move(user), std::move(changes), std::move(options)));
}

Result<Context> BlockingStore::unset(UserId user, std::vector<std::string> paths, WriteOptions options) {
  return store::wait_for(store_.unset(std::move(user), std::move(paths), std::move(options)));
}

Result<Context> BlockingStore::push_event(UserId user, ContextEvent event, WriteOptions options) {
  return store::wait_for(
      store_.push_event(std::move(user), ByName<ContextEvent>::taking(event), std::move(options)));
}

Result<Context> BlockingStore::remember(UserId user, std::string key, JsonText value, WriteOptions options) {
  return store::wait_for(
      store_.remember(std::move(user), std::move(key), std::move(value), std::move(options)));
}

Result<JsonText> BlockingStore::recall(UserId user, std::string key, ReadOptions options) {
  return store::wait_for(store_.recall(std::move(user), std::move(key), std::move(options)));
}

Result<Context> BlockingStore::forget(UserId user, std::string key, WriteOptions options) {
  return store::wait_for(store_.forget(std::move(user), std::move(key), std::move(options)));
}

Result<Context> BlockingStore::update(UserId user, std::function<Result<void>(Context&)> change,
                                      CallOptions options) {
  return store::wait_for(store_.update(std::move(user), change, std::move(options)));
}

Result<Card> BlockingStore::lookup(Fingerprint fingerprint, ReadOptions options) {
  return store::wait_for(store_.lookup(std::move(fingerprint), std::move(options)));
}

Result<LinkedCard> BlockingStore::link(Fingerprint fingerprint, UserId user, std::string last4,
                                       LinkOptions options) {
  return store::wait_for(
      store_.link(std::move(fingerprint), std::move(user), std::move(last4), std::move(options)));
}

Result<Card> BlockingStore::unlink(Fingerprint fingerprint, UnlinkOptions options) {
  return store::wait_for(store_.unlink(std::move(fingerprint), std::move(options)));
}

Result<std::vector<Card>> BlockingStore::cards_of(UserId user, ReadOptions options) {
  return store::wait_for(store_.cards_of(std::move(user), std::move(options)));
}

Result<std::optional<ProcessedTransaction>> BlockingStore::is_processed(TransactionId transaction,
                                                                        ReadOptions options) {
  return store::wait_for(store_.is_processed(std::move(transaction), std::move(options)));
}

Result<MarkOutcome> BlockingStore::mark_processed(TransactionId transaction, UserId user,
                                                  std::uint64_t cred_amount, CallOptions options) {
  return store::wait_for(
      store_.mark_processed(std::move(transaction), std::move(user), cred_amount, std::move(options)));
}

Result<ClaimOutcome> BlockingStore::claim(TransactionId transaction, std::string payload,
                                          std::chrono::seconds lease, LapsedPolicy policy,
                                          ClaimOptions options) {
  return store::wait_for(
      store_.claim(std::move(transaction), std::move(payload), lease, policy, std::move(options)));
}

Result<Claim> BlockingStore::extend(Claim claim, std::chrono::seconds lease, CallOptions options) {
  return store::wait_for(store_.extend(std::move(claim), lease, std::move(options)));
}

Result<ProcessedTransaction> BlockingStore::complete(Claim claim, UserId user, std::uint64_t cred_amount,
                                                     std::string result, CallOptions options) {
  return store::wait_for(
      store_.complete(std::move(claim), std::move(user), cred_amount, std::move(result), std::move(options)));
}

Result<void> BlockingStore::release(Claim claim, CallOptions options) {
  return store::wait_for(store_.release(std::move(claim), std::move(options)));
}

Result<Session> BlockingStore::store_session(UserId user, Session session, CallOptions options) {
  return store::wait_for(store_.store_session(std::move(user), session, std::move(options)));
}

Result<Session> BlockingStore::get_session(UserId user, ReadOptions options) {
  return store::wait_for(store_.get_session(std::move(user), std::move(options)));
}

Result<bool> BlockingStore::revoke_session(UserId user, CallOptions options) {
  return store::wait_for(store_.revoke_session(std::move(user), std::move(options)));
}

Result<Authorization> BlockingStore::authorize(UserId user, std::string scope, CallOptions options) {
  return store::wait_for(store_.authorize(std::move(user), std::move(scope), std::move(options)));
}

Result<AddedCapture> BlockingStore::add_capture(UserId user, Capture capture, AddCaptureOptions options) {
  return store::wait_for(store_.add_capture(std::move(user), capture, std::move(options)));
}

Result<std::vector<Capture>> BlockingStore::list_captures(UserId user, ReadOptions options) {
  return store::wait_for(store_.list_captures(std::move(user), std::move(options)));
}

Result<Capture> BlockingStore::settle_capture(UserId user, std::string id, WriteOptions options) {
  return store::wait_for(store_.settle_capture(std::move(user), std::move(id), std::move(options)));
}

Result<bool> BlockingStore::set_location(UserId user, MerchantId merchant, LocationOptions options) {
  return store::wait_for(store_.set_location(std::move(user), std::move(merchant), std::move(options)));
}

Result<Location> BlockingStore::get_location(UserId user, ReadOptions options) {
  return store::wait_for(store_.get_location(std::move(user), std::move(options)));
}

Result<bool> BlockingStore::clear_location(UserId user, ClearLocationOptions options) {
  return store::wait_for(store_.clear_location(std::move(user), std::move(options)));
}

Result<Snapshot> BlockingStore::snapshot(UserId user, ReadOptions options) {
  return store::wait_for(store_.snapshot(std::move(user), std::move(options)));
}

Result<RecordOutcome> BlockingStore::record_capture(PurchaseRecord purchase, RecordOptions options) {
  return store::wait_for(store_.record_capture(ByName<PurchaseRecord>::taking(purchase), std::move(options)));
}

Result<RefundOutcome> BlockingStore::record_refund(RefundRecord refund, RecordOptions options) {
  return store::wait_for(store_.record_refund(refund, std::move(options)));
}

Result<EraseReceipt> BlockingStore::erase_user(UserId user, EraseOptions options) {
  return store::wait_for(store_.erase_user(std::move(user), std::move(options)));
}

Result<void> BlockingStore::warm_up(CallOptions options) {
  return store::wait_for(store_.warm_up(std::move(options)));
}

Result<void> BlockingStore::check_writable(CallOptions options) {
  return store::wait_for(store_.check_writable(std::move(options)));
}

Result<AnswerPage<UserEntry>> BlockingQuestions::users(PageOptions options) {
  return store::wait_for(questions_.users(std::move(options)));
}

Result<AnswerPage<PendingCapture>> BlockingQuestions::pending(PendingOptions options) {
  return store::wait_for(questions_.pending(std::move(options)));
}

Result<AnswerPage<SeenPayment>> BlockingQuestions::payments(PaymentsOptions options) {
  return store::wait_for(questions_.payments(std::move(options)));
}

Result<AnswerPage<EndedCapture>> BlockingQuestions::ended(UserId user, PageOptions options) {
  return store::wait_for(questions_.ended(std::move(user), std::move(options)));
}

Result<StoredDocument> BlockingDocuments::put(UserId user, CollectionId collection, std::string key,
                                              NewDocument document, DocumentOptions options) {
  return store::wait_for(documents_.put(std::move(user), std::move(collection), std::move(key),
                                        ByName<NewDocument>::taking(document), std::move(options)));
}

Result<AppendedDocuments> BlockingDocuments::append(UserId user, CollectionId collection,
                                                    std::vector<NewDocument> documents,
                                                    AppendOptions options) {
  return store::wait_for(
      documents_.append(std::move(user), std::move(collection), std::move(documents), std::move(options)));
}

Result<Document> BlockingDocuments::get(UserId user, CollectionId collection, std::string key,
                                        CallOptions options) {
  return store::wait_for(
      documents_.get(std::move(user), std::move(collection), std::move(key), std::move(options)));
}

Result<DocumentPage> BlockingDocuments::list(UserId user, CollectionId collection,
                                             DocumentListOptions options) {
  return store::wait_for(documents_.list(std::move(user), std::move(collection), std::move(options)));
}

Result<bool> BlockingDocuments::remove(UserId user, CollectionId collection, std::string key,
                                       DocumentOptions options) {
  return store::wait_for(
      documents_.remove(std::move(user), std::move(collection), std::move(key), std::move(options)));
}

Result<std::uint64_t> BlockingDocuments::keep_last(UserId user, CollectionId collection, std::uint64_t count,
                                                   CallOptions options) {
  return store::wait_for(
      documents_.keep_last(std::move(user), std::move(collection), count, std::move(options)));
}

Result<std::vector<CollectionInfo>> BlockingDocuments::collections_of(UserId user, CallOptions options) {
  return store::wait_for(documents_.collections_of(std::move(user), std::move(options)));
}

Result<bool> BlockingDocuments::drop(UserId user, CollectionId collection, CallOptions options) {
  return store::wait_for(documents_.drop(std::move(user), std::move(collection), std::move(options)));
}

Result<std::vector<PaymentStory>> BlockingQuestions::payment(std::vector<TransactionId> names,
                                                             CallOptions options) {
  return store::wait_for(questions_.payment(std::move(names), std::move(options)));
}

}  // namespace loopstate
