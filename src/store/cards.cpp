// Which user a card belongs to. The card's own item says whose it is; the user's own item makes a user's
// cards one query. Both change together.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <cctype>

#include "loopstate/store.hpp"
#include "store/attributes.hpp"
#include "store/card_row.hpp"
#include "store/core.hpp"
#include "store/keys.hpp"
#include "store/write_id.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using Refusals = std::vector<table::TransactOutcome::Refusal>;

// Places of the operations in a link's transaction.
constexpr std::size_t kCardAt = 0;
constexpr std::size_t kUserCardAt = 1;
constexpr std::size_t kErasedAt = 2;

std::unexpected<Error> no_such_card() {
  return fail(ErrorCode::NotFound, "the card is not linked to anybody");
}

std::unexpected<Error> linked_elsewhere() {
  return fail(ErrorCode::CardLinkedElsewhere, "the card is linked to another user");
}

std::unexpected<Error> kept_changing() {
  return fail(ErrorCode::Unavailable,
              fmt::format("the card kept changing hands under {} attempts", store::kMaxAttempts), true);
}

Result<void> check_last4(std::string_view last4) {
  const bool digits = std::ranges::all_of(last4, [](unsigned char c) { return std::isdigit(c) != 0; });
  if (last4.empty() || (last4.size() == 4 && digits)) return {};
  return fail(ErrorCode::InvalidArgument, "last4 must be four digits or empty");
}

// What is known of the card: nothing at first, then what a refusal showed.
struct Seen {
  std::optional<Card> linked;
  bool looked = false;
};

table::Operation card_operation(const Card& next, const std::optional<Card>& linked) {
  if (!linked) return table::Put{store::card_row(next), table::Condition::item_absent()};
  if (linked->user_pubkey != next.user_pubkey) {
    return table::Put{store::card_row(next), store::belongs_to(linked->user_pubkey)};
  }
  table::Update last4;
  last4.push_back(table::Change::set(store::attribute::kCardLast4, next.card_last4));
  return table::UpdateItem{store::card_key(next.fingerprint), std::move(last4),
                           store::belongs_to(next.user_pubkey)};
}

std::vector<table::Operation> link_operations(const Card& next, const Seen& seen) {
  std::vector<table::Operation> operations;
  operations.emplace_back(card_operation(next, seen.linked));
  // The first try refuses to overwrite the user's item, so that the refusal shows whether anything is to be
  // done.
  operations.emplace_back(table::Put{store::user_card_row(next),
                                     seen.looked ? table::Condition() : table::Condition::item_absent()});
  operations.emplace_back(store::user_not_erased(next.user_pubkey));
  if (seen.linked && seen.linked->user_pubkey != next.user_pubkey) {
    // The Rust crate's cards have no such item; erasing nothing does no harm.
    operations.emplace_back(
        table::Erase{store::user_card_key(seen.linked->user_pubkey, next.fingerprint), {}});
  }
  return operations;
}

// Whether the user's item says what it should.
bool user_card_stands(const table::TransactOutcome::Refusal& refusal, const Card& card) {
  if (!refusal.refused || !refusal.item) return false;
  const auto there = store::card_from_user_row(*refusal.item);
  return there && *there == card;
}

// What a refused transaction shows of the card.
Result<std::optional<Card>> card_in(const table::TransactOutcome::Refusal& refusal) {
  if (!refusal.item) return std::nullopt;
  auto card = store::card_from_row(*refusal.item);
  if (!card) return std::unexpected(std::move(card.error()));
  return std::move(*card);
}

std::vector<table::Operation> unlink_operations(const std::string& fingerprint, const std::string& user) {
  std::vector<table::Operation> operations;
  operations.emplace_back(table::Erase{store::card_key(fingerprint), store::belongs_to(user)});
  operations.emplace_back(table::Erase{store::user_card_key(user, fingerprint), {}});
  return operations;
}

Task<Result<std::optional<Card>>> get_card(CorePtr core, std::string fingerprint, table::Call call) {
  auto key = store::card_key(fingerprint);
  auto row = co_await core->table->get(std::move(key), call);
  if (!row) co_return std::unexpected(std::move(row.error()));
  if (!*row) co_return std::nullopt;
  auto card = store::card_from_row(**row);
  if (!card) co_return std::unexpected(std::move(card.error()));
  co_return std::move(*card);
}

}  // namespace

Task<Result<Card>> Store::lookup(Fingerprint fingerprint, CallOptions options) {
  auto core = core_;
  const auto call = store::begin_read(*core, options);
  auto card = co_await get_card(core, fingerprint.text(), call);
  if (!card) co_return std::unexpected(std::move(card.error()));
  if (!*card) co_return no_such_card();
  co_return std::move(**card);
}

Task<Result<Card>> Store::link(Fingerprint fingerprint, UserId user, std::string last4,
                               IfLinkedElsewhere elsewhere, CallOptions options) {
  auto core = core_;
  if (auto ok = check_last4(last4); !ok) co_return std::unexpected(std::move(ok.error()));
  const auto write = store::begin_write(*core, options);
  if (!write) co_return std::unexpected(write.error());
  Seen seen;
  for (int attempt = 0; attempt < store::kMaxAttempts; ++attempt) {
    if (auto waited = co_await store::pause_before_retry(attempt, write->call.deadline); !waited) {
      co_return std::unexpected(std::move(waited.error()));
    }
    const bool mine = seen.linked && seen.linked->user_pubkey == user.text();
    Card next{fingerprint.text(), user.text(), last4, mine ? seen.linked->linked_at : write->call.now};
    auto operations = link_operations(next, seen);
    auto outcome = co_await core->table->transact(std::move(operations), store::new_token(), write->call);
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    if (outcome->applied) co_return std::move(next);

    const auto& refusals = outcome->refusals;
    if (refusals.at(kErasedAt).refused) co_return store::erased(user.text());
    seen.looked = true;
    if (!refusals.at(kCardAt).refused) continue;
    auto linked = card_in(refusals[kCardAt]);
    if (!linked) co_return std::unexpected(std::move(linked.error()));
    seen.linked = std::move(*linked);
    if (!seen.linked) continue;
    if (seen.linked->user_pubkey != user.text()) {
      if (elsewhere == IfLinkedElsewhere::Refuse) co_return linked_elsewhere();
    } else if (seen.linked->card_last4 == last4 && user_card_stands(refusals[kUserCardAt], *seen.linked)) {
      co_return std::move(*seen.linked);
    }
  }
  co_return kept_changing();
}

Task<Result<Card>> Store::unlink(Fingerprint fingerprint, std::optional<UserId> user, CallOptions options) {
  auto core = core_;
  const auto write = store::begin_write(*core, options);
  if (!write) co_return std::unexpected(write.error());
  Card card{fingerprint.text(), user ? user->text() : "", "", 0};
  if (!user) {
    auto found = co_await get_card(core, fingerprint.text(), write->call);
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (!*found) co_return no_such_card();
    card = std::move(**found);
  }
  for (int attempt = 0; attempt < store::kMaxAttempts; ++attempt) {
    if (auto waited = co_await store::pause_before_retry(attempt, write->call.deadline); !waited) {
      co_return std::unexpected(std::move(waited.error()));
    }
    auto operations = unlink_operations(card.fingerprint, card.user_pubkey);
    auto outcome = co_await core->table->transact(std::move(operations), store::new_token(), write->call);
    if (!outcome) co_return std::unexpected(std::move(outcome.error()));
    if (outcome->applied) co_return std::move(card);

    auto linked = card_in(outcome->refusals.at(kCardAt));
    if (!linked) co_return std::unexpected(std::move(linked.error()));
    if (!*linked) co_return no_such_card();
    if (user) co_return linked_elsewhere();
    card = std::move(**linked);
  }
  co_return kept_changing();
}

Task<Result<std::vector<Card>>> Store::cards_of(UserId user, CallOptions options) {
  auto core = core_;
  const auto call = store::begin_read(*core, options);
  std::vector<Card> cards;
  table::Query query;
  query.pk = store::user_partition(user.text());
  query.range.prefix = std::string(store::kCardPrefix);
  for (;;) {
    auto asked = query;
    auto page = co_await core->table->query(std::move(asked), call);
    if (!page) co_return std::unexpected(std::move(page.error()));
    for (const auto& row : page->items) {
      auto card = store::card_from_user_row(row);
      if (!card) co_return std::unexpected(std::move(card.error()));
      cards.push_back(std::move(*card));
    }
    if (!page->next) co_return std::move(cards);
    query.cursor = std::move(page->next);
  }
}

}  // namespace loopstate
