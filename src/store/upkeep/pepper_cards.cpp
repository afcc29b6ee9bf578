#include "store/upkeep/pepper_cards.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/try.hpp"
#include "loopstate/pepper.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/keys.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate::store {
namespace {

bool is_card(const table::Key& key) {
  return key.pk.starts_with(kCardPrefix) && key.sk == kMetaSort;
}

void count(const table::Item& row, Timestamp since, PepperCards& counted) {
  if (!is_card(row.key)) return;
  ++counted.cards;
  const auto linked = row.time(attribute::kLinkedAt).value_or(Timestamp{});
  const auto moved = row.time(attribute::kMovedAt).value_or(Timestamp{});
  // In the second in which the pepper changed, a card may have been linked under either.
  if (linked <= since && moved < since) ++counted.need_previous;
}

}  // namespace

Task<Result<PepperCards>> count_cards(Store store, Timestamp since, std::chrono::milliseconds request_timeout,
                                      std::function<Result<void>(const PepperCards& so_far)> between) {
  const auto table = table_of(store);
  PepperCards counted;
  table::Scan scan;
  scan.past_damage = true;
  do {
    auto asked = scan;
    const table::Call call{now_of(store), std::chrono::steady_clock::now() + request_timeout};
    CO_TRY(auto page, co_await table->scan(std::move(asked), call));
    for (const auto& row : page.items) count(row, since, counted);
    counted.unreadable += page.damaged.size();
    scan.cursor = std::move(page.next);
    CO_TRY_OK(between(counted));
  } while (scan.cursor);
  co_return counted;
}

}  // namespace loopstate::store
