// One connection to a node: the greeting, authorizations, and one call after another.
#pragma once

#include <string>
#include <string_view>

#include "aws/credentials.hpp"
#include "base/instant.hpp"
#include "dax/greeting.hpp"
#include "dax/method.hpp"
#include "http/client/connection.hpp"

namespace loopstate::dax {

/// Used by one call at a time.
class NodeConnection : public http::Connection {
 public:
  using http::Connection::Connection;

  /// What must go out before the next call: the greeting, and an authorization if none was sent, or if
  /// it is old, was refused, or was for another key. Empty: nothing. Counts as sent.
  /// `clock` shows the service's time.
  std::string preamble(std::string_view session, const aws::CredentialsPtr& credentials,
                       Authorizer& authorizer, Instant now, const Clock& clock);
  /// The node wants to be told again who is calling.
  void unauthorize() noexcept { authorized_as_.reset(); }

  /// What became of a call.
  struct Exchange {
    Result<std::string_view> reply;  ///< valid until the next exchange
    bool sent = false;               ///< the node may have acted on it
    bool reply_started = false;
    bool usable = false;  ///< the connection can take another call
  };
  /// `call`: all of its bytes, starting with a preamble; outlives the exchange.
  Task<Exchange> exchange(const std::string* call, Method method);

 private:
  bool is_authorized(const aws::CredentialsPtr& credentials, Instant now) const noexcept;

  bool greeted_ = false;
  aws::CredentialsPtr authorized_as_;
  Instant authorized_at_{};
  std::string buffer_;
};

}  // namespace loopstate::dax
