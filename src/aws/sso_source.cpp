#include "aws/sso_source.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <boost/asio/awaitable.hpp>

#include "aws/canonical_request.hpp"
#include "aws/config_file.hpp"
#include "aws/credential_json.hpp"
#include "base/read_file.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "json/view.hpp"

namespace loopstate::aws {
namespace {

// The cache's file names are SHA-1 digests: as names, not for protection.
std::string sha1_hex(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int bytes = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &bytes, EVP_sha1(), nullptr);
  return crypto::hex(std::span<const std::uint8_t>(digest.data(), bytes));
}

class SsoSource final : public CredentialSource {
 public:
  SsoSource(Surroundings surroundings, SsoRole role)
      : surroundings_(std::move(surroundings)), role_(std::move(role)) {}

  Task<Result<CredentialsPtr>> fetch(Deadline deadline) override {
    CO_TRY(auto token, cached_token());
    http::Endpoint endpoint;
    endpoint.host = fmt::format("portal.sso.{}.amazonaws.com", role_.region);
    CO_TRY(auto transport, surroundings_.connect(endpoint));
    http::ClientRequest request(
        "GET", fmt::format("/federation/credentials?account_id={}&role_name={}",
                           uri_encode(role_.account_id, false), uri_encode(role_.role_name, false)));
    request.add("x-amz-sso_bearer_token", token.reveal());
    auto reply = co_await (transport)->send(std::move(request), deadline, http::Repeat::Harmless);
    if (!reply) co_return std::unexpected(std::move(reply.error().error));
    if (reply->status != 200) {
      co_return fail(reply->status == 401 ? ErrorCode::CredentialsExpired : ErrorCode::NoCredentials,
                     fmt::format("the SSO portal answered {} with HTTP {}; run `aws sso login`", role_.source,
                                 reply->status),
                     reply->status >= 500);
    }
    co_return credentials_from_json(reply->body, CredentialNames::Sso, role_.source);
  }
  std::string name() const override { return role_.source; }

 private:
  Result<crypto::Secret> cached_token() const {
    const auto home = variable(surroundings_.environment, "HOME").value_or("");
    const auto path = fmt::format("{}/.aws/sso/cache/{}.json", home, sha1_hex(role_.cache_key));
    const auto document = JsonText::parse(read_file(path).value_or(""));
    if (!document) return login("there is no SSO session in the cache");
    const json::View view(*document);
    auto token = json::string_member(view, "accessToken");
    const auto expires = json::string_member(view, "expiresAt");
    const auto expires_at = expires ? parse_timestamp(*expires) : std::nullopt;
    if (!token || !expires_at) return login("the SSO session in the cache cannot be read");
    if (*expires_at <= surroundings_.clock.now()) return login("the SSO session has expired");
    return crypto::Secret(std::move(*token));
  }

  std::unexpected<Error> login(std::string_view why) const {
    return fail(ErrorCode::NoCredentials, fmt::format("{}: {}; run `aws sso login`", role_.source, why));
  }

  Surroundings surroundings_;
  SsoRole role_;
};

}  // namespace

CredentialSourcePtr make_sso_source(Surroundings surroundings, SsoRole role) {
  return std::make_shared<SsoSource>(std::move(surroundings), std::move(role));
}

}  // namespace loopstate::aws
