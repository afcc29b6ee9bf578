#include "http/client/tls_context.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/x509_vfy.h>

#include <array>

namespace loopstate::http {

namespace ssl = boost::asio::ssl;

namespace {

std::string_view g_authorities;  // empty: the system's own

int context_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> out{};
  return inet_pton(AF_INET, host.c_str(), out.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), out.data()) == 1;
}

}  // namespace

TlsContext::TlsContext() : context_(ssl::context::tls_client) {}

TlsContext::~TlsContext() {
  // A connection that outlives this must not report a session to it.
  SSL_CTX_sess_set_new_cb(context_.native_handle(), nullptr);
  if (session_ != nullptr) SSL_SESSION_free(session_);
}

Result<std::shared_ptr<TlsContext>> TlsContext::create(const std::string& ca_bundle) {
  std::shared_ptr<TlsContext> out(new TlsContext());
  SSL_CTX* native = out->context_.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  boost::system::error_code error;
  if (ca_bundle.empty() && !g_authorities.empty()) {
    out->context_.add_certificate_authority(boost::asio::buffer(g_authorities), error);
  } else if (ca_bundle.empty()) {
    out->context_.set_default_verify_paths(error);
  } else {
    out->context_.load_verify_file(ca_bundle, error);
  }
  if (error) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("the file of trusted authorities {} cannot be used: {}",
                            ca_bundle.empty() ? "of this system" : ca_bundle, error.message()));
  }
  SSL_CTX_set_ex_data(native, context_index(), out.get());
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(native, &TlsContext::on_new_session);
  return out;
}

void TlsContext::replace_system_authorities(std::string_view authorities) noexcept {
  g_authorities = authorities;
}

int TlsContext::on_new_session(SSL* connection, SSL_SESSION* session) {
  auto* self = static_cast<TlsContext*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), context_index()));
  const std::lock_guard lock(self->mutex_);
  if (self->session_ != nullptr) SSL_SESSION_free(self->session_);
  self->session_ = session;
  return 1;  // the reference is ours now
}

void TlsContext::prepare(SSL* connection, const std::string& host) {
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str());
  } else {
    SSL_set_tlsext_host_name(connection, host.c_str());
    SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(connection, host.c_str());
  }
  const std::lock_guard lock(mutex_);
  if (session_ != nullptr) SSL_set_session(connection, session_);
}

bool TlsContext::resumed(const SSL* connection) noexcept {
  return SSL_session_reused(connection) == 1;
}

std::string tls_failure(const SSL* connection, const std::string& otherwise) {
  const long verdict = SSL_get_verify_result(connection);
  return verdict == X509_V_OK ? otherwise : X509_verify_cert_error_string(verdict);
}

}  // namespace loopstate::http
