// Questions across users: a page is one scan of the keys that matter, cut after the last whole answer.

#include "loopstate/questions.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/name_access.hpp"
#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/ended_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/processed_row.hpp"
#include "store/rows/read_row.hpp"
#include "store/rows/ring.hpp"
#include "store/rules/seen_payment.hpp"
#include "store/spine/core.hpp"
#include "store/spine/page_token.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate {
namespace {

using store::CorePtr;

/// What pages have in common, without the options' type.
struct PageAsked {
  std::string question;
  std::optional<std::string> after;
  std::size_t limit = 0;
  table::Call call;
};

template <typename Options>
PageAsked page_asked(const CorePtr& core, std::string question, const Options& options) {
  PageAsked asked{std::move(question), options.after(), options.limit(), store::begin_read(*core, options)};
  if (options.accepts_stale()) asked.call.consistency = table::Consistency::MayBeStale;
  return asked;
}

Result<std::optional<std::string>> cursor_of(const CorePtr& core, const PageAsked& asked) {
  if (!asked.after) return std::nullopt;
  TRY(auto cursor, store::read_token(*asked.after, asked.question, core->table->identity()));
  return std::optional(std::move(cursor));
}

std::string token_for(const CorePtr& core, const PageAsked& asked, std::string cursor) {
  return store::write_token({asked.question, std::move(cursor)}, core->table->identity());
}

Task<Result<table::Page>> scan_page(CorePtr core, PageAsked asked, std::string_view pk, std::string_view sk) {
  table::Scan scan;
  CO_TRY(scan.cursor, cursor_of(core, asked));
  scan.pk_prefix = pk;
  scan.sk_prefix = sk;
  scan.past_damage = true;
  co_return co_await core->table->scan(std::move(scan), asked.call);
}

template <typename Entry>
void note_cost(AnswerPage<Entry>& answer, const table::Page& page) {
  answer.unreadable += page.damaged.size();
  answer.cost += {1, page.examined, page.read_units};
}

/// One entry at most for each item; `entry_of` returns nothing for an item that is not asked for.
template <typename Entry, typename EntryOf>
AnswerPage<Entry> item_by_item(const CorePtr& core, const PageAsked& asked, const table::Page& page,
                               EntryOf entry_of) {
  AnswerPage<Entry> answer;
  note_cost(answer, page);
  if (page.next) answer.next = token_for(core, asked, *page.next);
  for (std::size_t i = 0; i < page.items.size(); ++i) {
    Result<std::optional<Entry>> entry = entry_of(page.items[i]);
    if (!entry) ++answer.unreadable;
    if (!entry || !*entry) continue;
    answer.entries.push_back(std::move(**entry));
    const bool last = !page.next && i + 1 == page.items.size();
    if (answer.entries.size() != asked.limit || last) continue;
    answer.next = token_for(core, asked, core->table->cursor_after(page.items[i].key));
    break;
  }
  return answer;
}

// Its own end may come before its row's, which an id of ours tells.
bool is_pending(const table::Item& row, Timestamp now) {
  const auto id = row.key.sk.substr(store::kPendingPrefix.size());
  if (id.find(store::kIdEndMark) != std::string::npos) return store::expires_by(id, {}) > now;
  const auto capture = store::capture_from_row(row);
  return !capture || !store::is_over(*capture, now);
}

void add_row(UserEntry& entry, const table::Item& row, Timestamp now) {
  const auto& sort = row.key.sk;
  const auto touch = [&](std::string_view attribute) {
    entry.touched_at = std::max(entry.touched_at, row.time(attribute).value_or(Timestamp{}));
  };
  if (sort == store::kContextSort) {
    entry.version = row.uint64(store::attribute::kVersion).value_or(0);
    if (store::is_tombstone(row)) {
      entry.erased_at = row.time(store::attribute::kErasedAt).value_or(Timestamp{});
    }
    touch(store::attribute::kUpdatedAt);
  } else if (sort.starts_with(store::kPendingPrefix)) {
    if (is_pending(row, now)) ++entry.pending;
    touch(store::attribute::kCreatedAt);
  } else if (sort.starts_with(store::kCardPrefix)) {
    ++entry.cards;
    touch(store::attribute::kLinkedAt);
  } else if (sort == store::kSessionSort) {
    entry.has_session = row.time(store::attribute::kExpiresAt).value_or(Timestamp{}) > now;
  } else if (sort == store::kLocationSort) {
    entry.has_location = row.string(store::attribute::kMerchantId) != nullptr;
    touch(store::attribute::kEnteredAt);
  }
}

/// What is left of ended captures sorts after all that a user's entry counts, and may be much: it is not
/// read.
constexpr std::string_view kLastCounted = "WAS_PENDING";
constexpr std::string_view kAfterEnded = "WAS_PENDING$";
static_assert(kLastCounted < store::kEndedPrefix && store::kEndedPrefix < kAfterEnded);
static_assert(store::kSessionSort < kLastCounted && store::kPendingPrefix < kLastCounted);

/// The rest of a partition that is larger than a page, as far as it counts.
Task<Result<std::vector<table::Item>>> rest_of_partition(CorePtr core, table::Key after, table::Call call,
                                                         ReadCost* cost) {
  std::vector<table::Item> rows;
  table::Query query;
  query.pk = after.pk;
  if (after.sk > kLastCounted) co_return rows;
  query.range.first = after.sk;
  query.range.last = kLastCounted;
  query.past_damage = true;
  do {
    auto asked = query;
    CO_TRY(auto page, co_await core->table->query(std::move(asked), call));
    *cost += {1, page.items.size(), 0};
    for (auto& row : page.items) {
      if (row.key != after) rows.push_back(std::move(row));
    }
    query.cursor = std::move(page.next);
  } while (query.cursor);
  co_return rows;
}

/// Leaves out the last partition on a page that does not end with it, unless it is the only one: then its
/// rest is read. Returns where the next page begins.
Task<Result<std::optional<std::string>>> whole_partitions(CorePtr core, table::Page* page, table::Call call,
                                                          ReadCost* cost) {
  auto& items = page->items;
  if (!page->next || items.empty()) co_return std::move(page->next);
  const auto last = items.back().key;
  const auto first_of_last = std::ranges::find(items, last.pk, [](const auto& item) { return item.key.pk; });
  if (first_of_last != items.begin()) {
    items.erase(first_of_last, items.end());
    co_return core->table->cursor_after(items.back().key);
  }
  CO_TRY(auto rest, co_await rest_of_partition(core, last, call, cost));
  std::ranges::move(rest, std::back_inserter(items));
  co_return core->table->cursor_after({last.pk, std::string(kAfterEnded)});
}

Result<std::optional<PendingCapture>> pending_entry(const table::Item& row, const PendingOptions& options,
                                                    Timestamp now) {
  TRY(auto capture, store::capture_from_row(row));
  if (store::is_over(capture, now)) return std::nullopt;
  if (options.merchant() && capture.merchant_id != options.merchant()->text()) return std::nullopt;
  if (options.older_than() && saturating_add(store::stored_at(capture.id), *options.older_than()) > now) {
    return std::nullopt;
  }
  const bool ends = capture.kept_until != Timestamp{};
  if (options.expires_within() &&
      (!ends || capture.kept_until > saturating_add(now, *options.expires_within()))) {
    return std::nullopt;
  }
  TRY(const auto mark, store::named_mark(row));
  PendingCapture entry;
  entry.user = stored_name<UserId>(row.key.pk.substr(store::kUserPrefix.size()));
  entry.capture = std::move(capture);
  if (mark) entry.transaction = stored_name<TransactionId>(mark->transaction);
  return entry;
}

Task<Result<AnswerPage<UserEntry>>> users_on(CorePtr core, PageOptions options) {
  auto asked = page_asked(core, "users", options);
  auto scanning = scan_page(core, asked, store::kUserPrefix, "");
  CO_TRY(auto page, co_await std::move(scanning));
  AnswerPage<UserEntry> answer;
  note_cost(answer, page);
  CO_TRY(auto next, co_await whole_partitions(core, &page, asked.call, &answer.cost));
  for (std::size_t i = 0; i < page.items.size(); ++i) {
    const auto& key = page.items[i].key;
    if (i == 0 || key.pk != page.items[i - 1].key.pk) {
      if (asked.limit > 0 && answer.entries.size() == asked.limit) {
        next = core->table->cursor_after(page.items[i - 1].key);
        break;
      }
      answer.entries.emplace_back().user = stored_name<UserId>(key.pk.substr(store::kUserPrefix.size()));
    }
    add_row(answer.entries.back(), page.items[i], asked.call.now);
  }
  if (next) answer.next = token_for(core, asked, std::move(*next));
  co_return answer;
}

Task<Result<AnswerPage<PendingCapture>>> pending_on(CorePtr core, PendingOptions options) {
  auto asked = page_asked(core, "pending", options);
  auto scanning = scan_page(core, asked, store::kUserPrefix, store::kPendingPrefix);
  CO_TRY(const auto page, co_await std::move(scanning));
  co_return item_by_item<PendingCapture>(
      core, asked, page, [&](const table::Item& row) { return pending_entry(row, options, asked.call.now); });
}

Task<Result<AnswerPage<SeenPayment>>> payments_on(CorePtr core, PaymentsOptions options) {
  auto asked = page_asked(core, "payments", options);
  auto scanning = scan_page(core, asked, store::kTransactionPrefix, store::kProcessedSort);
  CO_TRY(const auto page, co_await std::move(scanning));
  co_return item_by_item<SeenPayment>(core, asked, page,
                                      [&](const table::Item& row) -> Result<std::optional<SeenPayment>> {
                                        TRY(auto mark, store::processed_from_row(row));
                                        if (options.user() && mark.record.user != *options.user())
                                          return std::nullopt;
                                        return store::seen_payment(std::move(mark));
                                      });
}

Task<Result<AnswerPage<EndedCapture>>> ended_on(CorePtr core, UserId user, PageOptions options) {
  CO_TRY_OK(store::check_all_given(user));
  auto asked = page_asked(core, "ended", options);
  table::Query query;
  query.pk = store::user_partition(user.text());
  query.range.prefix = std::string(store::kEndedPrefix);
  query.limit = asked.limit;
  query.past_damage = true;
  CO_TRY(query.cursor, cursor_of(core, asked));
  CO_TRY(auto page, co_await core->table->query(std::move(query), asked.call));
  page.examined = page.items.size();
  asked.limit = 0;
  co_return item_by_item<EndedCapture>(core, asked, page,
                                       [](const table::Item& row) -> Result<std::optional<EndedCapture>> {
                                         return store::ended_from_row(row);
                                       });
}

}  // namespace

Task<Result<AnswerPage<UserEntry>>> Questions::users(PageOptions options) {
  return users_on(store::StoreAccess::core(store_), std::move(options));
}

Task<Result<AnswerPage<PendingCapture>>> Questions::pending(PendingOptions options) {
  return pending_on(store::StoreAccess::core(store_), std::move(options));
}

Task<Result<AnswerPage<SeenPayment>>> Questions::payments(PaymentsOptions options) {
  return payments_on(store::StoreAccess::core(store_), std::move(options));
}

Task<Result<AnswerPage<EndedCapture>>> Questions::ended(UserId user, PageOptions options) {
  return ended_on(store::StoreAccess::core(store_), std::move(user), std::move(options));
}

RingLosses ring_losses(const Store& store) noexcept {
  const auto& core = *store::StoreAccess::core(store);
  return {core.captures_dropped.load(std::memory_order_relaxed),
          core.captures_expired.load(std::memory_order_relaxed)};
}

}  // namespace loopstate
