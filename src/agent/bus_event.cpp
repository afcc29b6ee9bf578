#include "agent/bus_event.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "json/fields.hpp"
#include "loopstate/json_text.hpp"
#include "webhook/time.hpp"

namespace loopstate::agent {
namespace {

constexpr std::string_view kFingerprintPrefix = "loop_fp_";
constexpr std::size_t kPositionsMax = 1'000;
constexpr std::size_t kProofTypeBytesMax = 200;
constexpr std::size_t kPositionIdBytesMax = 200;

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_last4(std::string_view text) {
  return text.size() == 4 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

using json::Fields;
using What = decltype(BusEvent::what);

/// Not before 1970 and not after the year 9999.
Timestamp read_moment(const Fields& fields, std::string_view name) {
  constexpr std::uint64_t kLatest = 253'402'300'799;
  return from_unix_seconds(static_cast<std::int64_t>(fields.unsigned_integer(name, kLatest)));
}

What read_transaction(const Fields& fields) {
  const auto processor = lower(fields.text("processor"));
  const auto known = {"square", "stripe", "clover", "fidel"};
  if (std::ranges::find(known, processor) == known.end()) {
    fields.wrong("processor", "is not Square, Stripe, Clover or Fidel");
  }
  const auto id = fmt::format("{}:{}{}", processor, fields.text("processor_txn_id"),
                              processor == "fidel" ? ":clearing" : "");
  auto transaction = fields.parsed<TransactionId>("processor_txn_id", id);
  auto fingerprint = fields.parsed<Fingerprint>("card_fingerprint");
  if (!fingerprint.text().starts_with(kFingerprintPrefix)) {
    fields.wrong("card_fingerprint", "does not begin with loop_fp_");
  }
  auto merchant = fields.parsed<MerchantId>("merchant_id");
  const auto amount = fields.unsigned_integer("amount_cents");
  auto last4 = fields.optional_text("card_last4").value_or("");
  const auto occurred_at = read_moment(fields, "occurred_at");
  if (!is_last4(last4)) last4.clear();
  return TransactionDetected{std::move(transaction),
                             std::move(fingerprint),
                             std::move(merchant),
                             amount,
                             std::move(last4),
                             processor,
                             occurred_at};
}

What read_location(const Fields& fields) {
  auto user = fields.parsed<UserId>("user_pubkey");
  auto merchant = fields.parsed<MerchantId>("merchant_id");
  const auto type = lower(fields.text("event_type"));
  const bool inside = type == "enter" || type == "dwell";
  if (!inside && type != "exit") fields.wrong("event_type", "is not Enter, Exit or Dwell");
  const auto timestamp = read_moment(fields, "timestamp");
  return LocationHit{std::move(user), std::move(merchant), inside, timestamp};
}

What read_proof(const Fields& fields) {
  auto user = fields.parsed<UserId>("user_pubkey");
  auto type = fields.text("proof_type");
  if (type.size() > kProofTypeBytesMax) fields.wrong("proof_type", "is longer than 200 bytes");
  auto data = fields.text("proof_data");
  const auto amount = fields.unsigned_integer("claimed_amount_cents");
  std::optional<MerchantId> merchant;
  if (fields.has("claimed_merchant")) merchant = fields.parsed<MerchantId>("claimed_merchant");
  const auto submitted_at = read_moment(fields, "submitted_at");
  return ProofSubmitted{std::move(user), std::move(type),     std::move(data),
                        amount,          std::move(merchant), submitted_at};
}

What read_unlocking(const Fields& fields) {
  auto user = fields.parsed<UserId>("user_pubkey");
  auto position = fields.text("position_id");
  if (position.empty() || position.size() > kPositionIdBytesMax) {
    fields.wrong("position_id", "is not 1 to 200 bytes long");
  }
  const auto unlock_time = read_moment(fields, "unlock_time");
  const auto amount = fields.unsigned_integer("amount");
  const auto accrued = fields.unsigned_integer("accrued_yield");
  const auto hours = fields.unsigned_integer("hours_until_unlock", UINT16_MAX);
  return PositionUnlocking{
      std::move(user), std::move(position), unlock_time, amount, accrued, static_cast<std::uint16_t>(hours)};
}

What read_yield(const Fields& fields) {
  auto user = fields.parsed<UserId>("user_pubkey");
  const auto total = fields.unsigned_integer("total_pending_yield");
  const auto threshold = fields.unsigned_integer("threshold_reached");
  auto positions = fields.texts("positions", kPositionsMax);
  return YieldThreshold{std::move(user), total, threshold, std::move(positions)};
}

What read_scheduled(const Fields& fields) {
  ScheduledCheck check;
  const auto type = fields.text("check_type");
  const auto known = {ScheduledCheck::Type::DailyOptimization, ScheduledCheck::Type::WeeklyHealth,
                      ScheduledCheck::Type::PendingCaptures};
  const auto found = std::ranges::find_if(known, [&](auto each) { return to_string(each) == type; });
  if (found != known.end()) {
    check.type = *found;
  } else {
    fields.wrong("check_type", "is not DailyOptimization, WeeklyHealth or PendingCaptures");
  }
  check.batch_id = fields.text("batch_id");
  for (const auto& text : fields.texts("user_pubkeys", kScheduledUsersMax)) {
    check.users.push_back(fields.parsed<UserId>("user_pubkeys", text));
  }
  return check;
}

What read_detail(const BusEvent& event, const Fields& detail) {
  const auto is = [&](std::string_view source, std::string_view type) {
    return event.source == source && event.detail_type == type;
  };
  if (is("loop.pos", "TransactionDetected")) return read_transaction(detail);
  if (is("loop.mobile", "LocationHit")) return read_location(detail);
  if (is("loop.capture", "ProofSubmitted")) return read_proof(detail);
  if (is("loop.staking", "PositionUnlocking")) return read_unlocking(detail);
  if (is("loop.staking", "YieldThreshold")) return read_yield(detail);
  if (is("aws.scheduler", "Scheduled Event")) return read_scheduled(detail);
  return OtherEvent{};
}

/// The fields themselves, without the wrapper that the Rust crate's own encoding puts around them.
json::View unwrap(json::View detail) {
  const auto type = detail.find("type");
  const auto payload = detail.find("payload");
  if (type && payload && payload->kind() == json::Kind::Object) return *payload;
  return detail;
}

/// Ends a reading; `what` was read.
Result<void> check(std::string_view what, const Fields& fields) {
  if (fields.ok()) return {};
  return fail(ErrorCode::InvalidArgument, fmt::format("{}: {}", what, fields.problem().message()));
}

}  // namespace

std::string_view to_string(ScheduledCheck::Type type) noexcept {
  switch (type) {
    case ScheduledCheck::Type::DailyOptimization:
      return "DailyOptimization";
    case ScheduledCheck::Type::WeeklyHealth:
      return "WeeklyHealth";
    case ScheduledCheck::Type::PendingCaptures:
      return "PendingCaptures";
  }
  return "DailyOptimization";
}

Result<BusEvent> read_bus_event(std::string_view json) {
  TRY(const auto text, JsonText::parse(json));
  const Fields root{json::View(text)};
  BusEvent event{{}, {}, {}, {}, OtherEvent{}};
  event.id = root.optional_text("id").value_or("");
  event.source = root.text("source");
  event.detail_type = root.text("detail-type");
  if (const auto time = root.optional_text("time")) {
    const auto told_at = webhook::parse_rfc3339(*time);
    if (!told_at) root.wrong("time", "is not a time with a zone (RFC 3339)");
    event.told_at = told_at.value_or(Timestamp{});
  }
  root.object("detail");
  TRY_OK(check("event", root));
  const Fields detail(unwrap(*root.find("detail")));
  event.what = read_detail(event, detail);
  TRY_OK(check(event.detail_type, detail));
  return event;
}

}  // namespace loopstate::agent
