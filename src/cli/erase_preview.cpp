#include "cli/erase_preview.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <set>
#include <utility>
#include <vector>

#include "base/try.hpp"
#include "cli/text.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/collection_row.hpp"
#include "store/rows/document_row.hpp"
#include "store/rows/keys.hpp"
#include "store/spine/store_access.hpp"
#include "table/table.hpp"

namespace loopstate::cli {
namespace {

using Fingerprints = std::set<std::string, std::less<>>;

table::Call next_call(std::chrono::milliseconds request_timeout) {
  return {system_clock().now(), std::chrono::steady_clock::now() + request_timeout};
}

/// How many documents are in the collection that a row of the user's names.
Task<Result<std::uint64_t>> documents_of(std::shared_ptr<table::Table> table, std::string user,
                                         std::string collection, std::chrono::milliseconds request_timeout) {
  table::Query query;
  query.pk = store::documents_partition({std::move(user), std::move(collection)});
  query.range.prefix = std::string(store::kDocumentSort);
  query.past_damage = true;
  std::uint64_t count = 0;
  do {
    auto asked = query;
    const auto call = next_call(request_timeout);
    CO_TRY(auto page, co_await table->query(std::move(asked), call));
    count += page.items.size() + page.damaged.size();
    query.cursor = std::move(page.next);
  } while (query.cursor);
  co_return count;
}

void count_row(ErasePreview& counts, Fingerprints& cards, const table::Item& row) {
  const std::string_view sort = row.key.sk;
  if (sort == store::kContextSort) {
    // A tombstone stays.
    counts.context = !row.attributes.contains(store::attribute::kErasedAt);
  } else if (sort == store::kSessionSort) {
    counts.session = true;
  } else if (sort == store::kLocationSort) {
    counts.location = true;
  } else if (sort.starts_with(store::kPendingPrefix)) {
    ++counts.captures;
  } else if (sort.starts_with(store::kCardPrefix)) {
    ++counts.cards;
    cards.emplace(sort.substr(store::kCardPrefix.size()));
  } else {
    ++counts.other_items;
  }
}

/// What only the scan finds: transactions seen, cards that are not among the user's own, kept answers.
void count_elsewhere(ErasePreview& counts, const Fingerprints& cards, const table::Item& row,
                     const std::string& user) {
  const auto* owner = row.string(store::attribute::kUserPubkey);
  if (owner == nullptr || *owner != user) return;
  const std::string_view partition = row.key.pk;
  if (partition.starts_with(store::kTransactionPrefix)) {
    counts.transactions += row.key.sk == store::kProcessedSort ? 1u : 0u;
  } else if (partition.starts_with(store::kCardPrefix) && row.key.sk == store::kMetaSort) {
    counts.cards += cards.contains(partition.substr(store::kCardPrefix.size())) ? 0u : 1u;
  } else if (partition.starts_with(store::kRequestPrefix)) {
    ++counts.other_items;
  }
}

}  // namespace

std::string ErasePreview::text() const {
  std::vector<std::string> parts;
  if (context) parts.emplace_back("a context");
  if (session) parts.emplace_back("a session");
  if (location) parts.emplace_back("a location");
  if (cards > 0) parts.push_back(count_text(cards, "card", "cards"));
  if (captures > 0) parts.push_back(count_text(captures, "pending capture", "pending captures"));
  if (documents > 0) parts.push_back(count_text(documents, "document", "documents"));
  if (other_items > 0) parts.push_back(count_text(other_items, "other item", "other items"));
  if (transactions > 0) parts.push_back(count_text(transactions, "transaction seen", "transactions seen"));
  if (unreadable > 0) parts.push_back(count_text(unreadable, "unreadable item", "unreadable items"));
  if (parts.empty()) return "nothing";
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::uint64_t ErasePreview::items() const {
  return (context ? 1u : 0u) + (session ? 1u : 0u) + (location ? 1u : 0u) + captures + cards + documents +
         other_items + transactions + unreadable;
}

Task<Result<ErasePreview>> preview_erasure(Store store, UserId user, bool scan,
                                           std::chrono::milliseconds request_timeout,
                                           std::function<Result<void>(std::uint64_t items)> between) {
  const auto table = store::table_of(store);
  ErasePreview counts;
  Fingerprints cards;
  std::optional<std::string> cursor;
  do {
    table::Query query;
    query.pk = store::user_partition(user.text());
    query.cursor = std::move(cursor);
    query.past_damage = true;
    const auto call = next_call(request_timeout);
    CO_TRY(auto page, co_await table->query(std::move(query), call));
    for (const auto& row : page.items) {
      count_row(counts, cards, row);
      if (!row.key.sk.starts_with(store::kCollectionPrefix)) continue;
      auto collection = row.key.sk.substr(store::kCollectionPrefix.size());
      CO_TRY(const auto documents,
             co_await documents_of(table, user.text(), std::move(collection), request_timeout));
      counts.documents += documents;
    }
    counts.unreadable += page.damaged.size();
    cursor = std::move(page.next);
  } while (cursor);
  std::uint64_t looked_at = 0;
  while (scan) {
    table::Scan all;
    all.cursor = std::move(cursor);
    all.past_damage = true;
    const auto call = next_call(request_timeout);
    CO_TRY(auto page, co_await table->scan(std::move(all), call));
    for (const auto& row : page.items) count_elsewhere(counts, cards, row, user.text());
    looked_at += page.items.size();
    cursor = std::move(page.next);
    scan = cursor.has_value();
    CO_TRY_OK(between(looked_at));
  }
  co_return counts;
}

}  // namespace loopstate::cli
