#include "aws/credential_json.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "base/timestamp.hpp"
#include "json/view.hpp"

namespace loopstate::aws {
namespace {

std::unexpected<Error> without(std::string_view source, std::string_view what) {
  return fail(ErrorCode::NoCredentials, fmt::format("{} answered without {}", source, what));
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  const auto* end = text.data() + at + count;
  const auto [stop, error] = std::from_chars(text.data() + at, end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// What follows the seconds: a fraction, then Z or an offset; returns the offset in seconds.
std::optional<int> offset(std::string_view text) {
  if (text.starts_with('.')) {
    const auto end = text.find_first_not_of("0123456789", 1);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end);
  }
  if (text == "Z" || text == "UTC") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = digits(text, 1, 2);
  const auto minutes = digits(text, 4, 2);
  if (!hours || !minutes) return std::nullopt;
  return (*hours * 60 + *minutes) * 60 * (text[0] == '-' ? -1 : 1);
}

std::optional<Timestamp> expiry(const json::View& document, CredentialNames names) {
  if (names == CredentialNames::Sso) {
    const auto member = document.find("expiration");
    const auto milliseconds = member ? member->signed_integer() : std::nullopt;
    return milliseconds ? std::optional(from_unix_seconds(*milliseconds / 1000)) : std::nullopt;
  }
  const auto text = json::string_member(document, "Expiration");
  return text ? parse_timestamp(*text) : std::nullopt;
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  using namespace std::chrono;
  const auto y = digits(text, 0, 4);
  const auto m = digits(text, 5, 2);
  const auto d = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!y || !m || !d || !hour || !minute || !second) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':') {
    return std::nullopt;
  }
  const auto shift = offset(text.substr(19));
  const year_month_day date(year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d)));
  if (!shift || !date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second - *shift);
}

Result<CredentialsPtr> credentials_from_json(std::string_view text, CredentialNames names,
                                             std::string source) {
  const bool sso = names == CredentialNames::Sso;
  const auto checked = JsonText::parse(text);
  if (!checked)
    return fail(ErrorCode::NoCredentials, fmt::format("{} answered something that is not JSON", source));
  json::View document(*checked);
  std::optional<json::View> inside;
  if (sso) inside = document.find("roleCredentials");
  if (inside) document = *inside;

  auto credentials = std::make_shared<Credentials>();
  auto id = json::string_member(document, sso ? "accessKeyId" : "AccessKeyId");
  auto secret = json::string_member(document, sso ? "secretAccessKey" : "SecretAccessKey");
  if (!id || id->empty()) return without(source, "an access key id");
  if (!secret || secret->empty()) return without(source, "a secret access key");
  credentials->access_key_id = std::move(*id);
  credentials->secret_access_key = crypto::Secret(std::move(*secret));
  const auto token_name = sso ? "sessionToken" : names == CredentialNames::Process ? "SessionToken" : "Token";
  credentials->session_token = json::string_member(document, token_name).value_or("");
  credentials->account_id = json::string_member(document, "AccountId").value_or("");
  credentials->expires_at = expiry(document, names);
  credentials->source = std::move(source);
  return credentials;
}

}  // namespace loopstate::aws
