// Everything about one payment in one place: its mark, its claim, its ledger of refunds, and through the mark
// its capture and its user's events.
//
// Requests: one for the rows under the names, one for what the marks refer to; one more for a mark that names
// no capture, and where a capture left between two reads.

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <map>
#include <utility>

#include "base/name_access.hpp"
#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "loopstate/questions.hpp"
#include "store/rows/capture_row.hpp"
#include "store/rows/claim_row.hpp"
#include "store/rows/context_row.hpp"
#include "store/rows/ended_row.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/processed_row.hpp"
#include "store/rows/refund_ledger_row.hpp"
#include "store/rows/ring.hpp"
#include "store/rows/waited_row.hpp"
#include "store/rules/seen_payment.hpp"
#include "store/spine/store_access.hpp"
#include "store/spine/user_view.hpp"

namespace loopstate {
namespace {

using store::CorePtr;
using Row = std::optional<table::Item>;
using Rows = std::map<table::Key, Row>;
using State = CaptureFate::State;

constexpr std::size_t kNamesMax = 16;
constexpr std::size_t kTimeDigits = 20;  // a capture's id begins with the time when it was stored
constexpr std::size_t kCaptureIdBytesMax = 200;

Task<Result<Rows>> read_keys(CorePtr core, std::vector<table::Key> keys, table::Call call) {
  std::ranges::sort(keys);
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  Rows rows;
  if (keys.empty()) co_return rows;
  auto asked = keys;
  CO_TRY(auto found, co_await store::read_rows(core, std::move(asked), call));
  for (std::size_t i = 0; i < keys.size(); ++i) rows.emplace(keys[i], std::move(found[i]));
  co_return rows;
}

const Row& row_at(const Rows& rows, const table::Key& key) {
  static const Row none;
  const auto found = rows.find(key);
  return found == rows.end() ? none : found->second;
}

ClaimView view_of_claim(const store::ClaimRow& row, Timestamp now) {
  ClaimView claim{ClaimView::State::Held, row.fence, row.holder, row.lease_until, row.after_lapse};
  if (row.lease_until == Timestamp{}) {
    claim.state = ClaimView::State::Released;
  } else if (row.lease_until <= now) {
    claim.state = ClaimView::State::Lapsed;
  }
  return claim;
}

std::vector<RefundReport> reports_of(store::RefundLedger ledger) {
  std::ranges::sort(ledger.entries, {}, [](const auto& entry) { return std::pair(entry.arrival, entry.id); });
  std::vector<RefundReport> reports;
  for (auto& entry : ledger.entries) {
    reports.push_back({stored_name<TransactionId>(std::move(entry.id)), entry.kind, entry.state,
                       Money{entry.amount, entry.currency}, entry.begun_at, entry.reported_at});
  }
  return reports;
}

/// What stands under one name, without what the mark refers to. Nothing if that is nothing.
Result<std::optional<PaymentStory>> story_under(const TransactionId& name, const Rows& rows, Timestamp now) {
  const auto& mark = row_at(rows, store::processed_key(name.text()));
  const auto& claim = row_at(rows, store::claim_key(name.text()));
  const auto& ledger = row_at(rows, store::refund_ledger_key(name.text()));
  const auto& waited = row_at(rows, store::waited_key(name.text()));
  if (!mark && !claim && !ledger && !waited) return std::nullopt;
  PaymentStory story;
  story.transaction = name;
  // Without a mark nothing bounds what may be refunded.
  store::Paid paid{UINT64_MAX, {}};
  if (mark) {
    TRY(auto processed, store::processed_from_row(*mark));
    paid = processed.paid();
    story.seen = store::seen_payment(std::move(processed));
  }
  if (waited) {
    TRY(story.wait, store::waited_from_row(*waited, mark.has_value(), now));
  }
  if (claim) {
    TRY(const auto row, store::claim_from_row(*claim));
    story.claim = view_of_claim(row, now);
  }
  if (ledger) {
    TRY(auto reports, store::refund_ledger_from_row(*ledger));
    const auto balance = store::balance_of(reports, paid);
    story.reported_back = {balance.refunded, balance.currency};
    story.refunds = reports_of(std::move(reports));
  }
  return story;
}

/// The capture that a mark names; empty if it names none.
std::string named_capture(const SeenPayment& seen) {
  const auto& result = seen.record.result;
  if (!result || result->size() < kTimeDigits || result->size() > kCaptureIdBytesMax) return {};
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::all_of(result->begin(), result->begin() + kTimeDigits, is_digit) ? *result : std::string();
}

std::vector<table::Key> keys_of(const std::vector<TransactionId>& names) {
  std::vector<table::Key> keys;
  for (const auto& name : names) {
    keys.push_back(store::processed_key(name.text()));
    keys.push_back(store::claim_key(name.text()));
    keys.push_back(store::refund_ledger_key(name.text()));
    keys.push_back(store::waited_key(name.text()));
  }
  return keys;
}

/// The rows that the marks refer to.
std::vector<table::Key> keys_behind(const std::vector<PaymentStory>& stories) {
  std::vector<table::Key> keys;
  for (const auto& story : stories) {
    if (!story.seen) continue;
    const auto& user = story.seen->record.user.text();
    const auto capture = named_capture(*story.seen);
    keys.push_back(store::context_key(user));
    if (capture.empty()) continue;
    keys.push_back(store::pending_key(user, capture));
    keys.push_back(store::ended_key(user, capture));
  }
  return keys;
}

bool may_be_about(const ContextEvent& event, const PaymentStory& story) {
  if (event.amount && *event.amount == story.seen->paid.minor_units) return true;
  return std::ranges::any_of(story.refunds, [&](const RefundReport& report) {
    return event.timestamp == report.reported_at && report.reported_at != Timestamp{};
  });
}

Result<CaptureFate> fate_of(const PaymentStory& story, const Rows& rows, const store::ContextPlace& place,
                            const StoreSettings& settings, Timestamp now) {
  const auto& user = story.seen->record.user.text();
  CaptureFate fate;
  fate.id = named_capture(*story.seen);
  if (place.tombstone) {
    fate.state = State::Erased;
    fate.at = place.tombstone->erased_at;
    return fate;
  }
  if (fate.id.empty()) return fate;
  if (const auto& row = row_at(rows, store::pending_key(user, fate.id))) {
    TRY(auto capture, store::capture_from_row(*row));
    fate.at = capture.kept_until;
    fate.state = store::is_over(capture, now) ? State::Expired : State::Pending;
    if (fate.state == State::Pending) fate.capture = std::move(capture);
    return fate;
  }
  if (const auto& row = row_at(rows, store::ended_key(user, fate.id))) {
    TRY(const auto ended, store::ended_from_row(*row));
    fate.at = ended.ended_at;
    fate.state = ended.ending == Ending::Settled ? State::Settled : State::Dropped;
    return fate;
  }
  fate.at = store::expires_by(fate.id, settings.pending_lifetime);
  fate.state = fate.at <= now ? State::Expired : State::Gone;
  return fate;
}

Result<void> complete(PaymentStory& story, const Rows& rows, const StoreSettings& settings, Timestamp now) {
  if (!story.seen) return {};
  TRY(auto place,
      store::read_context_place(row_at(rows, store::context_key(story.seen->record.user.text()))));
  story.user_erased = place.tombstone.has_value();
  TRY(story.capture, fate_of(story, rows, place, settings, now));
  if (!place.context) return {};
  for (auto& event : place.context->recent_events) {
    if (may_be_about(event, story)) story.events.push_back(std::move(event));
  }
  return {};
}

bool any_gone(const std::vector<PaymentStory>& stories) {
  return std::ranges::any_of(
      stories, [](const auto& story) { return story.capture && story.capture->state == State::Gone; });
}

Task<Result<std::vector<Capture>>> captures_like(CorePtr core, SeenPayment seen, table::Call call) {
  table::SortRange pending;
  pending.prefix = std::string(store::kPendingPrefix);
  auto user = seen.record.user.text();
  CO_TRY(const auto rows, co_await store::query_all(core, std::move(user), std::move(pending), call));
  CO_TRY(auto captures, store::captures_among(rows));
  std::erase_if(captures, [&](const Capture& capture) {
    return store::is_over(capture, call.now) || capture.amount.minor_units != seen.paid.minor_units;
  });
  co_return captures;
}

Task<Result<std::vector<PaymentStory>>> payment_on(CorePtr core, std::vector<TransactionId> names,
                                                   CallOptions options) {
  if (names.empty() || names.size() > kNamesMax) {
    co_return fail(ErrorCode::InvalidArgument,
                   fmt::format("a payment is looked for under 1 to {} names", kNamesMax));
  }
  for (const auto& name : names) CO_TRY_OK(store::check_given(name));
  const auto call = store::begin_read(*core, options);
  CO_TRY(const auto rows, co_await read_keys(core, keys_of(names), call));
  std::vector<PaymentStory> stories;
  for (const auto& name : names) {
    CO_TRY(auto story, story_under(name, rows, call.now));
    if (story) stories.push_back(std::move(*story));
  }
  // A capture's row and what is left of it change together, but are not read together.
  for (int reading = 0; reading == 0 || (reading == 1 && any_gone(stories)); ++reading) {
    CO_TRY(const auto behind, co_await read_keys(core, keys_behind(stories), call));
    for (auto& story : stories) {
      story.events.clear();
      CO_TRY_OK(complete(story, behind, core->settings, call.now));
    }
  }
  for (auto& story : stories) {
    if (!story.capture || story.capture->state != State::NotNamed) continue;
    auto seen = *story.seen;
    CO_TRY(story.capture->alike, co_await captures_like(core, std::move(seen), call));
  }
  co_return stories;
}

}  // namespace

std::string_view to_string(ClaimView::State state) noexcept {
  switch (state) {
    case ClaimView::State::Held:
      return "held";
    case ClaimView::State::Lapsed:
      return "lapsed";
    case ClaimView::State::Released:
      break;
  }
  return "released";
}

std::string_view to_string(PaymentWait::State state) noexcept {
  switch (state) {
    case PaymentWait::State::Waiting:
      return "waiting";
    case PaymentWait::State::Recorded:
      return "recorded";
    case PaymentWait::State::Unlinked:
      break;
  }
  return "unlinked";
}

std::string_view to_string(CaptureFate::State state) noexcept {
  switch (state) {
    case State::NotNamed:
      return "not_named";
    case State::Pending:
      return "pending";
    case State::Settled:
      return "settled";
    case State::Dropped:
      return "dropped";
    case State::Expired:
      return "expired";
    case State::Gone:
      return "gone";
    case State::Erased:
      break;
  }
  return "erased";
}

Task<Result<std::vector<PaymentStory>>> Questions::payment(std::vector<TransactionId> names,
                                                           CallOptions options) {
  return payment_on(store::StoreAccess::core(store_), std::move(names), std::move(options));
}

}  // namespace loopstate
