// Everything in a user's partition, as at one moment.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "base/try.hpp"
#include "loopstate/store.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/collection_row.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/location_row.hpp"
#include "store/rows/ring.hpp"
#include "store/rows/session_row.hpp"
#include "store/rules/context_write.hpp"
#include "store/spine/attempts.hpp"
#include "store/spine/user_view.hpp"

namespace loopstate {
namespace {

using store::CorePtr;

const table::Item* find_row(const std::vector<table::Item>& rows, std::string_view sort) {
  const auto found =
      std::ranges::find(rows, sort, [](const table::Item& row) -> std::string_view { return row.key.sk; });
  return found == rows.end() ? nullptr : &*found;
}

// All but what is left of former captures, which comes last.
table::SortRange state_rows() {
  table::SortRange range;
  range.last = std::string(store::kSessionSort);
  return range;
}

Result<void> read_cards(const std::vector<table::Item>& rows, Snapshot& snapshot) {
  for (const auto& row : rows) {
    if (!row.key.sk.starts_with(store::kCardPrefix)) continue;
    TRY(auto card, store::card_from_user_row(row));
    snapshot.cards.push_back(std::move(card));
  }
  return {};
}

Result<void> read_session_and_location(const std::vector<table::Item>& rows, Timestamp now,
                                       Snapshot& snapshot) {
  if (const auto* row = find_row(rows, store::kSessionSort)) {
    TRY(auto session, store::session_from_row(*row));
    if (session.expires_at > now) snapshot.session = std::move(session);
  }
  if (const auto* row = find_row(rows, store::kLocationSort)) {
    TRY(auto location, store::location_from_row(*row));
    snapshot.location = std::move(location);
  }
  return {};
}

// A snapshot of these rows; nothing if ring and rows are from different moments and `believe_rows` is not
// set.
Result<std::optional<Snapshot>> build(const std::vector<table::Item>& rows, Timestamp now,
                                      const StoreSettings& settings, store::LastRead& last,
                                      bool believe_rows) {
  const auto* context_row = find_row(rows, store::kContextSort);
  TRY(auto place,
      store::read_context_place(context_row == nullptr ? std::optional<table::Item>() : *context_row));
  TRY(auto captures, store::captures_among(rows));
  const auto ring = place.context ? store::row_of(*place.context).ring : std::nullopt;
  const auto ring_read_at = place.context ? store::row_of(*place.context).ring_read_at : Timestamp{};
  if (!store::ring_agrees(ring, captures, now, settings.pending_lifetime, ring_read_at) &&
      !last.was(place.context, captures) && !believe_rows)
    return std::nullopt;
  std::erase_if(captures, [now](const Capture& capture) { return store::is_over(capture, now); });

  Snapshot snapshot;
  snapshot.captures = store::in_ring_order(ring, std::move(captures));
  std::ranges::reverse(snapshot.captures);
  snapshot.erased = place.tombstone.has_value();
  snapshot.context = std::move(place.context);
  TRY_OK(read_cards(rows, snapshot));
  // Those that an erasure has not reached yet are the user's no more.
  if (!snapshot.erased) {
    TRY(snapshot.collections, store::collections_among(rows));
  }
  TRY_OK(read_session_and_location(rows, now, snapshot));
  return snapshot;
}

Task<Result<Snapshot>> snapshot_on(CorePtr core, UserId user, ReadOptions options) {
  CO_TRY(auto call, store::begin_read(*core, options, user));
  store::LastRead last;
  for (int read = 0;; ++read) {
    CO_TRY(auto rows, co_await store::query_all(core, user.text(), state_rows(), call));
    if (rows.empty())
      co_return fail(ErrorCode::NotFound, fmt::format("nothing is stored about user {}", user.text()));
    CO_TRY(auto snapshot, build(rows, call.now, core->settings, last, read + 1 >= store::kMaxRereads));
    if (snapshot) co_return std::move(*snapshot);
    if (call.consistency == table::Consistency::MayBeStale) {
      // Each item may be from a different moment: only a strong read shows whether they really disagree.
      call.consistency = table::Consistency::Strong;
      last = store::LastRead();
      continue;
    }
    CO_TRY_OK(co_await store::pause_before_retry(read, call.deadline));
  }
}

}  // namespace

Task<Result<Snapshot>> Store::snapshot(UserId user, ReadOptions options) {
  return snapshot_on(core_, std::move(user), std::move(options));
}

}  // namespace loopstate
