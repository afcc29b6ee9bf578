// TLS for the client: 1.2 or later, the peer's certificate and name always verified, sessions resumed.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "loopstate/error.hpp"

namespace loopstate::http {

/// One for all connections to a host. May be used from several threads.
class TlsContext {
 public:
  /// `ca_bundle`: a PEM file of trusted authorities to use instead of the system's; empty: the system's.
  /// InvalidArgument: the file cannot be read or has no certificate.
  static Result<std::shared_ptr<TlsContext>> create(const std::string& ca_bundle);

  /// From now on "the system's" are these instead, in PEM, in the whole process: for a program that brings
  /// its own. Call it before there are other threads; `authorities` must stay where it is.
  static void replace_system_authorities(std::string_view authorities) noexcept;

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  boost::asio::ssl::context& context() noexcept { return context_; }

  /// Before a handshake: sets the host to ask for and insist on, and the session to resume, if there is one.
  void prepare(SSL* connection, const std::string& host);

  /// How many handshakes resumed a session; for tests and for `doctor`.
  static bool resumed(const SSL* connection) noexcept;

 private:
  TlsContext();
  static int on_new_session(SSL* connection, SSL_SESSION* session);

  boost::asio::ssl::context context_;
  std::mutex mutex_;
  SSL_SESSION* session_ = nullptr;  // the latest
};

/// Why OpenSSL refused, as the end of a sentence: names the certificate's fault, if there is one.
std::string tls_failure(const SSL* connection, const std::string& otherwise);

}  // namespace loopstate::http
