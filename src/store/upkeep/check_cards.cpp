#include "store/upkeep/check_cards.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <map>
#include <utility>
#include <vector>

#include "base/try.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"
#include "store/upkeep/check_repair.hpp"

namespace loopstate::store {
namespace {

using Kind = CheckFinding::Kind;

struct PairKeys {
  std::vector<table::Key> keys;
  std::map<table::Key, std::size_t> places;

  std::size_t place(table::Key key) {
    const auto [at, added] = places.emplace(key, keys.size());
    if (added) keys.push_back(std::move(key));
    return at->second;
  }
};

// An item, nothing if there is none, or why it cannot be read.
using MaybeItem = Result<std::optional<table::Item>>;

// The three items that a pair is about, as they are now.
struct PairItems {
  MaybeItem card, owner, context;
};

// What is wrong with a pair; nothing if all is well or if one of its two items cannot be read, which has been
// reported.
std::optional<CheckFinding> examine_pair(const CardPair& pair, const PairItems& items) {
  if (!items.card || !items.owner) return std::nullopt;
  std::optional<Card> card;
  if (*items.card) {
    auto read = card_from_row(**items.card);
    if (!read) return std::nullopt;
    card = std::move(*read);
  }
  const bool users = card && card->user.text() == pair.user;
  if (!pair.from_card) {
    if (users || !*items.owner) return std::nullopt;
    return CheckFinding{Kind::OwnerItemWithoutCard, item_name(user_card_key(pair.user, pair.fingerprint)),
                        card ? "the card belongs to someone else" : "there is no such card", false};
  }
  if (!users) return std::nullopt;
  if (items.context && *items.context && is_tombstone(**items.context)) {
    return CheckFinding{Kind::CardOfErasedUser, item_name(card_key(pair.fingerprint)),
                        fmt::format("its user {} was erased", pair.user), false};
  }
  if (*items.owner) return std::nullopt;
  return CheckFinding{
      Kind::CardWithoutOwnerItem, item_name(card_key(pair.fingerprint)),
      fmt::format("its user {} has no item for it, so it is not among the user's cards", pair.user), false};
}

Task<Result<bool>> mend_pair(RunPtr run, CardPair pair, PairItems items, Kind kind) {
  const auto call = run->call();
  if (kind == Kind::OwnerItemWithoutCard) {
    co_return co_await remove_owner_item(run->core, std::move(pair.fingerprint), std::move(pair.user), call);
  }
  if (kind == Kind::CardOfErasedUser) {
    co_return co_await remove_card_of_erased(run->core, std::move(pair.fingerprint), std::move(pair.user),
                                             call);
  }
  // A context that cannot be read may be a tombstone.
  if (!items.context) co_return false;
  auto card = card_from_row(**items.card);
  if (!card) co_return false;
  co_return co_await add_owner_item(run->core, std::move(*card), call);
}

// Like `read_rows`, except that an item that cannot be read becomes that error.
Task<Result<std::vector<MaybeItem>>> read_pair_items(RunPtr run, std::vector<table::Key> keys) {
  const auto call = run->call();
  auto items = co_await run->core->table->batch_get(std::move(keys), call);
  if (!items) co_return items;
  for (auto& item : *items) {
    if (!item && item.error().code != ErrorCode::CorruptItem) {
      co_return std::unexpected(std::move(item.error()));
    }
  }
  co_return items;
}

}  // namespace

Task<Result<void>> check_pairs(RunPtr run) {
  const auto pairs = std::exchange(run->pairs, {});
  if (pairs.empty()) co_return Result<void>{};
  PairKeys wanted;
  for (const auto& pair : pairs) {
    wanted.place(card_key(pair.fingerprint));
    wanted.place(user_card_key(pair.user, pair.fingerprint));
    wanted.place(context_key(pair.user));
  }
  auto keys = wanted.keys;
  CO_TRY(auto rows, co_await read_pair_items(run, std::move(keys)));
  for (const auto& pair : pairs) {
    PairItems items{rows[wanted.place(card_key(pair.fingerprint))],
                    rows[wanted.place(user_card_key(pair.user, pair.fingerprint))],
                    rows[wanted.place(context_key(pair.user))]};
    auto finding = examine_pair(pair, items);
    if (!finding) continue;
    if (run->options.repair) {
      CO_TRY(auto mended, unless_refused(co_await mend_pair(run, pair, std::move(items), finding->kind)));
      finding->mended = mended;
    }
    run->report(std::move(*finding));
  }
  co_return Result<void>{};
}

}  // namespace loopstate::store
