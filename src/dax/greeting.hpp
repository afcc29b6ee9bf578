// How a connection begins: the greeting, and who is calling. Neither is answered.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "aws/signer.hpp"
#include "loopstate/clock.hpp"

namespace loopstate::dax {

inline constexpr std::size_t kSessionBytes = 16;

/// The first bytes on every connection. `session`: random bytes, the same for all connections of a pool.
std::string greeting(std::string_view session);

/// Proof of who is calling: Signature Version 4, for the service `dax`, of a request that is never sent.
struct Authorization {
  std::string string_to_sign;
  std::string signature;  ///< 64 lower-case hexadecimal digits
};

/// Makes the calls that authorize a connection. May be used from several threads.
class Authorizer {
 public:
  explicit Authorizer(std::string region) : signer_(std::move(region), "dax") {}

  /// `now` is the service's time, as far as it is known.
  Authorization sign(const aws::Credentials& credentials, Timestamp now);

  /// The call authorizeConnection. It is not answered: a refusal is the answer to the next call.
  std::string call(const aws::Credentials& credentials, Timestamp now);

 private:
  aws::Signer signer_;
};

/// After this long a connection is authorized again, before its next call: a cluster accepts an authorization
/// for five minutes, and the official clients renew it after half of that.
inline constexpr std::chrono::seconds kAuthorizationRenewal{150};

}  // namespace loopstate::dax
