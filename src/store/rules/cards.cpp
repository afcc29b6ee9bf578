// Which user a card belongs to. The card's own item says whose it is; the user's own item makes a user's
// cards one query. Both change together.

#include <boost/asio/awaitable.hpp>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/write_id.hpp"
#include "store/rules/context_write.hpp"
#include "store/spine/core.hpp"
#include "store/spine/rule.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using store::Refusals;
using store::Role;
using store::WriteCall;

std::unexpected<Error> no_such_card() {
  return fail(ErrorCode::NotFound, "the card is not linked to anyone");
}

// What a refused transaction shows about the card.
Result<std::optional<Card>> card_in(const Refusals& refusals) {
  const auto row = refusals.item(Role::Card);
  if (!row) return std::nullopt;
  TRY(auto card, store::card_from_row(*row));
  return card;
}

struct UnlinkWork {
  Fingerprint fingerprint;
  std::optional<UserId> user;  // whose card it must be
};

// What is known about the card to unlink: its row, if nobody was named.
struct KnownUnlink {
  bool read = false;
  bool refused = false;  // the card is not the named user's
  std::optional<table::Item> row;
};

// The card in the answer is exactly the one that is removed.
Result<store::Plan<Card>> plan_unlink(const UnlinkWork& work, const KnownUnlink& known) {
  if (known.refused && work.user) {
    if (known.row) return store::linked_elsewhere();
    return no_such_card();
  }
  store::Write<Card> write;
  auto same = table::Condition();
  if (work.user) {
    write.answer.fingerprint = work.fingerprint;
    write.answer.user = *work.user;
    same = store::belongs_to(work.user->text());
  } else {
    if (!known.read) return store::Read{table::Consistency::MayBeStale};
    if (!known.row) return no_such_card();
    TRY(write.answer, store::card_from_row(*known.row));
    same = store::card_unchanged(*known.row);
  }
  const auto& card = write.answer;
  write.user = card.user.text();
  write.steps.add(Role::Card, table::Erase{store::card_key(card.fingerprint.text()), std::move(same)});
  write.steps.add(Role::CardOfUser,
                  table::Erase{store::user_card_key(card.user.text(), card.fingerprint.text()), {}});
  return write;
}

Result<void> learn_unlink(KnownUnlink& known, const Refusals& refusals) {
  TRY([[maybe_unused]] const auto card, card_in(refusals));
  known.row = refusals.item(Role::Card);
  known.refused = true;
  return {};
}

// A user's item for a card that is nobody's or somebody else's: the Rust crate links and unlinks cards
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

constexpr std::string_view kTheCard = "the card's owner";

Task<Result<KnownUnlink>> read_card_to_unlink(CorePtr core, std::string fingerprint, table::Call call) {
  KnownUnlink known;
  CO_TRY(known.row, co_await get_row(std::move(core), std::move(fingerprint), call));
  known.read = true;
  co_return known;
}

Task<Result<Card>> unlink_card(CorePtr core, UnlinkWork work, WriteCall write) {
  store::Rule<KnownUnlink, Card> rule;
  rule.subject = kTheCard;
  rule.plan = [work](const KnownUnlink& known) { return plan_unlink(work, known); };
  rule.read = [core, work](KnownUnlink /*nothing*/, table::Call call) {
    return read_card_to_unlink(core, work.fingerprint.text(), call);
  };
  rule.learn = learn_unlink;
  auto unlinking = store::run_rule(core, std::move(rule), KnownUnlink{}, write);
  auto unlinked = co_await std::move(unlinking);
  if (unlinked || !work.user) co_return unlinked;
  const auto code = unlinked.error().code;
  if (code == ErrorCode::NotFound || code == ErrorCode::CardLinkedElsewhere) {
    co_await drop_stale_item(core, work.fingerprint.text(), work.user->text(), write.call);
  }
  co_return unlinked;
}

Task<Result<Card>> lookup_on(CorePtr core, Fingerprint fingerprint, ReadOptions options) {
  CO_TRY(const auto call, store::begin_read(*core, options, fingerprint));
  CO_TRY(auto row, co_await get_row(core, fingerprint.text(), call));
  if (!row) co_return no_such_card();
  co_return store::card_from_row(*row);
}

Task<Result<Card>> unlink_on(CorePtr core, Fingerprint fingerprint, UnlinkOptions options) {
  const auto& user = options.owner();
  CO_TRY(const auto write, store::begin_write(*core, options, "unlink", fingerprint, user));
  UnlinkWork work;
  work.fingerprint = std::move(fingerprint);
  work.user = user;
  auto unlinking = unlink_card(core, std::move(work), write);
  co_return co_await store::once_if_named(core, write, std::move(unlinking));
}

Task<Result<std::vector<Card>>> cards_of_on(CorePtr core, UserId user, ReadOptions options) {
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

}  // namespace

Task<Result<Card>> Store::lookup(Fingerprint fingerprint, ReadOptions options) {
  return lookup_on(core_, std::move(fingerprint), std::move(options));
}

Task<Result<Card>> Store::unlink(Fingerprint fingerprint, UnlinkOptions options) {
  return unlink_on(core_, std::move(fingerprint), std::move(options));
}

Task<Result<std::vector<Card>>> Store::cards_of(UserId user, ReadOptions options) {
  return cards_of_on(core_, std::move(user), std::move(options));
}

}  // namespace loopstate
