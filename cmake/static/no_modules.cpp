// What would make the C library load modules at run time: a static program must not, since they belong to a
// different version of the C library. OpenSSL and c-ares can do this, but we never make them (names
// are c-ares's own job, http/client/lookup.hpp), so the linker gets these instead, and leaves a quarter
// of a megabyte of the C library out.
#include <dlfcn.h>
#include <netdb.h>

#include <cerrno>

extern "C" {

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) {
  return EAI_FAIL;
}
void freeaddrinfo(addrinfo*) noexcept {}
int getnameinfo(const sockaddr*, socklen_t, char*, socklen_t, char*, socklen_t, int) {
  return EAI_FAIL;
}
hostent* gethostbyname(const char*) {
  return nullptr;
}
servent* getservbyname(const char*, const char*) {
  return nullptr;
}
int getservbyname_r(const char*, const char*, servent*, char*, size_t, servent** found) {
  *found = nullptr;
  return ENOENT;
}
int getservbyport_r(int, const char*, servent*, char*, size_t, servent** found) {
  *found = nullptr;
  return ENOENT;
}

void* dlopen(const char*, int) noexcept {
  return nullptr;
}
void* dlsym(void*, const char*) noexcept {
  return nullptr;
}
int dlclose(void*) noexcept {
  return -1;
}
char* dlerror() noexcept {
  static char message[] = "this program loads no modules";
  return message;
}
int dladdr(const void*, Dl_info*) noexcept {
  return 0;
}
// NOLINTEND(readability-inconsistent-declaration-parameter-name)

}  // extern "C"
