// Everything in a user's partition, as it was at one moment.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "loopstate/store.hpp"
#include "store/capture_row.hpp"
#include "store/card_row.hpp"
#include "store/context_write.hpp"
#include "store/keys.hpp"
#include "store/location_row.hpp"
#include "store/ring.hpp"
#include "store/session_row.hpp"
#include "store/user_view.hpp"

namespace loopstate {
namespace {

using store::CorePtr;

const table::Item* find_row(const std::vector<table::Item>& rows, std::string_view sort) {
  const auto found =
      std::ranges::find(rows, sort, [](const table::Item& row) -> std::string_view { return row.key.sk; });
  return found == rows.end() ? nullptr : &*found;
}

Result<void> read_cards(const std::vector<table::Item>& rows, Snapshot& snapshot) {
  for (const auto& row : rows) {
    if (!row.key.sk.starts_with(store::kCardPrefix)) continue;
    auto card = store::card_from_user_row(row);
    if (!card) return std::unexpected(std::move(card.error()));
    snapshot.cards.push_back(std::move(*card));
  }
  return {};
}

Result<void> read_session_and_location(const std::vector<table::Item>& rows, UnixSeconds now,
                                       Snapshot& snapshot) {
  if (const auto* row = find_row(rows, store::kSessionSort)) {
    auto session = store::session_from_row(*row);
    if (!session) return std::unexpected(std::move(session.error()));
    if (session->expires_at > now) snapshot.session = std::move(*session);
  }
  if (const auto* row = find_row(rows, store::kLocationSort)) {
    auto location = store::location_from_row(*row);
    if (!location) return std::unexpected(std::move(location.error()));
    snapshot.location = std::move(*location);
  }
  return {};
}

// A snapshot of these rows; nothing when ring and rows are of different moments and `believe_rows` is not
// set.
Result<std::optional<Snapshot>> build(const std::vector<table::Item>& rows, UnixSeconds now,
                                      const StoreSettings& settings, store::LastRead& last,
                                      bool believe_rows) {
  const auto* context_row = find_row(rows, store::kContextSort);
  auto place =
      store::read_context_place(context_row == nullptr ? std::optional<table::Item>() : *context_row);
  if (!place) return std::unexpected(std::move(place.error()));
  auto captures = store::captures_among(rows);
  if (!captures) return std::unexpected(std::move(captures.error()));
  const auto ring = place->context ? place->context->row.ring : std::nullopt;
  if (!store::ring_agrees(ring, *captures, now, settings.pending_lifetime) &&
      !last.was(place->context, *captures) && !believe_rows)
    return std::nullopt;
  std::erase_if(*captures, [now](const Capture& capture) { return store::is_over(capture, now); });

  Snapshot snapshot;
  snapshot.captures = store::in_ring_order(ring, std::move(*captures));
  std::ranges::reverse(snapshot.captures);
  snapshot.erased = place->tombstone.has_value();
  snapshot.context = std::move(place->context);
  if (auto ok = read_cards(rows, snapshot); !ok) return std::unexpected(std::move(ok.error()));
  if (auto ok = read_session_and_location(rows, now, snapshot); !ok)
    return std::unexpected(std::move(ok.error()));
  return snapshot;
}

}  // namespace

Task<Result<Snapshot>> Store::snapshot(UserId user, CallOptions options) {
  auto core = core_;
  const auto begun = store::begin_read(*core, options, user);
  if (!begun) co_return std::unexpected(begun.error());
  const auto& call = *begun;
  store::LastRead last;
  for (int read = 0;; ++read) {
    auto rows = co_await store::query_all(core, user.text(), table::SortRange{}, call);
    if (!rows) co_return std::unexpected(std::move(rows.error()));
    if (rows->empty())
      co_return fail(ErrorCode::NotFound, fmt::format("nothing is stored of user {}", user.text()));
    auto snapshot = build(*rows, call.now, core->settings, last, read + 1 >= store::kMaxRereads);
    if (!snapshot) co_return std::unexpected(std::move(snapshot.error()));
    if (*snapshot) co_return std::move(**snapshot);
    if (auto waited = co_await store::pause_before_retry(read, call.deadline); !waited) {
      co_return std::unexpected(std::move(waited.error()));
    }
  }
}

}  // namespace loopstate
