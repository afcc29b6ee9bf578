#include "embedded/diagnosis.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <string>

#include "embedded/fault_guard.hpp"
#include "embedded/file_format.hpp"
#include "embedded/file_look.hpp"

namespace loopstate::embedded {
namespace {

using table::Finding;
using Level = table::Finding::Level;

constexpr std::uint64_t kLittleSpaceBytes = std::uint64_t{256} << 20;
constexpr double kMiB = 1024.0 * 1024.0;

Finding format_finding(const Environment& environment) {
  return {Level::Good, "file",
          fmt::format("{} is a {} file of format version {}", environment.path(), file_format::kFormatName,
                      file_format::kFormatVersion),
          ""};
}

Finding access_finding(const Environment& environment) {
  if (environment.without_lock()) {
    return {
        Level::Warning, "access",
        "the file and its folder are read-only, so readers cannot be registered with other processes",
        "give this user permission to write to the folder, especially if another process writes the file"};
  }
  if (environment.read_only()) {
    return {Level::Warning, "access", "the file is read-only; every write fails with StorageReadOnly",
            "give this user permission to write to the file and its folder"};
  }
  if (environment.durability() != Durability::PowerLoss) {
    return {Level::Warning, "durability", "writes are not synced: losing power may damage the file",
            "open the store with Durability::PowerLoss"};
  }
  return {Level::Good, "access", "the file may be read and written, and every write is synced", ""};
}

Finding permission_finding(const Environment& environment) {
  const auto found = look_at(environment.path());
  if (!found) return {Level::Bad, "permissions", "unknown", ""};
  const unsigned mode = found->mode & 0777u;
  if ((mode & 0077u) != 0) {
    return {Level::Warning, "permissions", fmt::format("others may use the file (mode {:04o})", mode),
            fmt::format("chmod 600 {0} {0}-lock", environment.path())};
  }
  return {Level::Good, "permissions", fmt::format("only its owner may use the file (mode {:04o})", mode), ""};
}

Finding identity_finding(Environment& environment) {
  if (auto found = environment.check_identity(); !found)
    return {Level::Bad, "identity", found.error().message, ""};
  return {Level::Good, "identity", "the path leads to the open file, which has no other name", ""};
}

Finding damage_finding(const char* subject, const Error& error) {
  return {
      Level::Bad, subject, error.message,
      "loopstate check says what is lost; restore a backup, or export what can be read and import it into a "
      "new file"};
}

Finding size_finding(Environment& environment) {
  MDB_envinfo info{};
  MDB_stat stat{};
  const int code = guarded([&] {
    mdb_env_info(environment.handle(), &info);
    return mdb_env_stat(environment.handle(), &stat);
  });
  if (code != 0) return damage_finding("size", environment.failure(code, "reading"));
  const double used = static_cast<double>(info.me_last_pgno + 1) * stat.ms_psize / kMiB;
  return {Level::Good, "size",
          fmt::format("{:.1f} MiB of {:.0f} MiB mapped address space are in use; it grows by itself", used,
                      static_cast<double>(info.me_mapsize) / kMiB),
          ""};
}

Finding space_finding(const Environment& environment) {
  struct statvfs space{};
  if (statvfs(environment.path().c_str(), &space) != 0) {
    return {Level::Warning, "free space", "the file system does not say how much space is left", ""};
  }
  const std::uint64_t free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
  const std::string detail =
      fmt::format("{:.0f} MiB are free on the file system", static_cast<double>(free_bytes) / kMiB);
  if (free_bytes < kLittleSpaceBytes)
    return {Level::Warning, "free space", detail, "make room: a full disk refuses writes"};
  return {Level::Good, "free space", detail, ""};
}

Finding reader_finding(Environment& environment) {
  MDB_envinfo info{};
  const int code = guarded([&] { return mdb_env_info(environment.handle(), &info); });
  if (code != 0) return damage_finding("readers", environment.failure(code, "reading"));
  return {Level::Good, "readers",
          fmt::format("{} of {} reader slots have been used; those of dead processes are cleared",
                      info.me_numreaders, info.me_maxreaders),
          ""};
}

Finding item_finding(Environment& environment) {
  auto transaction = environment.read();
  if (!transaction) return {Level::Bad, "items", transaction.error().message, ""};
  MDB_stat items{};
  MDB_stat expiring{};
  const int code = guarded([&] {
    mdb_stat(transaction->txn(), environment.databases().items, &items);
    return mdb_stat(transaction->txn(), environment.databases().expiry, &expiring);
  });
  if (code != 0) return damage_finding("items", environment.failure(code, "reading"));
  return {Level::Good, "items",
          fmt::format("{} items, {} of them with an expiry time", items.ms_entries, expiring.ms_entries), ""};
}

}  // namespace

std::vector<Finding> diagnose_environment(Environment& environment) {
  environment.clear_stale_readers();
  return {format_finding(environment),     access_finding(environment), identity_finding(environment),
          permission_finding(environment), size_finding(environment),   space_finding(environment),
          reader_finding(environment),     item_finding(environment)};
}

}  // namespace loopstate::embedded
