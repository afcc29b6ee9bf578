#include "embedded/mapped_record.hpp"

#include <exception>
#include <new>

#include "embedded/checksum.hpp"
#include "embedded/fault_guard.hpp"

namespace loopstate::embedded {
namespace {

constexpr std::size_t kSmallestPage = 4096;

/// A page that the file no longer has faults here, where nothing is under construction.
void touch(std::string_view record) {
  for (std::size_t at = 0; at < record.size(); at += kSmallestPage) {
    *static_cast<const volatile char*>(record.data() + at);
  }
  *static_cast<const volatile char*>(record.data() + record.size() - 1);
}

/// Its checksum is looked at after the decoding: bytes that changed meanwhile are not those of the checksum.
std::optional<table::Attributes> decoded(std::string_view key, std::string_view record) {
  auto attributes = decode(record.substr(kChecksumBytes));
  if (!attributes || fault_of_record(key, record) != nullptr) return std::nullopt;
  return std::move(*attributes);
}

}  // namespace

int read_mapped(MDB_txn* txn, MDB_dbi database, std::string_view key, std::optional<table::Attributes>& out) {
  MDB_val at{key.size(), const_cast<char*>(key.data())};  // NOLINT: LMDB never writes through a key
  std::exception_ptr thrown;                              // which must not pass the guard
  const int code = guarded([&] {
    MDB_val value{};
    const int found = mdb_get(txn, database, &at, &value);
    if (found != 0) return found;
    const std::string_view record(static_cast<const char*>(value.mv_data), value.mv_size);
    if (record.size() <= kChecksumBytes) return 0;
    touch(record);
    // Should the file be cut off in this very moment, what was built so far is lost memory: the jump out of
    // here runs no destructors.
    try {
      out = decoded(key, record);
    } catch (...) {
      thrown = std::current_exception();
    }
    return 0;
  });
  if (thrown) std::rethrow_exception(thrown);
  return code;
}

}  // namespace loopstate::embedded
