#include "aws/sts.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <charconv>
#include <memory>
#include <optional>

#include "aws/canonical_request.hpp"
#include "aws/credential_json.hpp"
#include "aws/signer.hpp"
#include "base/read_file.hpp"
#include "base/timestamp.hpp"
#include "base/try.hpp"
#include "http/client/endpoint.hpp"
#include "json/view.hpp"

namespace loopstate::aws {
namespace {

constexpr std::string_view kFormType = "application/x-www-form-urlencoded; charset=utf-8";

// An action's parameters as a form.
class Form {
 public:
  explicit Form(std::string_view action) {
    add("Action", action);
    add("Version", "2011-06-15");
    add("ContentType", "JSON");
  }
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (!text_.empty()) text_ += '&';
    text_.append(name).append("=").append(uri_encode(value, false));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

Form role_form(std::string_view action, const RoleToAssume& role, Timestamp now) {
  Form form(action);
  form.add("RoleArn", role.role_arn);
  form.add("RoleSessionName",
           role.session_name.empty() ? fmt::format("loopstate-{}", unix_seconds(now)) : role.session_name);
  form.add("DurationSeconds", role.duration_seconds);
  form.add("ExternalId", role.external_id);
  return form;
}

Task<Result<CredentialsPtr>> ask(Surroundings surroundings, RoleToAssume role, std::string form,
                                 CredentialsPtr signer, Deadline deadline) {
  CO_TRY(const auto endpoint, http::parse_endpoint(role.endpoint_url, "the endpoint of STS"));
  CO_TRY(auto transport, surroundings.connect(endpoint));
  http::ClientRequest request("POST", "/");
  request.body = std::move(form);
  request.add("Content-Type", kFormType);
  // Otherwise the reply is XML. The service follows this header; servers that stand in for it, the form's
  // field.
  request.add("Accept", "application/json");
  if (signer) {
    const auto host = endpoint.authority();
    const auto date = amz_date(surroundings.clock.now());
    RequestToSign to_sign;
    to_sign.headers = {{"Host", host}, {"X-Amz-Date", date}, {"Content-Type", kFormType}};
    if (!signer->session_token.empty())
      to_sign.headers.emplace_back("X-Amz-Security-Token", signer->session_token);
    to_sign.body = request.body;
    Signer v4(role.region, "sts");
    request.add("X-Amz-Date", date);
    if (!signer->session_token.empty()) request.add("X-Amz-Security-Token", signer->session_token);
    request.add("Authorization", v4.authorization(*signer, to_sign, date));
  }
  auto reply = co_await (transport)->send(std::move(request), deadline, http::Repeat::Harmless);
  if (!reply) co_return std::unexpected(std::move(reply.error().error));
  co_return credentials_from_sts(reply->status, reply->body, role.source);
}

class AssumeRoleSource final : public CredentialSource {
 public:
  AssumeRoleSource(Surroundings surroundings, RoleToAssume role, CredentialSourcePtr base)
      : surroundings_(std::move(surroundings)), role_(std::move(role)), base_(std::move(base)) {}

  Task<Result<CredentialsPtr>> fetch(Deadline deadline) override {
    auto base = co_await base_->fetch(deadline);
    if (!base) co_return base;
    auto form = role_form("AssumeRole", role_, surroundings_.clock.now()).text();
    co_return co_await ask(surroundings_, role_, std::move(form), std::move(*base), deadline);
  }
  std::string name() const override { return role_.source; }

 private:
  Surroundings surroundings_;
  RoleToAssume role_;
  CredentialSourcePtr base_;
};

class WebIdentitySource final : public CredentialSource {
 public:
  WebIdentitySource(Surroundings surroundings, RoleToAssume role, std::string token_file)
      : surroundings_(std::move(surroundings)), role_(std::move(role)), token_file_(std::move(token_file)) {}

  Task<Result<CredentialsPtr>> fetch(Deadline deadline) override {
    const auto token = read_file(token_file_);
    if (!token) {
      co_return fail(ErrorCode::NoCredentials,
                     fmt::format("cannot read the web identity token in {}", token_file_));
    }
    auto form = role_form("AssumeRoleWithWebIdentity", role_, surroundings_.clock.now());
    form.add("WebIdentityToken", *token);
    auto text = form.text();
    co_return co_await ask(surroundings_, role_, std::move(text), nullptr, deadline);
  }
  std::string name() const override { return role_.source; }

 private:
  Surroundings surroundings_;
  RoleToAssume role_;
  std::string token_file_;
};

// The object of that name, at any depth: replies wrap their result in names of the action.
std::optional<json::View> find_object(const json::View& in, std::string_view name) {
  if (in.kind() != json::Kind::Object) return std::nullopt;
  for (const auto& [key, value] : in.members()) {
    if (value.kind() != json::Kind::Object) continue;
    if (key == name) return value;
    if (auto found = find_object(value, name)) return found;
  }
  return std::nullopt;
}

// Seconds since 1970, possibly with a fraction and an exponent, or a date.
std::optional<Timestamp> expiry(const json::View& credentials) {
  const auto member = credentials.find("Expiration");
  if (!member) return std::nullopt;
  if (const auto text = member->string()) return parse_timestamp(*text);
  const auto number = member->number();
  if (!number) return std::nullopt;
  double seconds = 0;
  const auto [end, error] = std::from_chars(number->data(), number->data() + number->size(), seconds);
  constexpr double kMax = 1e12;
  if (error != std::errc() || end != number->data() + number->size() || seconds < 0 || seconds > kMax)
    return std::nullopt;
  return from_unix_seconds(static_cast<std::int64_t>(seconds));
}

std::unexpected<Error> refused(std::uint16_t status, const std::string& found, const std::string& source) {
  const auto code = found.empty() ? std::string("an error") : found;
  const bool denied =
      code == "AccessDenied" || code == "InvalidIdentityToken" || code == "InvalidClientTokenId";
  const bool expired = code == "ExpiredToken" || code == "ExpiredTokenException";
  const auto kind = denied          ? ErrorCode::AccessDenied
                    : expired       ? ErrorCode::CredentialsExpired
                    : status >= 500 ? ErrorCode::Unavailable
                                    : ErrorCode::NoCredentials;
  return fail(kind, fmt::format("STS refused to give credentials for {}: {} (HTTP {})", source, code, status),
              status >= 500);
}

}  // namespace

Result<CredentialsPtr> credentials_from_sts(std::uint16_t status, std::string_view text,
                                            const std::string& source) {
  const auto parsed = JsonText::parse(text);
  if (status != 200) {
    // A proxy on the way may answer anything.
    const auto error = parsed ? find_object(json::View(*parsed), "Error") : std::nullopt;
    return refused(status, error ? json::string_member(*error, "Code").value_or("") : "", source);
  }
  if (!parsed) {
    return fail(ErrorCode::ProtocolError,
                fmt::format("STS answered {} with something that is not JSON", source), true);
  }
  const auto found = find_object(json::View(*parsed), "Credentials");
  if (!found)
    return fail(ErrorCode::NoCredentials, fmt::format("STS answered {} without credentials", source));
  auto credentials = std::make_shared<Credentials>();
  credentials->access_key_id = json::string_member(*found, "AccessKeyId").value_or("");
  credentials->secret_access_key =
      crypto::Secret(json::string_member(*found, "SecretAccessKey").value_or(""));
  credentials->session_token = json::string_member(*found, "SessionToken").value_or("");
  credentials->expires_at = expiry(*found);
  credentials->source = source;
  if (credentials->access_key_id.empty() || credentials->secret_access_key.empty() ||
      !credentials->expires_at) {
    return fail(ErrorCode::NoCredentials, fmt::format("STS answered {} with incomplete credentials", source));
  }
  return credentials;
}

CredentialSourcePtr make_assume_role_source(Surroundings surroundings, RoleToAssume role,
                                            CredentialSourcePtr base) {
  return std::make_shared<AssumeRoleSource>(std::move(surroundings), std::move(role), std::move(base));
}

CredentialSourcePtr make_web_identity_source(Surroundings surroundings, RoleToAssume role,
                                             std::string token_file) {
  return std::make_shared<WebIdentitySource>(std::move(surroundings), std::move(role), std::move(token_file));
}

}  // namespace loopstate::aws
