#include "store/spine/user_view.hpp"
#include "store/spine/attempts.hpp"

#include <algorithm>
#include <boost/asio/awaitable.hpp>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/ring.hpp"
#include "store/spine/held.hpp"

namespace loopstate::store {
namespace {

std::optional<table::Item> context_among(const std::vector<table::Item>& rows) {
  const auto found = std::ranges::find(rows, kContextSort, [](const table::Item& row) { return row.key.sk; });
  if (found == rows.end()) return std::nullopt;
  return *found;
}

// From the context to the last pending capture; the location is in between.
table::SortRange context_and_pending() {
  table::SortRange range;
  range.first = std::string(kContextSort);
  range.last = std::string(kPendingPrefix) + "\x7f";
  return range;
}

UserView whole_view(std::optional<Context> context, std::vector<Capture> captures, Timestamp now) {
  UserView view;
  std::erase_if(captures, [now](const Capture& capture) { return is_over(capture, now); });
  const auto ring = context ? row_of(*context).ring : std::nullopt;
  auto ordered = in_ring_order(ring, std::move(captures));
  view.ring = ids_of(ordered);
  for (auto& capture : ordered) view.rows.emplace(capture.id, std::move(capture));
  view.context = std::move(context);
  view.whole = true;
  return view;
}

}  // namespace

Task<Result<std::vector<table::Item>>> query_all(CorePtr core, std::string user, table::SortRange range,
                                                 table::Call call) {
  std::vector<table::Item> rows;
  table::Query query;
  query.pk = user_partition(user);
  query.range = std::move(range);
  for (;;) {
    auto asked = query;
    CO_TRY(auto page, co_await core->table->query(std::move(asked), call));
    std::ranges::move(page.items, std::back_inserter(rows));
    if (!page.next) co_return std::move(rows);
    query.cursor = std::move(page.next);
  }
}

Result<std::vector<Capture>> captures_among(const std::vector<table::Item>& rows) {
  std::vector<Capture> captures;
  for (const auto& row : rows) {
    if (!row.key.sk.starts_with(kPendingPrefix)) continue;
    TRY(auto capture, capture_from_row(row));
    captures.push_back(std::move(capture));
  }
  return captures;
}

Task<Result<UserView>> load_view(CorePtr core, std::string user, table::Call call) {
  LastRead last;
  for (int read = 0;; ++read) {
    CO_TRY(auto rows, co_await query_all(core, user, context_and_pending(), call));
    CO_TRY(auto place, read_context_place(context_among(rows)));
    if (place.tombstone) co_return erased(user);
    CO_TRY(auto captures, captures_among(rows));
    const auto ring = place.context ? row_of(*place.context).ring : std::nullopt;
    const auto ring_read_at = place.context ? row_of(*place.context).ring_read_at : Timestamp{};
    if (ring_agrees(ring, captures, call.now, core->settings.pending_lifetime, ring_read_at) ||
        last.was(place.context, captures) || read + 1 >= kMaxRereads) {
      co_return whole_view(std::move(place.context), std::move(captures), call.now);
    }
    if (call.consistency == table::Consistency::MayBeStale) {
      // Each item may be from a different moment: only a strong read shows whether they really disagree.
      call.consistency = table::Consistency::Strong;
      last = LastRead();
      continue;
    }
    CO_TRY_OK(co_await pause_before_retry(read, call.deadline));
  }
}

std::optional<UserView> view_of(std::string_view user, const std::optional<Context>& context,
                                const std::optional<std::vector<Capture>>& captures, Timestamp now) {
  if (!context || !row_of(*context).stored || !is_context_of(user, *context)) return std::nullopt;
  UserView view;
  view.context = context;
  view.ring = row_of(*context).ring;
  if (!captures) return view;
  for (const auto& capture : *captures) {
    const bool in_ring = view.ring && std::ranges::find(*view.ring, capture.id) != view.ring->end();
    if (!in_ring) return std::nullopt;
    if (is_over(capture, now)) {
      std::erase(*view.ring, capture.id);
    } else {
      view.rows.emplace(capture.id, capture);
    }
  }
  return view;
}

bool may_stand_on(const UserView& view, Timestamp now) {
  if (view.whole || !view.context || !view.ring) return true;
  const auto read_at = row_of(*view.context).ring_read_at;
  return read_at <= now && saturating_difference(now, read_at) < kRingTrustedFor && !has_foreign(*view.ring);
}

UserView with_context(UserView view, Context current) {
  view.ring = row_of(current).ring;
  view.context = std::move(current);
  view.whole = false;
  return view;
}

std::vector<Capture> newest_first(const std::vector<std::string>& ring,
                                  const std::map<std::string, Capture>& rows) {
  std::vector<Capture> captures;
  for (const auto& id : ring) {
    if (const auto row = rows.find(id); row != rows.end()) captures.push_back(row->second);
  }
  std::ranges::reverse(captures);
  return captures;
}

}  // namespace loopstate::store
