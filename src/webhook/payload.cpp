#include "webhook/payload.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "webhook/time.hpp"

namespace loopstate::webhook {
namespace {

template <typename Id>
Checked<Id> named(std::string_view place, std::string_view text) {
  auto name = Id::parse(text);
  if (name) return std::move(*name);
  return refuse(RefusalKind::MalformedPayload,
                fmt::format("{} is of no use as a name: {}", place, name.error().message));
}

}  // namespace

Checked<Payload> Payload::parse(std::string_view body) {
  json::Reader reader(body);
  const auto value = reader.skip();
  if (!reader.finish()) {
    return refuse(RefusalKind::MalformedPayload,
                  fmt::format("the body is not JSON: {} at byte {}", reader.problem().message,
                              reader.problem().offset));
  }
  const json::View view(value);
  if (view.kind() != json::Kind::Object) {
    return refuse(RefusalKind::MalformedPayload,
                  fmt::format("the body is {}; expected an object", json::to_string(view.kind())));
  }
  return Payload(view, "");
}

std::optional<json::View> Payload::find(std::string_view name) const {
  auto found = view_.find(name);
  if (found && found->is_null()) return std::nullopt;
  return found;
}

std::optional<Payload> Payload::find_object(std::string_view name) const {
  const auto found = find(name);
  if (!found || found->kind() != json::Kind::Object) return std::nullopt;
  return Payload(*found, place_of(name));
}

std::optional<Payload> Payload::find_only_object(std::string_view name) const {
  const auto found = find(name);
  if (!found) return std::nullopt;
  const auto elements = found->elements();
  if (elements.size() != 1 || elements.front().kind() != json::Kind::Object) return std::nullopt;
  return Payload(elements.front(), place_of(name));
}

std::optional<std::string> Payload::find_text(std::string_view name) const {
  const auto found = find(name);
  return found ? found->string() : std::nullopt;
}

std::optional<bool> Payload::find_bool(std::string_view name) const {
  const auto found = find(name);
  return found ? found->boolean() : std::nullopt;
}

std::optional<bool> Payload::find_flag(std::string_view name) const {
  const auto found = find(name);
  if (!found) return std::nullopt;
  if (found->text() == "1") return true;
  if (found->text() == "0") return false;
  return found->boolean();
}

std::optional<crypto::Secret> Payload::find_secret(std::string_view name) const {
  auto found = find_text(name);
  if (!found || found->empty()) return std::nullopt;
  return crypto::Secret(std::move(*found));
}

bool Payload::has(std::string_view name) const {
  return find(name).has_value();
}

Checked<Payload> Payload::object(std::string_view name) const {
  if (auto found = find_object(name)) return std::move(*found);
  return expected_kind(name, "an object");
}

Checked<std::string> Payload::text(std::string_view name) const {
  if (auto found = find_text(name)) return std::move(*found);
  return expected_kind(name, "a string");
}

Checked<std::int64_t> Payload::integer(std::string_view name) const {
  const auto found = find(name);
  if (const auto value = found ? found->signed_integer() : std::nullopt) return *value;
  return expected_kind(name, "a whole number");
}

Checked<std::string> Payload::currency(std::string_view name) const {
  TRY(const auto letters, text(name));
  if (auto code = currency_code(letters)) return std::move(*code);
  return malformed(name, "is not three letters");
}

Checked<Amount> Payload::amount(std::string_view name, unsigned exponent) const {
  const auto found = find(name);
  const auto number = found ? found->number() : std::nullopt;
  if (!number) return expected_kind(name, "a number");
  const auto parsed = parse_amount(*number, exponent);
  if (!parsed) return malformed(name, parsed.error());
  return *parsed;
}

Checked<std::uint64_t> Payload::unsigned_amount(std::string_view name, unsigned exponent) const {
  TRY(const auto parsed, amount(name, exponent));
  if (parsed.negative) return malformed(name, "is below zero");
  return parsed.value;
}

Checked<Timestamp> Payload::unix_time(std::string_view name) const {
  TRY(const auto seconds, integer(name));
  return from_unix_seconds(seconds);
}

Checked<Timestamp> Payload::time(std::string_view name) const {
  TRY(const auto written, text(name));
  if (const auto time = parse_rfc3339(written)) return *time;
  return malformed(name, "is not a time with a zone (RFC 3339)");
}

std::string Payload::place_of(std::string_view name) const {
  return place_.empty() ? std::string(name) : fmt::format("{}.{}", place_, name);
}

std::unexpected<Refusal> Payload::malformed(std::string_view name, std::string_view what) const {
  return refuse(RefusalKind::MalformedPayload, fmt::format("{} {}", place_of(name), what));
}

std::unexpected<Refusal> Payload::expected_kind(std::string_view name, std::string_view kind) const {
  const auto found = find(name);
  if (!found) return malformed(name, fmt::format("is missing; expected {}", kind));
  return malformed(name, fmt::format("is {}; expected {}", json::to_string(found->kind()), kind));
}

Checked<TransactionId> transaction_named(std::string_view place, std::string_view text) {
  return named<TransactionId>(place, text);
}

Checked<MerchantId> merchant_named(std::string_view place, std::string_view text) {
  return named<MerchantId>(place, text);
}

std::string last4_or_empty(std::optional<std::string> text) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!text || text->size() != 4 || !std::ranges::all_of(*text, is_digit)) return {};
  return std::move(*text);
}

std::string_view brief(std::string_view text) noexcept {
  constexpr std::size_t bytes_max = 64;
  return text.substr(0, bytes_max);
}

}  // namespace loopstate::webhook
