// Transactions seen: asking for the mark, and making it.

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/processed_row.hpp"
#include "store/rules/mark_plan.hpp"
#include "store/spine/core.hpp"
#include "store/spine/request.hpp"

namespace loopstate {

namespace {

Task<Result<MarkOutcome>> mark(store::CorePtr core, ProcessedTransaction record, store::WriteCall call) {
  MarkOutcome first{true, std::move(record)};
  store::MarkWork work;
  work.user = first.record.user.text();
  work.mark = store::put_processed(first.record, store::mark_id(call),
                                   first.record.processed_at + core->settings.transaction_lifetime);
  work.call = call;
  auto writing = store::write_mark(core, std::move(work), store::answer_for(call, first));
  CO_TRY(auto marked, co_await std::move(writing));
  if (marked.how == store::Marked::How::Written) co_return first;
  if (call.request) call.request->is_first = !store::is_made_by(*marked.standing, call);
  co_return MarkOutcome{false, std::move(marked.standing->record)};
}

Task<Result<std::optional<ProcessedTransaction>>> is_processed_on(store::CorePtr core,
                                                                  TransactionId transaction,
                                                                  ReadOptions options) {
  CO_TRY(const auto call, store::begin_read(*core, options, transaction));
  auto key = store::processed_key(transaction.text());
  CO_TRY(auto row, co_await core->table->get(std::move(key), call));
  if (!row) co_return std::nullopt;
  CO_TRY(auto processed, store::processed_from_row(*row));
  co_return std::move(processed.record);
}

Task<Result<MarkOutcome>> mark_processed_on(store::CorePtr core, TransactionId transaction, UserId user,
                                            std::uint64_t cred_amount, CallOptions options) {
  CO_TRY(auto call, store::begin_write(*core, options, "mark_processed", transaction, user, cred_amount));
  ProcessedTransaction record;
  record.transaction = transaction;
  record.user = user;
  record.cred_amount = cred_amount;
  record.processed_at = call.call.now;
  auto work = mark(core, std::move(record), call);
  co_return co_await store::once(core, std::move(call), std::move(work), store::Repetition::IsToldByItself);
}

}  // namespace

Task<Result<std::optional<ProcessedTransaction>>> Store::is_processed(TransactionId transaction,
                                                                      ReadOptions options) {
  return is_processed_on(core_, std::move(transaction), std::move(options));
}

Task<Result<MarkOutcome>> Store::mark_processed(TransactionId transaction, UserId user,
                                                std::uint64_t cred_amount, CallOptions options) {
  return mark_processed_on(core_, std::move(transaction), std::move(user), cred_amount, std::move(options));
}

}  // namespace loopstate
