#include "embedded/lmdb_error.hpp"

#include <fmt/format.h>
#include <lmdb.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstdint>

#include "embedded/fault_guard.hpp"
#include "embedded/file_look.hpp"

namespace loopstate::embedded {
namespace {

/// MDB_PROBLEM of later versions than 0.9.24.
constexpr int kProblem = -30779;

struct Meaning {
  ErrorCode code;
  std::string_view text;
  bool retryable;
};

Meaning meaning_of(int code) {
  switch (code) {
    case ENOSPC:
      return {ErrorCode::StorageFull, "no space is left on the device", false};
    case EDQUOT:
      return {ErrorCode::StorageFull, "the disk quota is used up", false};
    case EFBIG:
      return {ErrorCode::StorageFull,
              "the file may not grow further (limit of the file system or the process)", false};
    case EROFS:
    case EACCES:
    case EPERM:
      return {ErrorCode::StorageReadOnly, "there is no permission to write", false};
    case ENOENT:
      return {ErrorCode::TableNotFound, "no such file or folder", false};
    case MDB_INVALID:
      return {ErrorCode::TableMismatch, "it is not a database file", false};
    case MDB_VERSION_MISMATCH:
      return {ErrorCode::TableMismatch, "it was written by another version of LMDB", false};
    // What LMDB reports of pages that contradict each other. None of the calls made here can cause it
    // otherwise.
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_CURSOR_FULL:
    case MDB_PAGE_FULL:
    case MDB_INCOMPATIBLE:
    case MDB_BAD_TXN:  // what follows in a transaction that has met such a page
    case MDB_KEYEXIST:
    case MDB_NOTFOUND:
    case kProblem:
    case kFault:
      return {
          ErrorCode::StorageCorrupt,
          "a page of the file is damaged or missing (loopstate check says which; export what can be read, or "
          "restore a backup)",
          false};
    case MDB_PANIC:
      return {ErrorCode::StorageFailure, "an earlier write failed badly; open the store again", false};
    case MDB_READERS_FULL:
      return {ErrorCode::Unavailable, "too many readers at once", true};
    case MDB_MAP_FULL:
      return {ErrorCode::StorageFull, "the address space reserved for the file is used up", true};
    case MDB_TXN_FULL:
      return {ErrorCode::StorageFailure, "the transaction changes too many pages", false};
    default:
      return {ErrorCode::StorageFailure, mdb_strerror(code), false};
  }
}

/// Less room than one group of writes may need, on the file system or under the process's limit on file
/// sizes.
bool is_nearly_full(const std::string& path) {
  constexpr std::uint64_t kLittleBytes = std::uint64_t{32} << 20;
  struct statvfs space{};
  if (statvfs(path.c_str(), &space) == 0 && std::uint64_t{space.f_bavail} * space.f_frsize < kLittleBytes)
    return true;
  const auto found = look_at(path);
  rlimit limit{};
  if (!found || getrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
  return limit.rlim_cur != RLIM_INFINITY && found->bytes + kLittleBytes > limit.rlim_cur;
}

}  // namespace

Error write_error(int code, const std::string& path, std::string_view doing, std::string_view named) {
  return storage_error(code == EIO && is_nearly_full(path) ? ENOSPC : code, doing,
                       named.empty() ? std::string_view(path) : named);
}

bool means_damage(int code) {
  return meaning_of(code).code == ErrorCode::StorageCorrupt;
}

Error storage_error(int code, std::string_view doing, std::string_view path) {
  const Meaning meaning = meaning_of(code);
  return Error{meaning.code, fmt::format("{} while {} ({})", meaning.text, doing, path), meaning.retryable,
               nullptr};
}

}  // namespace loopstate::embedded
