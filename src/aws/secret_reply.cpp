#include "aws/secret_reply.hpp"

#include <fmt/format.h>

#include "aws/error_name.hpp"
#include "crypto/base64.hpp"
#include "crypto/wipe.hpp"
#include "json/reader.hpp"

namespace loopstate::aws {
namespace {

struct Body {
  std::string type;
  std::string message;
  std::string text;    // SecretString
  std::string binary;  // SecretBinary, base64
  bool has_text = false;
  bool has_binary = false;

  Body() = default;
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;
  ~Body() {
    crypto::wipe(text);
    crypto::wipe(binary);
  }
};

bool read_body(std::string_view json, Body& body) {
  json::Reader reader(json);
  if (!reader.begin_object()) return false;
  // The longest that a value can be, so that growing leaves no copy of it behind.
  body.text.reserve(json.size());
  body.binary.reserve(json.size());
  std::string_view key;
  while (reader.next_member(key)) {
    const bool is_string = reader.peek() == json::Kind::String;
    if (key == "SecretString" && is_string) {
      body.has_text = reader.read_string(body.text);
    } else if (key == "SecretBinary" && is_string) {
      body.has_binary = reader.read_string(body.binary);
    } else if (key == "__type" && is_string) {
      reader.read_string(body.type);
    } else if ((key == "message" || key == "Message") && is_string) {
      reader.read_string(body.message);
    } else {
      reader.skip();
    }
  }
  body.type = error_name(body.type);
  return reader.finish();
}

std::unexpected<SecretFailure> failure(ErrorCode code, std::string message, SecretRetry again) {
  const bool retryable = again == SecretRetry::Soon || again == SecretRetry::Slower;
  return std::unexpected(SecretFailure{Error{code, std::move(message), retryable, nullptr}, again});
}

bool is_throttling(std::string_view type) {
  return type == "ThrottlingException" || type == "Throttling" || type == "TooManyRequestsException" ||
         type == "RequestLimitExceeded" || type == "LimitExceededException";
}

// A wrong signature has two possible reasons, which only the message tells apart.
bool about_time(const Body& body) {
  if (body.type.starts_with("RequestExpired") || body.type == "RequestTimeTooSkewed") return true;
  return body.type == "InvalidSignatureException" &&
         (body.message.find("expired") != std::string::npos ||
          body.message.find("not yet current") != std::string::npos);
}

std::unexpected<SecretFailure> refused(std::uint16_t status, const Body& body,
                                       const SecretQuestion& question) {
  const auto& [name, region, credentials] = question;
  const auto& type = body.type;
  if (type == "ResourceNotFoundException") {
    return failure(
        ErrorCode::NotFound,
        fmt::format("there is no secret \"{}\" in Region {}, or it has no value yet; check its name, "
                    "its account and its Region (an ARN names all three)",
                    name, region),
        SecretRetry::Never);
  }
  if (type == "InvalidRequestException") {
    return failure(
        ErrorCode::NotFound,
        fmt::format("the secret \"{}\" in Region {} is about to be deleted, or is managed by another "
                    "service; restore it, or name another one",
                    name, region),
        SecretRetry::Never);
  }
  if (type == "DecryptionFailure" || type == "DecryptionFailureException") {
    return failure(ErrorCode::AccessDenied,
                   fmt::format("the secret \"{}\" cannot be decrypted: allow kms:Decrypt on its key to the "
                               "credentials from {}",
                               name, credentials),
                   SecretRetry::Never);
  }
  if (type == "ExpiredTokenException" || type == "ExpiredToken") {
    return failure(ErrorCode::CredentialsExpired,
                   fmt::format("the credentials from {} have expired; renew them", credentials),
                   SecretRetry::FreshCredentials);
  }
  if (about_time(body)) {
    return failure(
        ErrorCode::ClockSkew,
        "Secrets Manager refused the time of the request: this machine's clock is wrong; set it by NTP",
        SecretRetry::Never);
  }
  if (is_throttling(type) || status == 429) {
    return failure(ErrorCode::Throttled,
                   fmt::format("Secrets Manager is throttling requests ({}, HTTP {})", type, status),
                   SecretRetry::Slower);
  }
  if (type == "UnrecognizedClientException" || type == "InvalidClientTokenId" ||
      type == "InvalidSignatureException" || type == "IncompleteSignature" ||
      type == "MissingAuthenticationToken") {
    return failure(
        ErrorCode::AccessDenied,
        fmt::format("Secrets Manager in Region {} does not accept the credentials from {} ({}); check "
                    "the key and the Region",
                    region, credentials, type),
        SecretRetry::Never);
  }
  if (type == "AccessDeniedException" || type == "AccessDenied" || status == 403) {
    return failure(
        ErrorCode::AccessDenied,
        fmt::format("the credentials from {} may not read the secret \"{}\" in Region {}: allow "
                    "secretsmanager:GetSecretValue on it, and kms:Decrypt if a key of your own encrypts it",
                    credentials, name, region),
        SecretRetry::Never);
  }
  if (status >= 500) {
    return failure(ErrorCode::Unavailable, fmt::format("Secrets Manager failed (HTTP {} {})", status, type),
                   SecretRetry::Soon);
  }
  if (type == "InvalidParameterException" || type == "ValidationException") {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("Secrets Manager does not accept \"{}\" as the name of a secret", name),
                   SecretRetry::Never);
  }
  return failure(ErrorCode::ProtocolError,
                 fmt::format("Secrets Manager answered HTTP {} {}, which is not one of its answers; is there "
                             "another server at its endpoint?",
                             status, type),
                 SecretRetry::Never);
}

}  // namespace

std::expected<crypto::Secret, SecretFailure> read_secret_reply(std::uint16_t status, std::string body,
                                                               const SecretQuestion& question) {
  Body read;
  const bool readable = read_body(body, read);
  crypto::wipe(body);
  if (status != 200) return refused(status, read, question);
  if (!readable) {
    return failure(
        ErrorCode::ProtocolError,
        fmt::format("the reply of Secrets Manager about \"{}\" is cut off or not JSON", question.name),
        SecretRetry::Soon);
  }
  if (read.has_text) return crypto::Secret(std::move(read.text));
  auto bytes = read.has_binary ? crypto::base64_decode(read.binary) : std::nullopt;
  if (!bytes) {
    return failure(ErrorCode::ProtocolError,
                   fmt::format("Secrets Manager answered about \"{}\" without a value", question.name),
                   SecretRetry::Never);
  }
  return crypto::Secret(std::move(*bytes));
}

}  // namespace loopstate::aws
