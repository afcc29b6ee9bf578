// Transactions seen: asking for the mark, and making it.

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "loopstate/store.hpp"
#include "store/core.hpp"
#include "store/keys.hpp"
#include "store/payment_mark.hpp"
#include "store/processed_row.hpp"

namespace loopstate {

Task<Result<std::optional<ProcessedTransaction>>> Store::is_processed(TransactionId transaction,
                                                                      CallOptions options) {
  auto core = core_;
  const auto call = store::begin_read(*core, options);
  auto key = store::processed_key(transaction.text());
  auto row = co_await core->table->get(std::move(key), call);
  if (!row) co_return std::unexpected(std::move(row.error()));
  if (!*row) co_return std::nullopt;
  auto processed = store::processed_from_row(**row);
  if (!processed) co_return std::unexpected(std::move(processed.error()));
  co_return std::move(processed->record);
}

Task<Result<MarkOutcome>> Store::mark_processed(TransactionId transaction, UserId user,
                                                std::uint64_t cred_amount, CallOptions options) {
  auto core = core_;
  const auto write = store::begin_write(*core, options);
  if (!write) co_return std::unexpected(write.error());
  ProcessedTransaction record;
  record.transaction = transaction.text();
  record.user_pubkey = user.text();
  record.cred_amount = cred_amount;
  record.processed_at = write->call.now;
  auto mark = std::make_shared<store::PaymentMark>();
  mark->put = store::put_processed(record, write->write_id, core->settings.transaction_lifetime);
  store::MarkWork work{record.user_pubkey, std::nullopt, {}};
  auto ending = co_await store::write_mark(core, mark, std::move(work), *write);
  if (!ending) co_return std::unexpected(std::move(ending.error()));
  if (*ending == store::MarkEnding::Written) co_return MarkOutcome{true, std::move(record)};
  auto standing = store::processed_from_row(*mark->standing);
  if (!standing) co_return std::unexpected(std::move(standing.error()));
  // Our own mark, whose reply was lost.
  const bool first = standing->write_id == write->write_id;
  co_return MarkOutcome{first, std::move(standing->record)};
}

}  // namespace loopstate
