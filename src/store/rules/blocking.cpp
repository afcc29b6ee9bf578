#include "loopstate/blocking.hpp"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "async/run_to_end.hpp"
#include "base/fork.hpp"
#include "loopstate/documents.hpp"
#include "loopstate/questions.hpp"
#include "store/rows/write_id.hpp"

namespace loopstate {
namespace {

namespace asio = boost::asio;

std::unexpected<Error> escaped(std::string_view what) {
  return fail(ErrorCode::Internal, fmt::format("an exception escaped a call: {}", what));
}

/// The thread's own loop is kept, since a connection belongs to the loop it was opened on.
struct ThreadLoop {
  asio::io_context context{1};
  bool busy = false;
  unsigned generation = fork_generation();
};

/// Whether this thread is ending. What is destroyed after its loop (on the main thread, everything static)
/// may still make calls.
thread_local bool is_ending = false;

struct LoopHolder {
  LoopHolder() = default;
  ~LoopHolder() { is_ending = true; }
  LoopHolder(const LoopHolder&) = delete;
  LoopHolder& operator=(const LoopHolder&) = delete;

  std::unique_ptr<ThreadLoop> loop = std::make_unique<ThreadLoop>();
};

ThreadLoop& this_threads_loop() {
  thread_local LoopHolder holder;
  auto& loop = holder.loop;
  if (loop->generation != fork_generation()) {
    // The kernel's part of it is the parent's: only one of the two would get what wakes the other. Not
    // destroyed, since what is waiting on it belongs to the parent as well.
    static_cast<void>(loop.release());
    loop = std::make_unique<ThreadLoop>();
  }
  return *loop;
}

std::atomic<bool> program_is_ending = false;

/// OpenSSL cleans up when the program exits, and no call may come after that. It is initialised first, so
/// that this runs before.
void watch_for_the_programs_end() {
  static const bool watching = [] {
    store::new_write_id(Timestamp{});
    return std::atexit([] { program_is_ending = true; }) == 0;
  }();
  static_cast<void>(watching);
}

struct Busy {
  explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }
  ~Busy() { flag_ = false; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  bool& flag_;
};

template <typename T>
Result<T> run(Task<T> task);

// Everything that calls keep for the thread is gone, not only its loop.
template <typename T>
Result<T> run_on_another_thread(Task<T> task) {
  std::optional<Result<T>> answer;
  std::thread([&] { answer = run(std::move(task)); }).join();
  return std::move(*answer);
}

template <typename T>
Result<T> run(Task<T> task) {
  try {
    if (program_is_ending) {
      return fail(ErrorCode::Unavailable, "the program is ending, and its stores take no more calls");
    }
    watch_for_the_programs_end();
    if (is_ending) return run_on_another_thread(std::move(task));
    ThreadLoop& loop = this_threads_loop();
    if (loop.busy) {
      asio::io_context nested{1};
      return async::run_to_end(nested, std::move(task));
    }
    const Busy busy(loop.busy);
    return async::run_to_end(loop.context, std::move(task));
  } catch (const async::NoAnswer& none) {
    return fail(ErrorCode::Internal, none.what());
  } catch (const std::exception& exception) {
    return escaped(exception.what());
  } catch (...) {
    return escaped("of an unknown type");
  }
}

template <typename T>
Result<T> flat(Result<Result<T>> answer) {
  if (!answer) return std::unexpected(std::move(answer.error()));
  return std::move(*answer);
}

}  // namespace

Result<Context> BlockingStore::fetch(UserId user, ReadOptions options) {
  return flat(run(store_.fetch(std::move(user), std::move(options))));
}

std::vector<Result<Context>> BlockingStore::fetch_many(std::vector<UserId> users, ReadOptions options) {
  const std::size_t count = users.size();
  auto answer = run(store_.fetch_many(std::move(users), std::move(options)));
  if (answer) return std::move(*answer);
  return std::vector<Result<Context>>(count, std::unexpected(std::move(answer.error())));
}

Result<Context> BlockingStore::get_or_init(UserId user, InitOptions options) {
  return flat(run(store_.get_or_init(std::move(user), std::move(options))));
}

Result<Context> BlockingStore::push(Context changed, PushOptions options) {
  return flat(run(store_.push(std::move(changed), std::move(options))));
}

Result<Context> BlockingStore::patch(UserId user, std::vector<ContextChange> changes, WriteOptions options) {
  return flat(run(store_.patch(std::move(user), std::move(changes), std::move(options))));
}

Result<Context> BlockingStore::unset(UserId user, std::vector<std::string> paths, WriteOptions options) {
  return flat(run(store_.unset(std::move(user), std::move(paths), std::move(options))));
}

Result<Context> BlockingStore::push_event(UserId user, ContextEvent event, WriteOptions options) {
  return flat(run(store_.push_event(std::move(user), event, std::move(options))));
}

Result<Context> BlockingStore::remember(UserId user, std::string key, JsonText value, WriteOptions options) {
  return flat(run(store_.remember(std::move(user), std::move(key), std::move(value), std::move(options))));
}

Result<JsonText> BlockingStore::recall(UserId user, std::string key, ReadOptions options) {
  return flat(run(store_.recall(std::move(user), std::move(key), std::move(options))));
}

Result<Context> BlockingStore::forget(UserId user, std::string key, WriteOptions options) {
  return flat(run(store_.forget(std::move(user), std::move(key), std::move(options))));
}

Result<Context> BlockingStore::update(UserId user, std::function<Result<void>(Context&)> change,
                                      CallOptions options) {
  return flat(run(store_.update(std::move(user), change, std::move(options))));
}

Result<Card> BlockingStore::lookup(Fingerprint fingerprint, ReadOptions options) {
  return flat(run(store_.lookup(std::move(fingerprint), std::move(options))));
}

Result<LinkedCard> BlockingStore::link(Fingerprint fingerprint, UserId user, std::string last4,
                                       LinkOptions options) {
  return flat(
      run(store_.link(std::move(fingerprint), std::move(user), std::move(last4), std::move(options))));
}

Result<Card> BlockingStore::unlink(Fingerprint fingerprint, UnlinkOptions options) {
  return flat(run(store_.unlink(std::move(fingerprint), std::move(options))));
}

Result<std::vector<Card>> BlockingStore::cards_of(UserId user, ReadOptions options) {
  return flat(run(store_.cards_of(std::move(user), std::move(options))));
}

Result<std::optional<ProcessedTransaction>> BlockingStore::is_processed(TransactionId transaction,
                                                                        ReadOptions options) {
  return flat(run(store_.is_processed(std::move(transaction), std::move(options))));
}

Result<MarkOutcome> BlockingStore::mark_processed(TransactionId transaction, UserId user,
                                                  std::uint64_t cred_amount, CallOptions options) {
  return flat(
      run(store_.mark_processed(std::move(transaction), std::move(user), cred_amount, std::move(options))));
}

Result<ClaimOutcome> BlockingStore::claim(TransactionId transaction, std::string payload,
                                          std::chrono::seconds lease, LapsedPolicy policy,
                                          ClaimOptions options) {
  return flat(
      run(store_.claim(std::move(transaction), std::move(payload), lease, policy, std::move(options))));
}

Result<Claim> BlockingStore::extend(Claim claim, std::chrono::seconds lease, CallOptions options) {
  return flat(run(store_.extend(std::move(claim), lease, std::move(options))));
}

Result<ProcessedTransaction> BlockingStore::complete(Claim claim, UserId user, std::uint64_t cred_amount,
                                                     std::string result, CallOptions options) {
  return flat(run(store_.complete(std::move(claim), std::move(user), cred_amount, std::move(result),
                                  std::move(options))));
}

Result<void> BlockingStore::release(Claim claim, CallOptions options) {
  return flat(run(store_.release(std::move(claim), std::move(options))));
}

Result<Session> BlockingStore::store_session(UserId user, Session session, CallOptions options) {
  return flat(run(store_.store_session(std::move(user), session, std::move(options))));
}

Result<Session> BlockingStore::get_session(UserId user, ReadOptions options) {
  return flat(run(store_.get_session(std::move(user), std::move(options))));
}

Result<bool> BlockingStore::revoke_session(UserId user, CallOptions options) {
  return flat(run(store_.revoke_session(std::move(user), std::move(options))));
}

Result<Authorization> BlockingStore::authorize(UserId user, std::string scope, CallOptions options) {
  return flat(run(store_.authorize(std::move(user), std::move(scope), std::move(options))));
}

Result<AddedCapture> BlockingStore::add_capture(UserId user, Capture capture, AddCaptureOptions options) {
  return flat(run(store_.add_capture(std::move(user), capture, std::move(options))));
}

Result<std::vector<Capture>> BlockingStore::list_captures(UserId user, ReadOptions options) {
  return flat(run(store_.list_captures(std::move(user), std::move(options))));
}

Result<Capture> BlockingStore::settle_capture(UserId user, std::string id, WriteOptions options) {
  return flat(run(store_.settle_capture(std::move(user), std::move(id), std::move(options))));
}

Result<bool> BlockingStore::set_location(UserId user, MerchantId merchant, LocationOptions options) {
  return flat(run(store_.set_location(std::move(user), std::move(merchant), std::move(options))));
}

Result<Location> BlockingStore::get_location(UserId user, ReadOptions options) {
  return flat(run(store_.get_location(std::move(user), std::move(options))));
}

Result<bool> BlockingStore::clear_location(UserId user, ClearLocationOptions options) {
  return flat(run(store_.clear_location(std::move(user), std::move(options))));
}

Result<Snapshot> BlockingStore::snapshot(UserId user, ReadOptions options) {
  return flat(run(store_.snapshot(std::move(user), std::move(options))));
}

Result<RecordOutcome> BlockingStore::record_capture(PurchaseRecord purchase, RecordOptions options) {
  return flat(run(store_.record_capture(purchase, std::move(options))));
}

Result<RefundOutcome> BlockingStore::record_refund(RefundRecord refund, RecordOptions options) {
  return flat(run(store_.record_refund(refund, std::move(options))));
}

Result<EraseReceipt> BlockingStore::erase_user(UserId user, EraseOptions options) {
  return flat(run(store_.erase_user(std::move(user), std::move(options))));
}

Result<void> BlockingStore::warm_up(CallOptions options) {
  return flat(run(store_.warm_up(std::move(options))));
}

Result<void> BlockingStore::check_writable(CallOptions options) {
  return flat(run(store_.check_writable(std::move(options))));
}

Result<AnswerPage<UserEntry>> BlockingQuestions::users(PageOptions options) {
  return flat(run(questions_.users(std::move(options))));
}

Result<AnswerPage<PendingCapture>> BlockingQuestions::pending(PendingOptions options) {
  return flat(run(questions_.pending(std::move(options))));
}

Result<AnswerPage<SeenPayment>> BlockingQuestions::payments(PaymentsOptions options) {
  return flat(run(questions_.payments(std::move(options))));
}

Result<AnswerPage<EndedCapture>> BlockingQuestions::ended(UserId user, PageOptions options) {
  return flat(run(questions_.ended(std::move(user), std::move(options))));
}

Result<StoredDocument> BlockingDocuments::put(UserId user, CollectionId collection, std::string key,
                                              NewDocument document, DocumentOptions options) {
  return flat(run(
      documents_.put(std::move(user), std::move(collection), std::move(key), document, std::move(options))));
}

Result<AppendedDocuments> BlockingDocuments::append(UserId user, CollectionId collection,
                                                    std::vector<NewDocument> documents, CallOptions options) {
  return flat(run(
      documents_.append(std::move(user), std::move(collection), std::move(documents), std::move(options))));
}

Result<Document> BlockingDocuments::get(UserId user, CollectionId collection, std::string key,
                                        CallOptions options) {
  return flat(
      run(documents_.get(std::move(user), std::move(collection), std::move(key), std::move(options))));
}

Result<DocumentPage> BlockingDocuments::list(UserId user, CollectionId collection,
                                             DocumentListOptions options) {
  return flat(run(documents_.list(std::move(user), std::move(collection), std::move(options))));
}

Result<bool> BlockingDocuments::remove(UserId user, CollectionId collection, std::string key,
                                       DocumentOptions options) {
  return flat(
      run(documents_.remove(std::move(user), std::move(collection), std::move(key), std::move(options))));
}

Result<std::uint64_t> BlockingDocuments::keep_last(UserId user, CollectionId collection, std::uint64_t count,
                                                   CallOptions options) {
  return flat(run(documents_.keep_last(std::move(user), std::move(collection), count, std::move(options))));
}

Result<std::vector<CollectionInfo>> BlockingDocuments::collections_of(UserId user, CallOptions options) {
  return flat(run(documents_.collections_of(std::move(user), std::move(options))));
}

Result<bool> BlockingDocuments::drop(UserId user, CollectionId collection, CallOptions options) {
  return flat(run(documents_.drop(std::move(user), std::move(collection), std::move(options))));
}

Result<std::vector<PaymentStory>> BlockingQuestions::payment(std::vector<TransactionId> names,
                                                             CallOptions options) {
  return flat(run(questions_.payment(std::move(names), std::move(options))));
}

}  // namespace loopstate
