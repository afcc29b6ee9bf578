#include "webhook/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/timestamp.hpp"
#include "webhook/time.hpp"

namespace loopstate::webhook {

Checked<json::Fields> read_document(std::string_view body) {
  json::Reader reader(body);
  const json::View view(reader.skip());
  if (!reader.finish()) {
    return refuse(RefusalKind::MalformedPayload,
                  fmt::format("the body is not JSON: {} at byte {}", reader.problem().message,
                              reader.problem().offset));
  }
  if (view.kind() != json::Kind::Object) {
    return refuse(RefusalKind::MalformedPayload,
                  fmt::format("the body is {}; expected an object", json::to_string(view.kind())));
  }
  return json::Fields(view);
}

Checked<void> check(const json::Fields& document) {
  if (document.ok()) return {};
  return refuse(RefusalKind::MalformedPayload, document.problem().message());
}

std::optional<crypto::Secret> find_secret(const json::Fields& object, std::string_view name) {
  auto found = object.find_text(name);
  if (!found || found->empty()) return std::nullopt;
  return crypto::Secret(*std::move(found));
}

std::optional<bool> find_flag(const json::Fields& object, std::string_view name) {
  const auto found = object.find(name);
  if (!found) return std::nullopt;
  if (found->text() == "1") return true;
  if (found->text() == "0") return false;
  return found->boolean();
}

std::string find_last4(const json::Fields& object, std::string_view name) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  auto text = object.find_text(name);
  if (!text || text->size() != 4 || !std::ranges::all_of(*text, is_digit)) return {};
  return *std::move(text);
}

Currency read_currency(const json::Fields& object, std::string_view name) {
  const auto currency = currency_of(object.text(name));
  if (!currency) object.wrong(name, "is not three letters");
  return currency.value_or(Currency{});
}

Amount read_amount(const json::Fields& object, std::string_view name, unsigned exponent) {
  const auto found = object.find(name);
  const auto number = found ? found->number() : std::nullopt;
  if (!number) {
    object.wrong_kind(name, "a number");
    return {};
  }
  const auto amount = parse_amount(*number, exponent);
  if (!amount) object.wrong(name, amount.error());
  return amount.value_or(Amount{});
}

std::uint64_t read_unsigned_amount(const json::Fields& object, std::string_view name, unsigned exponent) {
  const auto amount = read_amount(object, name, exponent);
  if (amount.negative) object.wrong(name, "is below zero");
  return amount.value;
}

Timestamp read_unix_time(const json::Fields& object, std::string_view name) {
  return from_unix_seconds(object.integer(name));
}

Timestamp read_time(const json::Fields& object, std::string_view name) {
  const auto time = parse_rfc3339(object.text(name));
  if (!time) object.wrong(name, "is not a time with a zone (RFC 3339)");
  return time.value_or(Timestamp{});
}

std::string_view brief(std::string_view text) noexcept {
  constexpr std::size_t bytes_max = 64;
  return text.substr(0, bytes_max);
}

}  // namespace loopstate::webhook
