// Erasing a user: a tombstone takes the context's place, which stops every later writer, then all the rows
// go. One transaction where they are few. Repeating it finishes an erasure that was cut off.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "loopstate/store.hpp"
#include "store/attributes.hpp"
#include "store/card_row.hpp"
#include "store/context_write.hpp"
#include "store/id_lines.hpp"
#include "store/keys.hpp"
#include "store/user_view.hpp"
#include "store/write_id.hpp"

namespace loopstate {
namespace {

using store::ContextPlace;
using store::CorePtr;
using store::Tombstone;

// Rows that go in one transaction: each card row takes its card's own item along.
constexpr std::size_t kMaxRowsAtOnce = 45;
// Only a writer that does not know tombstones (the Rust crate) can make a second round necessary.
constexpr int kMaxRounds = 64;

table::Put tombstone_row(const ContextPlace& place, const std::string& user, const store::WriteCall& call) {
  const auto version = place.context ? place.context->version : 0;
  table::Item row;
  row.key = store::context_key(user);
  row.attributes.set(std::string(store::attribute::kVersion), table::Value::number(version + 1));
  row.attributes.set(std::string(store::attribute::kUpdatedAt), table::Value::number(call.call.now));
  row.attributes.set(std::string(store::attribute::kErasedAt), table::Value::number(call.call.now));
  row.attributes.set(std::string(store::attribute::kWriteIds), store::id_line(call.write_id));
  return table::Put{std::move(row), store::unchanged_since(place.context)};
}

// A row that cannot be read must not keep its user from being erased.
table::Put tombstone_over_corrupt(const table::Item& row, const std::string& user,
                                  const store::WriteCall& call) {
  auto put = tombstone_row(ContextPlace{}, user, call);
  const auto version = row.uint64(store::attribute::kVersion);
  if (version) {
    put.item.attributes.set(std::string(store::attribute::kVersion), table::Value::number(*version + 1));
    put.condition = table::Condition::equals(store::attribute::kVersion, table::Value::number(*version));
  } else {
    put.condition = table::Condition::all_of(
        {table::Condition::item_exists(), table::Condition::absent(store::attribute::kErasedAt)});
  }
  return put;
}

// What is to be removed of the user's partition, and the place of its context.
struct Remains {
  std::optional<table::Item> context_row;
  std::vector<table::Item> rows;
};

Remains split(std::vector<table::Item> rows) {
  Remains remains;
  for (auto& row : rows) {
    if (row.key.sk == store::kContextSort) {
      remains.context_row = std::move(row);
    } else {
      remains.rows.push_back(std::move(row));
    }
  }
  return remains;
}

// Nothing when the tombstone stands already.
std::optional<table::Put> needed_tombstone(const Remains& remains, const std::string& user,
                                           const store::WriteCall& call) {
  if (remains.context_row && store::is_tombstone(*remains.context_row)) return std::nullopt;
  auto place = store::read_context_place(remains.context_row);
  if (!place) return tombstone_over_corrupt(*remains.context_row, user, call);
  return tombstone_row(*place, user, call);
}

struct Round {
  std::vector<table::Operation> operations;
  std::size_t items = 0;
  std::size_t cards = 0;
};

// The card's own item goes only while it is this user's; it may have been transferred, or be gone.
table::Erase erase_card(const std::string& fingerprint, const std::string& user) {
  return table::Erase{store::card_key(fingerprint),
                      table::Condition::any_of({table::Condition::item_absent(), store::belongs_to(user)})};
}

Round plan_round(const Remains& remains, const std::string& user, const store::WriteCall& call,
                 bool with_cards) {
  Round round;
  if (auto tombstone = needed_tombstone(remains, user, call))
    round.operations.emplace_back(std::move(*tombstone));
  for (const auto& row : remains.rows) {
    if (round.items == kMaxRowsAtOnce) break;
    round.operations.emplace_back(table::Erase{row.key, table::Condition()});
    ++round.items;
    if (!with_cards || !row.key.sk.starts_with(store::kCardPrefix)) continue;
    round.operations.emplace_back(erase_card(row.key.sk.substr(store::kCardPrefix.size()), user));
    ++round.cards;
  }
  return round;
}

bool refused_by_card(const std::vector<table::Operation>& operations,
                     const std::vector<table::TransactOutcome::Refusal>& refusals) {
  for (std::size_t i = 0; i < refusals.size(); ++i) {
    if (!refusals[i].refused) continue;
    const auto* erase = std::get_if<table::Erase>(&operations[i]);
    if (erase != nullptr && erase->key.pk.starts_with(store::kCardPrefix)) return true;
  }
  return false;
}

Result<EraseReceipt> read_receipt(const table::Item& tombstone, const std::string& user) {
  auto place = store::read_context_place(tombstone);
  if (!place) return std::unexpected(std::move(place.error()));
  EraseReceipt receipt;
  receipt.user = user;
  receipt.version = place->tombstone->version;
  receipt.erased_at = place->tombstone->erased_at;
  return receipt;
}

// Removes rows until only the tombstone is left.
Task<Result<EraseReceipt>> erase_partition(CorePtr core, std::string user, store::WriteCall call) {
  std::size_t items = 0;
  std::size_t cards = 0;
  bool with_cards = true;
  for (int round = 0; round < kMaxRounds; ++round) {
    auto rows = co_await store::query_all(core, user, table::SortRange{}, call.call);
    if (!rows) co_return std::unexpected(std::move(rows.error()));
    if (rows->empty()) co_return fail(ErrorCode::NotFound, fmt::format("nothing is stored of user {}", user));
    auto remains = split(std::move(*rows));
    auto plan = plan_round(remains, user, call, with_cards);
    if (plan.operations.empty()) {
      auto receipt = read_receipt(*remains.context_row, user);
      if (!receipt) co_return receipt;
      receipt->items_removed = items;
      receipt->cards_removed = cards;
      co_return receipt;
    }
    const bool removes_context = remains.context_row && !store::is_tombstone(*remains.context_row);
    auto operations = plan.operations;
    auto outcome = co_await core->table->transact(std::move(operations), store::new_token(), call.call);
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    if (outcome->applied) {
      items += plan.items + (removes_context ? 1 : 0);
      cards += plan.cards;
      with_cards = true;
      continue;
    }
    // A card that belongs to somebody else by now stays; the user's own row of it goes without it.
    if (refused_by_card(plan.operations, outcome->refusals)) with_cards = false;
    if (auto waited = co_await store::pause_before_retry(round, call.call.deadline); !waited) {
      co_return std::unexpected(std::move(waited.error()));
    }
  }
  co_return fail(ErrorCode::Unavailable,
                 fmt::format("rows of user {} kept appearing while it was erased", user), true);
}

bool is_of(const table::Item& row, const std::string& user) {
  const auto* owner = row.string(store::attribute::kUserPubkey);
  return owner != nullptr && *owner == user;
}

// What names the user in other partitions: marks of transactions, and cards that have no row in the user's
// own.
Task<Result<void>> erase_elsewhere(CorePtr core, std::string user, store::WriteCall call,
                                   EraseReceipt* receipt) {
  table::Scan scan;
  do {
    auto asked = scan;
    auto page = co_await core->table->scan(std::move(asked), call.call);
    if (!page) co_return std::unexpected(std::move(page.error()));
    for (const auto& row : page->items) {
      const bool mark =
          row.key.pk.starts_with(store::kTransactionPrefix) && row.key.sk == store::kProcessedSort;
      const bool card = row.key.pk.starts_with(store::kCardPrefix) && row.key.sk == store::kMetaSort;
      if ((!mark && !card) || !is_of(row, user)) continue;
      table::Erase erase{row.key, store::belongs_to(user)};
      auto outcome = co_await core->table->erase(std::move(erase), call.call);
      if (!outcome) co_return std::unexpected(std::move(outcome.error()));
      if (!outcome->applied) continue;
      ++(mark ? receipt->transactions_removed : receipt->cards_removed);
    }
    scan.cursor = std::move(page->next);
  } while (scan.cursor);
  receipt->scanned = true;
  co_return Result<void>{};
}

}  // namespace

Task<Result<EraseReceipt>> Store::erase_user(UserId user, EraseOptions erase, CallOptions options) {
  auto core = core_;
  auto call = store::begin_write(*core, options);
  if (!call) co_return std::unexpected(std::move(call.error()));
  auto receipt = co_await erase_partition(core, user.text(), *call);
  if (!receipt) co_return receipt;
  if (erase.scan) {
    if (auto ok = co_await erase_elsewhere(core, user.text(), *call, &*receipt); !ok) {
      co_return std::unexpected(std::move(ok.error()));
    }
  }
  co_return receipt;
}

}  // namespace loopstate
