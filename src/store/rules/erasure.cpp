#include "store/rules/erasure.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/collection_row.hpp"
#include "store/rows/document_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/waited_row.hpp"
#include "store/rows/write_id.hpp"
#include "store/spine/ask.hpp"
#include "store/spine/request.hpp"
#include "store/spine/user_view.hpp"
#include "table/expiry.hpp"

namespace loopstate::store {
namespace {

enum class RowKind : std::uint8_t { Other, Mark, Card, Answer, Document };

RowKind kind_of(const table::Key& key) {
  if (key.pk.starts_with(kTransactionPrefix) && key.sk == kProcessedSort) return RowKind::Mark;
  if (key.pk.starts_with(kCardPrefix) && key.sk == kMetaSort) return RowKind::Card;
  // Also the further parts of a long one.
  if (key.pk.starts_with(kRequestPrefix)) return RowKind::Answer;
  if (key.pk.starts_with(kDocumentsPrefix)) return RowKind::Document;
  return RowKind::Other;
}

bool is_own_request(const Erasure& erasure, const table::Key& key) {
  return erasure.write.request && key.pk == request_key(erasure.write.request->id).pk;
}

bool names_user(const Erasure& erasure, const table::Item& row) {
  if (kind_of(row.key) == RowKind::Other || is_own_request(erasure, row.key)) return false;
  const auto* owner = row.string(attribute::kUserPubkey);
  return owner != nullptr && *owner == erasure.user;
}

// One whose collection is known went with that. What is left is of none; if there is one, the user was
// brought back, and it is new.
Task<Result<void>> erase_stray_document(ErasurePtr erasure, table::Item row) {
  const auto* collection = row.string(attribute::kCollection);
  if (collection == nullptr) co_return Result<void>{};
  std::vector<table::Operation> operations;
  operations.emplace_back(
      table::Check{collection_key(erasure->user, *collection), table::Condition::item_absent()});
  operations.emplace_back(table::Erase{std::move(row.key), belongs_to(erasure->user)});
  const auto call = next_call(*erasure);
  CO_TRY([[maybe_unused]] const auto outcome,
         co_await erasure->core->table->transact(std::move(operations), new_token(), call.call));
  erasure->kept = false;
  co_return Result<void>{};
}

/// False: the user was brought back, and what names the user may be new.
Task<Result<bool>> erase_row(ErasurePtr erasure, table::Item row) {
  const auto kind = kind_of(row.key);
  if (kind == RowKind::Document) {
    CO_TRY_OK(co_await erase_stray_document(erasure, std::move(row)));
    co_return true;
  }
  const auto call = next_call(*erasure);
  const bool shows = table::is_live(row, call.call.now);
  std::vector<table::Operation> operations;
  operations.emplace_back(tombstone_stands(*erasure));
  if (kind == RowKind::Mark) {
    // Without the mark it would say that nobody linked the card.
    operations.emplace_back(
        table::Erase{waited_key(row.key.pk.substr(kTransactionPrefix.size())), table::Condition()});
  }
  operations.emplace_back(table::Erase{std::move(row.key), belongs_to(erasure->user)});
  CO_TRY(const auto outcome, co_await erasure->core->table->transact(std::move(operations), new_token(),
                                                                     whatever_its_time(call.call)));
  if (!outcome.applied) co_return !outcome.refusals.front().refused;
  if (!shows) co_return true;
  if (kind == RowKind::Mark) ++erasure->receipt.scan->transactions_removed;
  if (kind == RowKind::Card) ++erasure->receipt.cards_removed;
  erasure->kept = false;
  co_return true;
}

Result<void> report(const Erasure& erasure, std::uint64_t items, const std::string& cursor) {
  const auto& progress = erasure.options.progress();
  if (!progress) return {};
  const EraseProgress so_far{items, erasure.receipt, cursor};
  return ask([&] { return progress(so_far); });
}

}  // namespace

table::Check tombstone_stands(const Erasure& erasure) {
  return {
      context_key(erasure.user),
      table::Condition::all_of(
          {table::Condition::exists(attribute::kErasedAt),
           table::Condition::equals(attribute::kVersion, table::Value::number(erasure.receipt.version))})};
}

WriteCall next_call(const Erasure& erasure) {
  auto call = erasure.write;
  if (call.request && (call.request->done || erasure.continues)) call.request.reset();
  if (!erasure.options.scans() || erasure.deadline) return call;
  const auto& settings = erasure.core->settings;
  call.call.deadline = deadline_after(erasure.options.request_timeout().value_or(settings.default_timeout));
  return call;
}

Task<Result<void>> keep_answer(ErasurePtr erasure) {
  const auto& request = erasure->write.request;
  if (!request || erasure->kept) co_return Result<void>{};
  table::UpdateItem update;
  update.key = request_key(request->id);
  const KeptErasure kept{erasure->receipt, true};
  update.update.push_back(table::Change::set(attribute::kAnswer, encode_answer(kept)));
  const auto call = next_call(*erasure);
  // Refused if the item has expired meanwhile: the id stands for nothing any more.
  CO_TRY([[maybe_unused]] const auto outcome,
         co_await erasure->core->table->update(std::move(update), call.call));
  co_return Result<void>{};
}

Task<Result<bool>> erase_elsewhere(ErasurePtr erasure, bool stands) {
  table::Scan scan;
  scan.cursor = erasure->options.resume();
  scan.past_damage = true;
  if (!erasure->receipt.scan) erasure->receipt.scan = EraseReceipt::Scan{};
  std::uint64_t items = 0;
  do {
    auto asked = scan;
    const auto call = next_call(*erasure);
    CO_TRY(auto page, co_await erasure->core->table->scan(std::move(asked), whatever_its_time(call.call)));
    items += page.items.size();
    erasure->receipt.scan->unreadable += page.damaged.size();
    for (const auto& row : page.items) {
      if (!names_user(*erasure, row)) continue;
      // Nobody is erased for what has expired alone.
      if (!stands && !table::is_live(row, call.call.now)) continue;
      if (!stands) {
        // Before anything is removed, so that no writer adds more.
        CO_TRY([[maybe_unused]] const auto partition, co_await erase_partition(erasure, true));
        stands = true;
      }
      auto found = row;
      CO_TRY(const auto goes_on, co_await erase_row(erasure, std::move(found)));
      if (goes_on) continue;
      erasure->receipt.scan.reset();
      co_return true;
    }
    scan.cursor = std::move(page.next);
    if (!scan.cursor) break;
    CO_TRY_OK(report(*erasure, items, *scan.cursor));
  } while (true);
  erasure->kept = false;
  co_return stands;
}

}  // namespace loopstate::store
