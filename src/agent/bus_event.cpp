#include "agent/bus_event.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agent/field_reader.hpp"
#include "base/try.hpp"
#include "json/view.hpp"
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

using What = decltype(BusEvent::what);

Result<What> read_transaction(FieldReader fields) {
  const auto processor = lower(fields.text("processor"));
  const auto known = {"square", "stripe", "clover", "fidel"};
  if (!fields.failed() && std::ranges::find(known, processor) == known.end()) {
    fields.wrong("processor", "expected Square, Stripe, Clover or Fidel");
  }
  const auto id = fmt::format("{}:{}{}", processor, fields.text("processor_txn_id"),
                              processor == "fidel" ? ":clearing" : "");
  auto transaction = fields.checked<TransactionId>("processor_txn_id", id);
  auto fingerprint = fields.name<Fingerprint>("card_fingerprint");
  if (fingerprint && !fingerprint->text().starts_with(kFingerprintPrefix)) {
    fields.wrong("card_fingerprint", "expected a fingerprint that begins with loop_fp_");
  }
  auto merchant = fields.name<MerchantId>("merchant_id");
  const auto amount = fields.unsigned_integer("amount_cents");
  auto last4 = fields.optional_text("card_last4").value_or("");
  const auto occurred_at = fields.time("occurred_at");
  if (fields.failed()) return fields.error();
  if (!is_last4(last4)) last4.clear();
  return TransactionDetected{std::move(*transaction),
                             std::move(*fingerprint),
                             std::move(*merchant),
                             amount,
                             std::move(last4),
                             processor,
                             occurred_at};
}

Result<What> read_location(FieldReader fields) {
  auto user = fields.name<UserId>("user_pubkey");
  auto merchant = fields.name<MerchantId>("merchant_id");
  const auto type = lower(fields.text("event_type"));
  const bool inside = type == "enter" || type == "dwell";
  if (!fields.failed() && !inside && type != "exit") {
    fields.wrong("event_type", "expected Enter, Exit or Dwell");
  }
  const auto timestamp = fields.time("timestamp");
  if (fields.failed()) return fields.error();
  return LocationHit{std::move(*user), std::move(*merchant), inside, timestamp};
}

Result<What> read_proof(FieldReader fields) {
  auto user = fields.name<UserId>("user_pubkey");
  auto type = fields.text("proof_type");
  if (type.size() > kProofTypeBytesMax) fields.wrong("proof_type", "longer than 200 bytes");
  auto data = fields.text("proof_data");
  const auto amount = fields.unsigned_integer("claimed_amount_cents");
  auto merchant = fields.optional_name<MerchantId>("claimed_merchant");
  const auto submitted_at = fields.time("submitted_at");
  if (fields.failed()) return fields.error();
  return ProofSubmitted{std::move(*user), std::move(type),     std::move(data),
                        amount,           std::move(merchant), submitted_at};
}

Result<What> read_unlocking(FieldReader fields) {
  auto user = fields.name<UserId>("user_pubkey");
  auto position = fields.text("position_id");
  if (position.empty() || position.size() > kPositionIdBytesMax) {
    fields.wrong("position_id", "expected 1 to 200 bytes");
  }
  const auto unlock_time = fields.time("unlock_time");
  const auto amount = fields.unsigned_integer("amount");
  const auto accrued = fields.unsigned_integer("accrued_yield");
  const auto hours = fields.unsigned_integer("hours_until_unlock", UINT16_MAX);
  if (fields.failed()) return fields.error();
  return PositionUnlocking{
      std::move(*user), std::move(position), unlock_time, amount, accrued, static_cast<std::uint16_t>(hours)};
}

Result<What> read_yield(FieldReader fields) {
  auto user = fields.name<UserId>("user_pubkey");
  const auto total = fields.unsigned_integer("total_pending_yield");
  const auto threshold = fields.unsigned_integer("threshold_reached");
  auto positions = fields.texts("positions", kPositionsMax);
  if (fields.failed()) return fields.error();
  return YieldThreshold{std::move(*user), total, threshold, std::move(positions)};
}

Result<What> read_scheduled(FieldReader fields) {
  ScheduledCheck check;
  const auto type = fields.text("check_type");
  const auto known = {ScheduledCheck::Type::DailyOptimization, ScheduledCheck::Type::WeeklyHealth,
                      ScheduledCheck::Type::PendingCaptures};
  const auto found = std::ranges::find_if(known, [&](auto each) { return to_string(each) == type; });
  if (found != known.end()) {
    check.type = *found;
  } else {
    fields.wrong("check_type", "expected DailyOptimization, WeeklyHealth or PendingCaptures");
  }
  check.batch_id = fields.text("batch_id");
  for (const auto& text : fields.texts("user_pubkeys", kScheduledUsersMax)) {
    auto user = fields.checked<UserId>("user_pubkeys", text);
    if (!user) break;
    check.users.push_back(std::move(*user));
  }
  if (fields.failed()) return fields.error();
  return check;
}

Result<What> read_detail(const BusEvent& event, json::View detail) {
  const auto is = [&](std::string_view source, std::string_view type) {
    return event.source == source && event.detail_type == type;
  };
  FieldReader fields(event.detail_type, detail);
  if (is("loop.pos", "TransactionDetected")) return read_transaction(std::move(fields));
  if (is("loop.mobile", "LocationHit")) return read_location(std::move(fields));
  if (is("loop.capture", "ProofSubmitted")) return read_proof(std::move(fields));
  if (is("loop.staking", "PositionUnlocking")) return read_unlocking(std::move(fields));
  if (is("loop.staking", "YieldThreshold")) return read_yield(std::move(fields));
  if (is("aws.scheduler", "Scheduled Event")) return read_scheduled(std::move(fields));
  return OtherEvent{};
}

/// The fields themselves, out of the wrapping that the Rust crate's own encoding gives them.
json::View unwrap(json::View detail) {
  const auto type = detail.find("type");
  const auto payload = detail.find("payload");
  if (type && payload && payload->kind() == json::Kind::Object) return *payload;
  return detail;
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
  const json::View root(text);
  FieldReader fields("event", root);
  BusEvent event{{}, {}, {}, {}, OtherEvent{}};
  event.id = fields.optional_text("id").value_or("");
  event.source = fields.text("source");
  event.detail_type = fields.text("detail-type");
  if (const auto time = fields.optional_text("time")) {
    if (const auto told_at = webhook::parse_rfc3339(*time)) {
      event.told_at = *told_at;
    } else {
      fields.wrong("time", "expected a time as in RFC 3339");
    }
  }
  const auto detail = root.find("detail");
  if (!detail || detail->kind() != json::Kind::Object) fields.wrong("detail", "expected an object");
  if (fields.failed()) return fields.error();
  TRY(auto what, read_detail(event, unwrap(*detail)));
  event.what = std::move(what);
  return event;
}

}  // namespace loopstate::agent
