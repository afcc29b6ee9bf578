// Linking a card to a user: the card's own item, which says whose it is, the user's own item for it, and the
// purchases that waited for the link, in one transaction.
//
// Requests: one if nothing waits. Three if something does, since the first refusal brings it: the refusal,
// the user's rows, the transaction.

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <cctype>
#include <utility>

#include "base/try.hpp"
#include "loopstate/pepper.hpp"
#include "loopstate/store.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rules/context_write.hpp"
#include "store/rules/waiting_plan.hpp"
#include "store/spine/core.hpp"
#include "store/spine/rule.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using store::Refusals;
using store::Role;
using store::WriteCall;

std::unexpected<Error> nothing_to_move() {
  return fail(ErrorCode::NotFound, "the card is not linked under the fingerprint that it had");
}

Result<void> check_last4(std::string_view last4) {
  const bool digits = std::ranges::all_of(last4, [](unsigned char c) { return std::isdigit(c) != 0; });
  if (last4.empty() || (last4.size() == 4 && digits)) return {};
  return fail(ErrorCode::InvalidArgument, "last4 must be four digits or empty");
}

// What is known about the card to be linked: nothing at first, then what a refusal showed.
struct KnownLink {
  std::optional<Card> linked;
  bool looked = false;
  bool stands = false;               // the user's own item agrees with `linked`
  std::optional<bool> owner_erased;  // for somebody else's card
  store::KnownWaiting waiting;
};

// What one call is to do.
struct LinkWork {
  Fingerprint fingerprint;
  UserId user;
  std::string last4;
  bool transfers = false;
  StoreSettings settings;
  WriteCall call;
  std::optional<table::Item> moved_from;  // the card's row under the fingerprint that it had

  Timestamp now() const { return call.call.now; }
};

table::Operation card_operation(const LinkWork& work, const Card& next, const std::optional<Card>& linked) {
  if (!linked) {
    auto row = store::card_row(next);
    if (work.moved_from) {
      row.attributes.set(std::string(store::attribute::kMovedAt), table::Value::time(work.now()));
    }
    return table::Put{std::move(row), table::Condition::item_absent()};
  }
  if (linked->user != next.user) {
    return table::Put{store::card_row(next), store::belongs_to(linked->user.text())};
  }
  table::Update last4;
  last4.push_back(table::Change::set(store::attribute::kCardLast4, next.last4));
  return table::UpdateItem{store::card_key(next.fingerprint.text()), std::move(last4),
                           store::belongs_to(next.user.text())};
}

bool is_elsewhere(const LinkWork& work, const KnownLink& known) {
  return known.linked && known.linked->user != work.user;
}

Card next_card(const LinkWork& work, const KnownLink& known) {
  auto linked_at = work.now();
  if (work.moved_from) linked_at = work.moved_from->time(store::attribute::kLinkedAt).value_or(Timestamp{});
  if (known.linked && !is_elsewhere(work, known)) linked_at = known.linked->linked_at;
  return {work.fingerprint, work.user, work.last4, linked_at};
}

// Ends the card under the fingerprint that it had, if it is still as it was read.
void add_moving(store::Steps& steps, const LinkWork& work) {
  const auto& row = *work.moved_from;
  steps.add(Role::FormerCard, table::Erase{row.key, store::card_unchanged(row)});
  const auto former = row.key.pk.substr(store::kCardPrefix.size());
  steps.add(Role::FormerOwner, table::Erase{store::user_card_key(work.user.text(), former), {}});
}

store::Write<LinkedCard> card_steps(const LinkWork& work, const KnownLink& known) {
  store::Write<LinkedCard> write;
  write.user = work.user.text();
  static_cast<Card&>(write.answer) = next_card(work, known);
  const Card& next = write.answer;
  auto& steps = write.steps;
  steps.add(Role::Card, card_operation(work, next, known.linked));
  // The first try refuses to overwrite the user's item, so that the refusal shows whether there is anything
  // to do.
  steps.add(Role::CardOfUser,
            table::Put{store::user_card_row(next),
                       known.looked ? table::Condition() : table::Condition::item_absent()});
  steps.add(Role::Waiting, store::take_waiting(next.fingerprint.text(), known.waiting.row));
  if (work.moved_from) add_moving(steps, work);
  if (!is_elsewhere(work, known)) return write;
  const auto& owner = known.linked->user.text();
  // The Rust crate's cards have no such item; erasing nothing does no harm.
  steps.add(Role::FormerOwner, table::Erase{store::user_card_key(owner, next.fingerprint.text()), {}});
  if (!work.transfers) {
    steps.add(Role::OwnerErased,
              table::Check{store::context_key(owner), table::Condition::exists(store::attribute::kErasedAt)});
  }
  return write;
}

Result<store::Plan<LinkedCard>> link_steps(const LinkWork& work, const KnownLink& known) {
  const auto purchases = store::to_record(known.waiting, work.now());
  if (purchases.empty()) {
    auto write = card_steps(work, known);
    write.steps.add(Role::NotErased, store::user_not_erased(work.user.text()));
    return write;
  }
  return store::plan_on(
      known.waiting.user, work.now(), [&](const store::UserView& view) -> Result<store::Plan<LinkedCard>> {
        auto write = card_steps(work, known);
        TRY(const auto complete, store::add_waiting(write.steps, write.answer, purchases, known.waiting, view,
                                                    work.settings, work.call));
        if (!complete) return store::Read{};
        return write;
      });
}

bool needs_owner(const LinkWork& work, const KnownLink& known) {
  return is_elsewhere(work, known) && !work.transfers && !known.owner_erased;
}

Result<store::Plan<LinkedCard>> plan_link(const LinkWork& work, const KnownLink& known) {
  if (is_elsewhere(work, known) && !work.transfers) {
    // A card that an erasure did not find, linked as the Rust crate does it, belongs to nobody.
    if (needs_owner(work, known)) return store::Read{};
    if (!*known.owner_erased) return store::linked_elsewhere();
  }
  // What is already in place is written once more if the caller named the write: a repetition must find that
  // it was done. And if the card is also linked under another fingerprint, which ends.
  const bool named = work.call.request != nullptr || work.moved_from;
  const bool in_place = known.stands && !is_elsewhere(work, known) && known.linked->last4 == work.last4;
  if (in_place && !named && !known.waiting.row) return store::Settled<LinkedCard>{LinkedCard{*known.linked}};
  return link_steps(work, known);
}

// Whether the user's item says what it should.
bool user_card_stands(const std::optional<table::Item>& row, const Card& card) {
  if (!row) return false;
  const auto there = store::card_from_user_row(*row);
  return there && *there == card;
}

Result<void> learn_link(const LinkWork& work, KnownLink& known, const Refusals& refusals) {
  if (refusals.refused(Role::NotErased)) return store::erased(work.user.text());
  // Somebody else has moved, unlinked or transferred it.
  if (refusals.refused(Role::FormerCard)) return nothing_to_move();
  known.looked = true;
  known.stands = false;
  known.owner_erased.reset();
  TRY_OK(store::learn_waiting(known.waiting, refusals, work.user.text()));
  if (!refusals.refused(Role::Card)) return {};
  known.linked.reset();
  if (const auto row = refusals.item(Role::Card)) {
    TRY(known.linked, store::card_from_row(*row));
  }
  known.stands = known.linked && user_card_stands(refusals.item(Role::CardOfUser), *known.linked);
  return {};
}

Task<Result<KnownLink>> read_for_link(CorePtr core, LinkWork work, KnownLink known, table::Call call) {
  if (needs_owner(work, known)) {
    auto owner = known.linked->user.text();
    CO_TRY(const auto place, co_await store::get_context_place(core, std::move(owner), call));
    known.owner_erased = place.tombstone.has_value();
    co_return known;
  }
  CO_TRY(known.waiting.user, co_await store::load_view(core, work.user.text(), call));
  co_return known;
}

Task<Result<LinkedCard>> link_card(CorePtr core, LinkWork work) {
  store::Rule<KnownLink, LinkedCard> rule;
  rule.subject = "the card's owner";
  rule.plan = [work](const KnownLink& known) { return plan_link(work, known); };
  rule.read = [core, work](KnownLink known, table::Call call) {
    return read_for_link(core, work, std::move(known), call);
  };
  rule.learn = [work](KnownLink& known, const Refusals& refusals) {
    return learn_link(work, known, refusals);
  };
  return store::run_rule(std::move(core), std::move(rule), KnownLink{}, work.call);
}

Task<Result<LinkedCard>> link_on(CorePtr core, Fingerprint fingerprint, UserId user, std::string last4,
                                 LinkOptions options) {
  CO_TRY_OK(check_last4(last4));
  CO_TRY(const auto write,
         store::begin_write(*core, options, "link", fingerprint, user, last4, options.transfers()));
  LinkWork work;
  work.fingerprint = std::move(fingerprint);
  work.user = std::move(user);
  work.last4 = std::move(last4);
  work.transfers = options.transfers();
  work.settings = core->settings;
  work.call = write;
  auto linking = link_card(core, std::move(work));
  co_return co_await store::once_if_named(core, write, std::move(linking));
}

}  // namespace

Task<Result<LinkedCard>> Store::link(Fingerprint fingerprint, UserId user, std::string last4,
                                     LinkOptions options) {
  return link_on(core_, std::move(fingerprint), std::move(user), std::move(last4), std::move(options));
}

Task<Result<LinkedCard>> move_card(Store store, Fingerprint from, Fingerprint to, CallOptions options) {
  const auto core = store::StoreAccess::core(store);
  CO_TRY(const auto write, store::begin_write(*core, options, "move_card", from, to));
  auto key = store::card_key(from.text());
  CO_TRY(auto row, co_await core->table->get(std::move(key), write.call));
  if (!row || from == to) co_return nothing_to_move();
  CO_TRY(auto card, store::card_from_row(*row));
  LinkWork work;
  work.fingerprint = std::move(to);
  work.user = std::move(card.user);
  work.last4 = std::move(card.last4);
  work.settings = core->settings;
  work.call = write;
  work.moved_from = std::move(row);
  auto moving = link_card(core, std::move(work));
  co_return co_await store::once_if_named(core, write, std::move(moving));
}

}  // namespace loopstate
