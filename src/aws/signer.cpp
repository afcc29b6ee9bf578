#include "aws/signer.hpp"

#include <fmt/format.h>

#include <chrono>

#include "crypto/hmac.hpp"

namespace loopstate::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kScopeEnd = "aws4_request";
constexpr std::size_t kDayChars = 8;

}  // namespace

std::string amz_date(Timestamp now) {
  using namespace std::chrono;
  const auto day = floor<days>(now);
  const year_month_day date(day);
  const hh_mm_ss clock(now - day);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

crypto::Digest Signer::signing_key(const Credentials& credentials, std::string_view day) {
  std::string of(day);
  of.append("/").append(credentials.access_key_id);
  const auto secret = credentials.secret_access_key.reveal();
  const std::lock_guard lock(mutex_);
  if (key_of_ == of && key_secret_.reveal() == secret) return key_;
  const auto first = crypto::Secret(fmt::format("AWS4{}", secret));
  auto key = crypto::hmac_sha256(first.reveal(), day);
  key = crypto::hmac_sha256(crypto::as_text(key), region_);
  key = crypto::hmac_sha256(crypto::as_text(key), service_);
  key_ = crypto::hmac_sha256(crypto::as_text(key), kScopeEnd);
  key_of_ = of;
  key_secret_ = crypto::Secret::copy_of(secret);
  return key_;
}

std::string Signer::string_to_sign(const CanonicalRequest& canonical, std::string_view date) const {
  return fmt::format("{}\n{}\n{}/{}/{}/{}\n{}", kAlgorithm, date, date.substr(0, kDayChars), region_,
                     service_, kScopeEnd, crypto::hex(crypto::sha256(canonical.text)));
}

std::string Signer::signature(const Credentials& credentials, std::string_view string_to_sign,
                              std::string_view date) {
  const auto key = signing_key(credentials, date.substr(0, kDayChars));
  return crypto::hex(crypto::hmac_sha256(crypto::as_text(key), string_to_sign));
}

std::string Signer::authorization(const Credentials& credentials, const RequestToSign& request,
                                  std::string_view date) {
  const auto canonical = canonical_request(request);
  const auto signature = this->signature(credentials, string_to_sign(canonical, date), date);
  return fmt::format("{} Credential={}/{}/{}/{}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                     credentials.access_key_id, date.substr(0, kDayChars), region_, service_, kScopeEnd,
                     canonical.signed_headers, signature);
}

}  // namespace loopstate::aws
