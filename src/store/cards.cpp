// Which user a card belongs to. The card's own item says whose it is; the user's own item makes a user's
// cards one query. Both change together.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <cctype>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/attributes.hpp"
#include "store/card_row.hpp"
#include "store/context_write.hpp"
#include "store/core.hpp"
#include "store/keys.hpp"
#include "store/request.hpp"
#include "store/write_id.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using store::WriteCall;
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

// What one call is to do.
struct LinkWork {
  std::string fingerprint;
  std::string user;
  std::string last4;
  bool transfers = false;
};

bool is_elsewhere(const LinkWork& work, const Seen& seen) {
  return seen.linked && seen.linked->user_pubkey != work.user;
}

Card next_card(const LinkWork& work, const Seen& seen, Timestamp now) {
  const bool mine = seen.linked && !is_elsewhere(work, seen);
  return {work.fingerprint, work.user, work.last4, mine ? seen.linked->linked_at : now};
}

std::vector<table::Operation> link_operations(const LinkWork& work, const Card& next, const Seen& seen) {
  std::vector<table::Operation> operations;
  operations.emplace_back(card_operation(next, seen.linked));
  // The first try refuses to overwrite the user's item, so that the refusal shows whether anything is to be
  // done.
  operations.emplace_back(table::Put{store::user_card_row(next),
                                     seen.looked ? table::Condition() : table::Condition::item_absent()});
  operations.emplace_back(store::user_not_erased(next.user_pubkey));
  if (!is_elsewhere(work, seen)) return operations;
  const auto& owner = seen.linked->user_pubkey;
  // The Rust crate's cards have no such item; erasing nothing does no harm.
  operations.emplace_back(table::Erase{store::user_card_key(owner, next.fingerprint), {}});
  if (!work.transfers) {
    operations.emplace_back(
        table::Check{store::context_key(owner), table::Condition::exists(store::attribute::kErasedAt)});
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
  TRY(auto card, store::card_from_row(*refusal.item));
  return card;
}

// What is known of the card to unlink: its row, where nobody was named; else only whose it has to be.
struct UnlinkWork {
  std::string fingerprint;
  std::optional<std::string> user;
  std::optional<table::Item> row;
};

// The card that is answered is the very one that goes.
std::vector<table::Operation> unlink_operations(const UnlinkWork& work, const Card& card) {
  auto same = work.row ? store::card_unchanged(*work.row) : store::belongs_to(card.user_pubkey);
  std::vector<table::Operation> operations;
  operations.emplace_back(table::Erase{store::card_key(card.fingerprint), std::move(same)});
  operations.emplace_back(table::Erase{store::user_card_key(card.user_pubkey, card.fingerprint), {}});
  return operations;
}

// A user's item of a card that is nobody's or somebody else's: the Rust crate takes cards over and away
// without it.
Task<void> drop_stale_item(CorePtr core, std::string fingerprint, std::string user, table::Call call) {
  std::vector<table::Operation> operations;
  operations.emplace_back(
      table::Check{store::card_key(fingerprint), table::Condition::negate(store::belongs_to(user))});
  operations.emplace_back(table::Erase{store::user_card_key(user, fingerprint), {}});
  // Best effort: the answer does not depend on it.
  (void)co_await core->table->transact(std::move(operations), store::new_token(), call);
}

Task<Result<std::optional<table::Item>>> get_row(CorePtr core, std::string fingerprint, table::Call call) {
  auto key = store::card_key(fingerprint);
  co_return co_await core->table->get(std::move(key), call);
}

Task<Result<bool>> was_erased(CorePtr core, std::string user, table::Call call) {
  CO_TRY(auto place, co_await store::get_context_place(core, std::move(user), call));
  co_return place.tombstone.has_value();
}

Task<Result<Card>> link_card(CorePtr core, LinkWork work, WriteCall write) {
  Seen seen;
  for (int attempt = 0; attempt < store::kMaxAttempts; ++attempt) {
    CO_TRY_OK(co_await store::pause_before_retry(attempt, write.call.deadline));
    if (is_elsewhere(work, seen) && !work.transfers) {
      // A card that an erasure did not find, as the Rust crate links them, is nobody's.
      CO_TRY(auto free, co_await was_erased(core, seen.linked->user_pubkey, write.call));
      if (!free) co_return linked_elsewhere();
    }
    auto next = next_card(work, seen, write.call.now);
    auto operations = link_operations(work, next, seen);
    CO_TRY(auto outcome, co_await store::transact_once(core, std::move(operations), write, work.user,
                                                       store::answer_for(write, next)));
    if (outcome.applied) co_return std::move(next);

    const auto& refusals = outcome.refusals;
    if (refusals.at(kErasedAt).refused) co_return store::erased(work.user);
    seen.looked = true;
    if (!refusals.at(kCardAt).refused) continue;
    CO_TRY(auto linked, card_in(refusals[kCardAt]));
    seen.linked = std::move(linked);
    // What stands already is written once more where the caller named the write: a repetition has to find
    // that it was done.
    if (seen.linked && !write.request && !is_elsewhere(work, seen) && seen.linked->card_last4 == work.last4 &&
        user_card_stands(refusals[kUserCardAt], *seen.linked)) {
      co_return std::move(*seen.linked);
    }
  }
  co_return kept_changing();
}

Task<Result<Card>> unlink_card(CorePtr core, UnlinkWork work, WriteCall write) {
  if (!work.user) {
    CO_TRY(auto found, co_await get_row(core, work.fingerprint, write.call));
    work.row = std::move(found);
    if (!work.row) co_return no_such_card();
  }
  for (int attempt = 0; attempt < store::kMaxAttempts; ++attempt) {
    CO_TRY_OK(co_await store::pause_before_retry(attempt, write.call.deadline));
    Card card{work.fingerprint, work.user.value_or(""), "", {}};
    if (work.row) {
      CO_TRY(auto read, store::card_from_row(*work.row));
      card = std::move(read);
    }
    auto operations = unlink_operations(work, card);
    CO_TRY(auto outcome, co_await store::transact_once(core, std::move(operations), write, card.user_pubkey,
                                                       store::answer_for(write, card)));
    if (outcome.applied) co_return std::move(card);

    CO_TRY(auto linked, card_in(outcome.refusals.at(kCardAt)));
    if (work.user) {
      co_await drop_stale_item(core, work.fingerprint, *work.user, write.call);
      if (linked) co_return linked_elsewhere();
    }
    if (!linked) co_return no_such_card();
    work.row = std::move(outcome.refusals[kCardAt].item);
  }
  co_return kept_changing();
}

}  // namespace

Task<Result<Card>> Store::lookup(Fingerprint fingerprint, CallOptions options) {
  auto core = core_;
  CO_TRY(const auto call, store::begin_read(*core, options, fingerprint));
  CO_TRY(auto row, co_await get_row(core, fingerprint.text(), call));
  if (!row) co_return no_such_card();
  co_return store::card_from_row(*row);
}

Task<Result<Card>> Store::link(Fingerprint fingerprint, UserId user, std::string last4, LinkOptions options) {
  auto core = core_;
  CO_TRY_OK(check_last4(last4));
  CO_TRY(const auto write,
         store::begin_write(*core, options, "link", fingerprint, user, last4, options.transfers()));
  LinkWork work{fingerprint.text(), user.text(), std::move(last4), options.transfers()};
  auto linking = link_card(core, std::move(work), write);
  co_return co_await store::once_if_named(core, write, std::move(linking));
}

Task<Result<Card>> Store::unlink(Fingerprint fingerprint, UnlinkOptions options) {
  auto core = core_;
  const auto& user = options.owner();
  CO_TRY(const auto write, store::begin_write(*core, options, "unlink", fingerprint, user));
  UnlinkWork work;
  work.fingerprint = fingerprint.text();
  if (user) work.user = user->text();
  auto unlinking = unlink_card(core, std::move(work), write);
  co_return co_await store::once_if_named(core, write, std::move(unlinking));
}

Task<Result<std::vector<Card>>> Store::cards_of(UserId user, CallOptions options) {
  auto core = core_;
  CO_TRY(const auto call, store::begin_read(*core, options, user));
  std::vector<Card> cards;
  table::Query query;
  query.pk = store::user_partition(user.text());
  query.range.prefix = std::string(store::kCardPrefix);
  for (;;) {
    auto asked = query;
    CO_TRY(auto page, co_await core->table->query(std::move(asked), call));
    for (const auto& row : page.items) {
      CO_TRY(auto card, store::card_from_user_row(row));
      cards.push_back(std::move(card));
    }
    if (!page.next) co_return std::move(cards);
    query.cursor = std::move(page.next);
  }
}

}  // namespace loopstate
