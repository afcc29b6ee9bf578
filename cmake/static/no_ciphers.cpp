// What OpenSSL offers by name for programs that decrypt files, and engines for hardware that Lambda does not
// have. Its start-up lists them, so the linker would have to include all of them; it gets empty lists
// instead, and leaves out 300 KB. TLS fetches its ciphers from the provider, which this does not affect,
// except for AES-CBC combined with HMAC (TLS 1.2 and older): the provider does without it where the processor
// lacks it, and fetches the two separately.
struct ossl_dispatch_st {
  int function_id;
  void (*function)();
};

extern "C" {

// NOLINTBEGIN(readability-identifier-naming,misc-use-internal-linkage)
void openssl_add_all_ciphers_int() {}

void engine_load_afalg_int() {}
void engine_load_dynamic_int() {}
void engine_load_openssl_int() {}
void engine_load_padlock_int() {}
void engine_load_rdrand_int() {}

int ossl_cipher_capable_aes_cbc_hmac_sha1() {
  return 0;
}
int ossl_cipher_capable_aes_cbc_hmac_sha256() {
  return 0;
}
extern const ossl_dispatch_st ossl_aes128cbc_hmac_sha1_functions[1];
extern const ossl_dispatch_st ossl_aes256cbc_hmac_sha1_functions[1];
extern const ossl_dispatch_st ossl_aes128cbc_hmac_sha256_functions[1];
extern const ossl_dispatch_st ossl_aes256cbc_hmac_sha256_functions[1];
const ossl_dispatch_st ossl_aes128cbc_hmac_sha1_functions[1] = {{0, nullptr}};
const ossl_dispatch_st ossl_aes256cbc_hmac_sha1_functions[1] = {{0, nullptr}};
const ossl_dispatch_st ossl_aes128cbc_hmac_sha256_functions[1] = {{0, nullptr}};
const ossl_dispatch_st ossl_aes256cbc_hmac_sha256_functions[1] = {{0, nullptr}};
#ifdef __x86_64__
// The curve P-256 without its fastest code, which brings a table of 150 KB: the next best is as safe against
// measuring of times, and costs a handshake about 0.2 ms more where that curve is chosen at all.
struct ec_method_st;
const ec_method_st* EC_GFp_nistp256_method();
const ec_method_st* EC_GFp_nistz256_method() {
  return EC_GFp_nistp256_method();
}
// Of that code's own multiples of other points: none are ever made.
struct nistz256_pre_comp_st;
nistz256_pre_comp_st* EC_nistz256_pre_comp_dup(nistz256_pre_comp_st* made) {
  return made;
}
void EC_nistz256_pre_comp_free(nistz256_pre_comp_st* /*none*/) {}
#endif
// NOLINTEND(readability-identifier-naming,misc-use-internal-linkage)

}  // extern "C"
