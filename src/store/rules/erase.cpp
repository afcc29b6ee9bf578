// Erasing a user: a tombstone takes the context's place, which stops every later writer, then all the rows
// are removed. One transaction if they are few. Repeating it finishes an erasure that was cut off. Documents,
// which are in partitions of their own, go between two rounds over the user's (erase_collections.cpp).

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/collection_row.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/id_lines.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"
#include "store/rules/context_write.hpp"
#include "store/rules/erasure.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/request.hpp"
#include "store/spine/user_view.hpp"
#include "table/expiry.hpp"
#include "table/limits.hpp"

namespace loopstate {
namespace {

using store::ContextPlace;
using store::ErasurePtr;
using store::Tombstone;

// Rows removed in one transaction: each card row takes the card's own item along.
constexpr std::size_t kMaxRowsAtOnce = 45;
// Only a writer that does not know tombstones (the Rust crate) can make a second round necessary.
constexpr int kMaxRounds = 64;

table::Put tombstone_row(const ContextPlace& place, const std::string& user, const store::WriteCall& call) {
  const auto version = place.context ? place.context->version : 0;
  table::Item row;
  row.key = store::context_key(user);
  row.attributes.set(std::string(store::attribute::kVersion),
                     table::Value::number(store::version_after(version)));
  row.attributes.set(std::string(store::attribute::kUpdatedAt), table::Value::time(call.call.now));
  row.attributes.set(std::string(store::attribute::kErasedAt), table::Value::time(call.call.now));
  // The ids of earlier writers stay known: one whose reply was lost learns that it wrote.
  std::vector<std::string> ids{call.write_id};
  if (place.context) {
    const auto& before = store::row_of(*place.context).write_ids;
    const auto kept = std::min(before.size(), store::kMaxWriteIds - 1);
    ids.insert(ids.end(), before.begin(), before.begin() + static_cast<std::ptrdiff_t>(kept));
  }
  row.attributes.set(std::string(store::attribute::kWriteIds), store::id_lines(ids));
  return table::Put{std::move(row), store::unchanged_since(place.context)};
}

// A row that cannot be read must not keep its user from being erased.
table::Put tombstone_over_corrupt(const table::Item& row, const std::string& user,
                                  const store::WriteCall& call) {
  auto put = tombstone_row(ContextPlace{}, user, call);
  const auto version = row.uint64(store::attribute::kVersion);
  if (version) {
    put.item.attributes.set(std::string(store::attribute::kVersion),
                            table::Value::number(store::version_after(*version)));
    put.condition = table::Condition::equals(store::attribute::kVersion, table::Value::number(*version));
  } else {
    put.condition = table::Condition::all_of(
        {table::Condition::item_exists(), table::Condition::absent(store::attribute::kErasedAt)});
  }
  return put;
}

// What is to be removed from the user's partition, and its context's place.
struct Remains {
  std::optional<table::Item> context_row;
  std::vector<table::Item> rows;
};

Remains parts_of(std::vector<table::Item> rows) {
  Remains remains;
  for (auto& row : rows) {
    if (row.key.sk == store::kContextSort) {
      remains.context_row = std::move(row);
    } else {
      remains.rows.push_back(std::move(row));
    }
  }
  // First, so that they are closed together with the tombstone.
  std::ranges::stable_partition(remains.rows,
                                [](const table::Item& row) { return store::is_collection(row.key); });
  return remains;
}

// Nothing if the tombstone already exists.
std::optional<table::Put> needed_tombstone(const Remains& remains, const std::string& user,
                                           const store::WriteCall& call) {
  if (remains.context_row && store::is_tombstone(*remains.context_row)) return std::nullopt;
  auto place = store::read_context_place(remains.context_row);
  if (!place) return tombstone_over_corrupt(*remains.context_row, user, call);
  return tombstone_row(*place, user, call);
}

// One transaction's part.
struct Step {
  std::vector<table::Operation> operations;
  std::size_t next = 0;  // the first row not included in it
  std::size_t items = 0;
  std::size_t cards = 0;
};

// The card's own item is removed only while it is this user's; it may have been transferred, or be gone.
table::Erase erase_card(const std::string& fingerprint, const std::string& user) {
  return table::Erase{store::card_key(fingerprint),
                      table::Condition::any_of({table::Condition::item_absent(), store::belongs_to(user)})};
}

std::string fingerprint_of(const table::Item& row) {
  return row.key.sk.substr(store::kCardPrefix.size());
}

Step plan_step(const ErasurePtr& erasure, table::Operation tombstone, const std::vector<table::Item>& rows,
               std::size_t first) {
  Step step;
  const auto now = erasure->write.call.now;
  step.operations.emplace_back(std::move(tombstone));
  const auto last = std::min(first + kMaxRowsAtOnce, rows.size());
  for (step.next = first; step.next < last; ++step.next) {
    const auto& row = rows[step.next];
    if (store::is_collection(row.key)) {
      if (store::is_dropped_collection(row) && table::is_live(row, now)) ++step.items;
      if (auto operation = store::erase_or_close(row, store::next_call(*erasure))) {
        step.operations.push_back(std::move(*operation));
      }
      continue;
    }
    step.operations.emplace_back(table::Erase{row.key, table::Condition()});
    if (table::is_live(row, now)) ++step.items;
    if (!row.key.sk.starts_with(store::kCardPrefix)) continue;
    auto fingerprint = fingerprint_of(row);
    if (erasure->others_cards.contains(fingerprint)) continue;
    step.operations.emplace_back(erase_card(fingerprint, erasure->user));
    ++step.cards;
  }
  return step;
}

// A card that belongs to somebody else by now stays; the user's own row for it is removed without it. Returns
// whether one was found.
bool learn_others_cards(const ErasurePtr& erasure, const std::vector<table::Operation>& operations,
                        const std::vector<table::TransactOutcome::Refusal>& refusals) {
  bool learnt = false;
  for (std::size_t i = 0; i < refusals.size(); ++i) {
    const auto& key = table::key_of(operations[i]);
    if (!refusals[i].refused || !key.pk.starts_with(store::kCardPrefix)) continue;
    erasure->others_cards.insert(key.pk.substr(store::kCardPrefix.size()));
    learnt = true;
  }
  return learnt;
}

// What the existing tombstone, or the one to be put, says.
Result<void> note_tombstone(const ErasurePtr& erasure, const table::Item& tombstone) {
  TRY(auto place, store::read_context_place(tombstone));
  if (!place.tombstone) return store::corrupt(tombstone.key, "it is not a tombstone");
  erasure->receipt.version = place.tombstone->version;
  erasure->receipt.erased_at = place.tombstone->erased_at;
  return {};
}

// The collections that may still have documents.
std::vector<std::string> undropped(const std::vector<table::Item>& rows) {
  std::vector<std::string> collections;
  for (const auto& row : rows) {
    if (!store::is_collection(row.key) || store::is_dropped_collection(row)) continue;
    collections.push_back(row.key.sk.substr(store::kCollectionPrefix.size()));
  }
  return collections;
}

// Removes the rows that were read, after putting the tombstone. False: they have changed, read again.
Task<Result<bool>> remove_rows(ErasurePtr erasure, Remains remains, std::optional<table::Put> tombstone) {
  const bool removes_context = tombstone && remains.context_row;
  const auto& rows = remains.rows;
  const bool has_documents = !undropped(rows).empty();
  std::size_t at = 0;
  do {
    const bool puts = tombstone.has_value();
    table::Operation gate = store::tombstone_stands(*erasure);
    if (puts) gate = *tombstone;
    auto step = plan_step(erasure, std::move(gate), rows, at);
    auto after = erasure->receipt;
    after.items_removed += step.items + (puts && removes_context ? 1 : 0);
    after.cards_removed += step.cards;
    const bool finished = step.next == rows.size() && !has_documents && !erasure->options.scans();
    const auto call = store::next_call(*erasure);
    auto operations = step.operations;
    auto answer = store::answer_for(call, store::KeptErasure{after, finished});
    CO_TRY(auto outcome, co_await store::transact_once(erasure->core, std::move(operations), call,
                                                       erasure->user, std::move(answer)));
    if (!outcome.applied) {
      if (learn_others_cards(erasure, step.operations, outcome.refusals)) continue;
      co_return false;
    }
    erasure->receipt = std::move(after);
    // A user who is brought back from here on keeps what is new.
    erasure->continues = true;
    erasure->kept = call.request ? finished : erasure->kept && step.items == 0;
    tombstone.reset();
    at = step.next;
  } while (at < rows.size());
  co_return true;
}

// Why there is nothing to do in the partition; nothing: rows, the tombstone or the request's item have to be
// written.
std::optional<store::PartitionErased> nothing_to_do(const store::Erasure& erasure, const Remains& remains,
                                                    bool even_if_empty) {
  const bool erased = remains.context_row && store::is_tombstone(*remains.context_row);
  const bool shows_something = std::ranges::any_of(
      remains.rows, [&](const table::Item& row) { return table::is_live(row, erasure.write.call.now); });
  if (!erased && !remains.context_row && !shows_something && !even_if_empty && !erasure.continues) {
    return store::PartitionErased::WasEmpty;
  }
  // Brought back since: the call's work has been done.
  if (!erased && erasure.continues) return store::PartitionErased::BroughtBack;
  const bool named = !erasure.write.request || erasure.write.request->done || erasure.continues;
  if (erased && remains.rows.empty() && named) return store::PartitionErased::Done;
  return std::nullopt;
}

}  // namespace

namespace store {

Task<Result<PartitionErased>> erase_partition(ErasurePtr erasure, bool even_if_empty) {
  for (int round = 0; round < kMaxRounds; ++round) {
    const auto call = next_call(*erasure);
    CO_TRY_OK(co_await pause_before_retry(round, call.call.deadline));
    CO_TRY(auto rows, co_await query_all(erasure->core, erasure->user, table::SortRange{},
                                         whatever_its_time(call.call)));
    auto remains = parts_of(std::move(rows));
    const auto ending = nothing_to_do(*erasure, remains, even_if_empty);
    auto tombstone = ending ? std::nullopt : needed_tombstone(remains, erasure->user, call);
    const auto* stands = tombstone ? &tombstone->item : remains.context_row ? &*remains.context_row : nullptr;
    if (stands != nullptr && is_tombstone(*stands)) {
      CO_TRY_OK(note_tombstone(erasure, *stands));
    }
    if (ending) co_return *ending;
    auto collections = undropped(remains.rows);
    CO_TRY(const auto removed, co_await remove_rows(erasure, std::move(remains), std::move(tombstone)));
    if (!removed) continue;
    CO_TRY_OK(co_await empty_collections(erasure, std::move(collections)));
  }
  co_return fail(ErrorCode::Unavailable,
                 fmt::format("rows of user {} kept appearing while it was erased", erasure->user), true);
}

Task<Result<void>> finish_erasure(CorePtr core, UserId user, WriteCall write) {
  auto erasure = std::make_shared<Erasure>();
  erasure->core = std::move(core);
  erasure->user = user.text();
  erasure->receipt.user = std::move(user);
  erasure->write = std::move(write);
  erasure->write.request.reset();
  erasure->continues = true;  // so that nobody without a tombstone is erased
  CO_TRY([[maybe_unused]] const auto partition, co_await erase_partition(erasure, false));
  co_return Result<void>{};
}

}  // namespace store

namespace {

std::unexpected<Error> nothing_stored(const std::string& user) {
  return fail(ErrorCode::NotFound, fmt::format("nothing is stored about user {}", user));
}

// A cursor from another table is refused before anything is removed.
Task<Result<void>> check_cursor(ErasurePtr erasure) {
  if (!erasure->options.resume()) co_return Result<void>{};
  table::Scan scan;
  scan.limit = 1;
  scan.cursor = erasure->options.resume();
  scan.past_damage = true;
  const auto call = store::next_call(*erasure);
  CO_TRY([[maybe_unused]] const auto page, co_await erasure->core->table->scan(std::move(scan), call.call));
  co_return Result<void>{};
}

Task<Result<EraseReceipt>> erase_all(ErasurePtr erasure) {
  CO_TRY_OK(co_await check_cursor(erasure));
  CO_TRY(auto partition, co_await store::erase_partition(erasure, false));
  if (partition == store::PartitionErased::BroughtBack) co_return erasure->receipt;
  bool stands = partition == store::PartitionErased::Done;
  if (erasure->options.scans()) {
    CO_TRY(auto scanned, co_await store::erase_elsewhere(erasure, stands));
    stands = scanned;
  }
  if (!stands) co_return nothing_stored(erasure->user);
  CO_TRY_OK(co_await store::keep_answer(erasure));
  co_return erasure->receipt;
}

// A user who was brought back since would be erased again, unless the call has a name.
Result<EraseReceipt> say_if_repeatable(Result<EraseReceipt> receipt, const ErasurePtr& erasure) {
  if (!receipt && receipt.error().code == ErrorCode::OutcomeUnknown) {
    receipt.error().retryable = erasure->write.request != nullptr;
  }
  return receipt;
}

// Takes over from an earlier call under this request id: true if that call reached its end.
Result<bool> take_over(const ErasurePtr& erasure) {
  TRY(auto kept, store::read_answer<store::KeptErasure>(*erasure->write.request));
  erasure->receipt = std::move(kept.receipt);
  erasure->continues = true;
  return kept.finished;
}

Task<Result<EraseReceipt>> erase_user_on(store::CorePtr core, UserId user, EraseOptions options) {
  CO_TRY(auto write, store::begin_write(*core, options, "erase_user", user, options.scans()));
  core->sessions.forget(user.text());
  auto erasure = std::make_shared<store::Erasure>();
  erasure->core = core;
  erasure->user = user.text();
  erasure->receipt.user = user;
  erasure->write = std::move(write);
  erasure->deadline = store::deadline_of(options);
  erasure->options = std::move(options);
  const auto& request = erasure->write.request;
  if (!request) {
    auto receipt = co_await erase_all(erasure);
    co_return say_if_repeatable(std::move(receipt), erasure);
  }
  CO_TRY_OK(co_await store::look_up_request(core, store::next_call(*erasure)));
  for (int turn = 0;; ++turn) {
    if (request->standing) {
      CO_TRY(auto finished, take_over(erasure));
      if (finished) co_return erasure->receipt;
    }
    const bool took_over = request->standing.has_value();
    auto receipt = co_await erase_all(erasure);
    // Another call under this id started at the same time, and was first.
    if (receipt || took_over || !request->standing || turn > 0) {
      co_return say_if_repeatable(std::move(receipt), erasure);
    }
  }
}

}  // namespace

Task<Result<EraseReceipt>> Store::erase_user(UserId user, EraseOptions options) {
  return erase_user_on(core_, std::move(user), std::move(options));
}

}  // namespace loopstate
