#include "store/rows/capture_row.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/try.hpp"
#include "base/utf8.hpp"
#include "loopstate/names.hpp"
#include "store/documents/capture_json.hpp"
#include "store/documents/check_document.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/id_lines.hpp"
#include "store/rows/keys.hpp"
#include "store/rows/read_row.hpp"
#include "store/rows/ring.hpp"

namespace loopstate::store {
namespace {

constexpr std::size_t kMaxTextBytes = 1024;
constexpr std::size_t kMaxProofBytes = 65'536;

Result<void> check_text(std::string_view field, const std::optional<std::string>& text,
                        std::size_t max_bytes) {
  if (!text) return {};
  if (text->size() > max_bytes) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} is {} bytes long; at most {} are allowed", field, text->size(), max_bytes));
  }
  if (!is_utf8(*text)) return fail(ErrorCode::InvalidArgument, fmt::format("{} is not valid UTF-8", field));
  return {};
}

bool all_in(std::string_view text, std::size_t length, char first, char last) {
  return text.size() == length && std::ranges::all_of(text, [&](char c) { return c >= first && c <= last; });
}

}  // namespace

Result<Capture> capture_from_row(const table::Item& row) {
  const auto* text = row.string(attribute::kCaptureData);
  if (text == nullptr) return corrupt(row.key, "attribute capture_data is missing or not a string");
  auto capture = capture_from_stored_json(*text);
  if (!capture) return corrupt(row.key, capture.error().message);
  capture->id = row.key.sk.substr(kPendingPrefix.size());
  if (capture->id.contains(kIdEnd)) return corrupt(row.key, "its id has a line feed");
  const auto currency = read_currency(row);
  if (!currency) return std::unexpected(currency.error());
  capture->amount.currency = capture->refunded.currency = *currency;
  if (row.find(attribute::kRefundedCents) != nullptr) {
    TRY(auto refunded, need_uint64(row, attribute::kRefundedCents));
    capture->refunded.minor_units = refunded;
  }
  capture->kept_until = row.time(attribute::kTtl).value_or(Timestamp{});
  const auto own = capture->expires_at;
  if (own > Timestamp{} && (capture->kept_until == Timestamp{} || own < capture->kept_until))
    capture->kept_until = own;
  return capture;
}

bool is_over(const Capture& capture, Timestamp now) {
  return capture.kept_until != Timestamp{} && capture.kept_until <= now;
}

Result<std::optional<NamedMark>> named_mark(const table::Item& row) {
  if (row.find(attribute::kTransaction) == nullptr) return std::nullopt;
  auto transaction = need_string(row, attribute::kTransaction);
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  const auto until = need_time(row, attribute::kMarkedUntil);
  if (!until) return std::unexpected(until.error());
  return NamedMark{std::move(*transaction), *until};
}

table::Put put_capture(std::string_view user, const Capture& capture, const std::optional<NamedMark>& mark) {
  table::Item row;
  row.key = pending_key(user, capture.id);
  auto& attributes = row.attributes;
  attributes.set(std::string(attribute::kCaptureData), stored_json(capture));
  attributes.set(std::string(attribute::kMerchantId), capture.merchant_id);
  attributes.set(std::string(attribute::kAmountCents), table::Value::number(capture.amount.minor_units));
  attributes.set(std::string(attribute::kCreatedAt), table::Value::time(stored_at(capture.id)));
  attributes.set(std::string(attribute::kTtl), table::Value::time(capture.kept_until));
  if (capture.amount.currency.known()) {
    attributes.set(std::string(attribute::kCurrency), capture.amount.currency.text());
  }
  if (capture.refunded.minor_units > 0) {
    attributes.set(std::string(attribute::kRefundedCents),
                   table::Value::number(capture.refunded.minor_units));
  }
  if (mark) {
    attributes.set(std::string(attribute::kTransaction), mark->transaction);
    attributes.set(std::string(attribute::kMarkedUntil), table::Value::time(mark->until));
  }
  return table::Put{std::move(row), table::Condition::item_absent()};
}

table::Erase erase_capture(std::string_view user, const Capture& capture) {
  return table::Erase{pending_key(user, capture.id), same_refunded(capture.refunded.minor_units)};
}

Result<void> check_capture(const Capture& capture) {
  TRY_OK(check_name("merchant_id", capture.merchant_id));
  TRY_OK(check_text("merchant_name", capture.merchant_name, kMaxTextBytes));
  TRY_OK(check_text("proof_type", capture.proof_type, kMaxTextBytes));
  TRY_OK(check_text("proof_data", capture.proof_data, kMaxProofBytes));
  if (capture.card_last4 && !capture.card_last4->empty() && !all_in(*capture.card_last4, 4, '0', '9')) {
    return fail(ErrorCode::InvalidArgument, "card_last4 must be four digits");
  }
  if (capture.refunded.currency.known() && capture.refunded.currency != capture.amount.currency) {
    return fail(ErrorCode::InvalidArgument, "refunded is in another currency than amount");
  }
  if (capture.refunded.minor_units > capture.amount.minor_units) {
    return fail(ErrorCode::InvalidArgument, "refunded is more than amount");
  }
  if (capture.created_at < Timestamp{}) return fail(ErrorCode::InvalidArgument, "created_at is negative");
  if (capture.expires_at < Timestamp{}) return fail(ErrorCode::InvalidArgument, "expires_at is negative");
  return check_document(capture);
}

table::Condition same_refunded(std::uint64_t amount) {
  auto same = amount == 0 ? table::Condition::absent(attribute::kRefundedCents)
                          : table::Condition::equals(attribute::kRefundedCents, table::Value::number(amount));
  return table::Condition::all_of({table::Condition::item_exists(), std::move(same)});
}

table::UpdateItem set_refunded(table::Key key, std::uint64_t before, std::uint64_t after) {
  table::Update update;
  // No refund means no attribute, as in a row that never had one.
  update.push_back(after == 0 ? table::Change::remove(attribute::kRefundedCents)
                              : table::Change::set(attribute::kRefundedCents, table::Value::number(after)));
  return table::UpdateItem{std::move(key), std::move(update), same_refunded(before)};
}

}  // namespace loopstate::store
