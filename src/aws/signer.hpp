// Signature Version 4: what proves to AWS who sent a request, and that nobody changed it.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "aws/canonical_request.hpp"
#include "aws/credentials.hpp"
#include "crypto/hash.hpp"
#include "crypto/secret.hpp"
#include "loopstate/clock.hpp"

namespace loopstate::aws {

/// "20150830T123600Z", as in the `X-Amz-Date` header.
std::string amz_date(Timestamp now);

/// Signs for one service in one Region. The signing key is derived once for each day and secret. Thread-safe.
class Signer {
 public:
  Signer(std::string region, std::string service)
      : region_(std::move(region)), service_(std::move(service)) {}

  /// The value of the `Authorization` header. `request.headers` has everything to be signed, including
  /// `X-Amz-Date: date` and, for temporary credentials, `X-Amz-Security-Token`. `date` is amz_date's result.
  std::string authorization(const Credentials& credentials, const RequestToSign& request,
                            std::string_view date);

  /// The signature alone: 64 lower-case hexadecimal digits over the text that string_to_sign gives.
  std::string signature(const Credentials& credentials, std::string_view string_to_sign,
                        std::string_view date);

  /// The text to be signed for a request, which includes the digest of its canonical form.
  std::string string_to_sign(const CanonicalRequest& canonical, std::string_view date) const;

  const std::string& region() const noexcept { return region_; }

 private:
  crypto::Digest signing_key(const Credentials& credentials, std::string_view day);

  std::string region_;
  std::string service_;
  std::mutex mutex_;
  std::string key_of_;         ///< the day and access key that `key_` is for
  crypto::Secret key_secret_;  ///< the secret that `key_` was derived from
  crypto::Digest key_{};
};

}  // namespace loopstate::aws
