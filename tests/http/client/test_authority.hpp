// A certificate authority for one test, and certificates it signs.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace loopstate::http {

class TestAuthority {
 public:
  TestAuthority() : key_(EVP_EC_gen("P-256")), certificate_(make("Test Authority", key_.get(), "")) {}

  struct Identity {
    std::string certificate;  ///< PEM
    std::string key;          ///< PEM
  };
  /// `names`: as in "DNS:localhost,IP:127.0.0.1".
  Identity issue(const std::string& names) const {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate = make("Test Server", key.get(), names);
    return {pem([&](BIO* out) { PEM_write_bio_X509(out, certificate.get()); }), pem([&](BIO* out) {
              PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            })};
  }
  std::string certificate() const {
    return pem([&](BIO* out) { PEM_write_bio_X509(out, certificate_.get()); });
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;

  template <typename Write>
  static std::string pem(Write write) {
    BIO* out = BIO_new(BIO_s_mem());
    write(out);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return text;
  }

  static void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  /// Without names: the authority itself.
  Certificate make(const char* common_name, EVP_PKEY* key, const std::string& names) const {
    Certificate out(X509_new());
    X509_set_version(out.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(out.get()), names.empty() ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(out.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(out.get()), 3600);
    X509_set_pubkey(out.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
    X509* issuer = names.empty() ? out.get() : certificate_.get();
    X509_set_issuer_name(out.get(), X509_get_subject_name(issuer));
    if (names.empty()) {
      extend(out.get(), issuer, NID_basic_constraints, "critical,CA:TRUE");
    } else {
      extend(out.get(), issuer, NID_subject_alt_name, names);
    }
    X509_sign(out.get(), key_.get(), EVP_sha256());
    return out;
  }

  Key key_;
  Certificate certificate_;
};

}  // namespace loopstate::http
