#include "agent/pepper.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "webhook/pepper_check.hpp"

namespace loopstate::agent {
namespace {

/// As often as another process may come first.
constexpr int kTries = 4;

std::unexpected<Error> not_this_stores(std::string_view why) {
  return fail(ErrorCode::InvalidArgument, std::string(why));
}

Result<PepperVerdict> first_use(const PepperChecks& checks, std::string_view salt, Timestamp now) {
  PepperVerdict verdict;
  verdict.next = PepperRecord{std::string(salt), checks.current, checks.previous, now};
  verdict.said =
      checks.previous.empty()
          ? "this store has no check value of a pepper yet; it gets that of LOOPSTATE_PEPPER"
          : "this store has no check value of a pepper yet; it gets that of LOOPSTATE_PEPPER, with "
            "LOOPSTATE_PREVIOUS_PEPPER as the one before";
  return verdict;
}

Result<PepperVerdict> known(const PepperRecord& row, const PepperChecks& checks) {
  PepperVerdict verdict;
  if (row.previous.empty()) {
    verdict.said = "LOOPSTATE_PEPPER is the one under which this store's cards are linked";
    verdict.warns = !checks.previous.empty();
    if (verdict.warns) verdict.said += "; none needs LOOPSTATE_PREVIOUS_PEPPER any more: unset it";
    return verdict;
  }
  if (checks.previous.empty()) {
    verdict.warns = true;
    verdict.said =
        "LOOPSTATE_PREVIOUS_PEPPER is not set, and the move from it is not finished: cards that are still "
        "linked "
        "under it are unknown. Set it again, or run 'loopstate pepper finish'";
    return verdict;
  }
  if (checks.previous != row.previous) {
    return not_this_stores(
        "LOOPSTATE_PREVIOUS_PEPPER is not the one from which this store's cards are being moved: set that "
        "one");
  }
  verdict.said =
      "cards are being moved from LOOPSTATE_PREVIOUS_PEPPER to LOOPSTATE_PEPPER; 'loopstate pepper status' "
      "says how many "
      "still need the previous one";
  return verdict;
}

/// The pepper is not the row's.
Result<PepperVerdict> succession(const PepperRecord& row, const PepperChecks& checks, Timestamp now) {
  if (checks.previous.empty()) {
    return not_this_stores(
        checks.current == row.previous
            ? "LOOPSTATE_PEPPER is the one that this store had before: its cards are being moved "
              "to another, which "
              "must be LOOPSTATE_PEPPER, with this one as LOOPSTATE_PREVIOUS_PEPPER"
            : "LOOPSTATE_PEPPER is not the one under which this store's cards are linked, so none "
              "of them would be "
              "recognised: set that one. To replace it, set it as LOOPSTATE_PREVIOUS_PEPPER "
              "beside the new one");
  }
  if (checks.previous != row.current) {
    return not_this_stores(
        "neither LOOPSTATE_PEPPER nor LOOPSTATE_PREVIOUS_PEPPER is the one under which this store's cards "
        "are "
        "linked: to replace that, set it as LOOPSTATE_PREVIOUS_PEPPER");
  }
  if (!row.previous.empty() && row.previous != checks.current) {
    return not_this_stores(
        "this store's cards are still being moved to LOOPSTATE_PREVIOUS_PEPPER from the one before it: "
        "finish that "
        "first, with 'loopstate pepper finish'");
  }
  PepperVerdict verdict;
  verdict.next = PepperRecord{row.salt, checks.current, row.current, now};
  verdict.said =
      "LOOPSTATE_PEPPER is new: cards are moved to it from LOOPSTATE_PREVIOUS_PEPPER, each with its next "
      "purchase";
  return verdict;
}

}  // namespace

bool same_pepper(const PepperRecord& a, const PepperRecord& b) {
  return a.salt == b.salt && a.current == b.current && a.previous == b.previous && a.since == b.since;
}

Result<PepperVerdict> judge_pepper(const std::optional<PepperRecord>& row, const PepperChecks& checks,
                                   std::string_view salt, Timestamp now) {
  auto verdict = !row                             ? first_use(checks, salt, now)
                 : checks.current == row->current ? known(*row, checks)
                                                  : succession(*row, checks, now);
  if (verdict) verdict->stands = verdict->next ? *verdict->next : *row;
  return verdict;
}

Task<Result<PepperVerdict>> settle_pepper(Store store, SettingsPtr settings, PepperMode mode, Timestamp now,
                                          CallOptions options) {
  const auto& webhooks = settings->webhooks;
  std::string salt;
  PepperChecks checks;
  for (int tries = 0; tries < kTries; ++tries) {
    CO_TRY(auto row, co_await read_pepper(store, options));
    if (auto wanted = row ? row->salt : webhook::new_pepper_salt(); salt.empty() || (row && salt != wanted)) {
      salt = std::move(wanted);
      checks.current = webhook::pepper_check(webhooks.pepper, salt);
      if (!webhooks.previous_pepper.empty()) {
        checks.previous = webhook::pepper_check(webhooks.previous_pepper, salt);
      }
    }
    CO_TRY(auto verdict, judge_pepper(row, checks, salt, now));
    if (!verdict.next || mode == PepperMode::Look) co_return verdict;
    auto next = *verdict.next;
    CO_TRY(const auto written, co_await write_pepper(store, std::move(row), std::move(next), options));
    if (written) co_return verdict;
  }
  co_return fail(ErrorCode::Unavailable,
                 "other processes kept changing the store's check value of its pepper", true);
}

}  // namespace loopstate::agent
