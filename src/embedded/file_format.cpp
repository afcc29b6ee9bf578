#include "embedded/file_format.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <span>

#include "base/try.hpp"
#include "crypto/random.hpp"
#include "embedded/digest.hpp"
#include "embedded/fault_guard.hpp"
#include "embedded/file_size_signal.hpp"
#include "embedded/key_order.hpp"
#include "embedded/lmdb_error.hpp"
#include "embedded/record_buffer.hpp"
#include "embedded/store_files.hpp"
#include "embedded/tree_plan.hpp"

namespace loopstate::embedded::file_format {
namespace {

constexpr std::string_view kFormatKey = "format";

struct Named {
  const char* name;
  MDB_dbi Databases::* handle;
  unsigned flags;
};
constexpr Named kDatabases[] = {{"meta", &Databases::meta, 0},
                                {"items", &Databases::items, 0},
                                {"expiry", &Databases::expiry, MDB_DUPSORT},
                                {"tokens", &Databases::tokens, 0}};

std::unexpected<Error> foreign(std::string_view path) {
  return fail(
      ErrorCode::TableMismatch,
      fmt::format("{} is a database of another program, not a loopstate file; if it was one, it is damaged",
                  path));
}

Result<void> check_format(std::string_view record, std::string_view path) {
  const std::size_t space = record.find(' ');
  if (space == std::string_view::npos || record.substr(0, space) != kFormatName) return foreign(path);
  const std::string_view digits = record.substr(space + 1);
  unsigned version = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (code != std::errc() || end != digits.data() + digits.size()) return foreign(path);
  if (version != kFormatVersion) {
    return fail(ErrorCode::TableMismatch,
                fmt::format("{} has format version {}; this program reads version {}. Export it with the "
                            "program that made it (loopstate export FILE), move it away with its lock file, "
                            "and import FILE into a new one with this program (loopstate import FILE)",
                            path, version, kFormatVersion));
  }
  return {};
}

/// `path` is where the store will be: errors name it, and never the scratch file.
Result<void> build(const std::string& scratch, const std::string& path, bool durable) {
  MDB_env* raw = nullptr;
  if (const int code = mdb_env_create(&raw); code != 0) {
    return std::unexpected(write_error(code, scratch, "creating the store", path));
  }
  EnvPointer env(raw);
  mdb_env_set_maxdbs(raw, 8);
  // Nobody else knows the scratch file, so it needs no lock file.
  const unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NOLOCK | (durable ? 0u : unsigned{MDB_NOSYNC});
  int code = mdb_env_open(raw, scratch.c_str(), flags, 0600);
  if (code != 0) return std::unexpected(write_error(code, scratch, "creating the store", path));
  MDB_txn* txn = nullptr;
  code = mdb_txn_begin(raw, nullptr, 0, &txn);
  if (code != 0) return std::unexpected(write_error(code, scratch, "creating the store", path));
  if (auto made = create_databases(txn, path); !made) {
    mdb_txn_abort(txn);
    return std::unexpected(std::move(made.error()));
  }
  if (code = mdb_txn_commit(txn); code != 0) {
    return std::unexpected(write_error(code, scratch, "creating the store", path));
  }
  return {};
}

}  // namespace

std::string scratch_name(const std::string& path) {
  std::uint64_t number = 0;
  crypto::random_bytes(std::as_writable_bytes(std::span(&number, 1)));
  return fmt::format("{}.new-{:016x}", path, number);
}

void sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  close(fd);
}

int name_exclusively(const std::string& from, const std::string& to) {
  // Never two names at a time: a file with two names is refused.
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // Some file systems cannot do that.
  if (link(from.c_str(), to.c_str()) != 0) return errno;
  unlink(from.c_str());
  return 0;
}

Result<Databases> create_databases(MDB_txn* txn, std::string_view path) {
  Databases out;
  for (const auto& [name, handle, flags] : kDatabases) {
    if (const int code = mdb_dbi_open(txn, name, flags | MDB_CREATE, &(out.*handle)); code != 0) {
      return std::unexpected(storage_error(code, "creating the store", path));
    }
  }
  const std::string format = fmt::format("{} {}", kFormatName, kFormatVersion);
  for (const auto& [name, record] :
       {std::pair(kFormatKey, format), std::pair(kDigestKey, Digest{}.encode())}) {
    MDB_val key = value_of(name);
    MDB_val value = value_of(record);
    if (const int code = mdb_put(txn, out.meta, &key, &value, 0); code != 0) {
      return std::unexpected(storage_error(code, "creating the store", path));
    }
  }
  return out;
}

/// The order that LMDB has by itself, found sooner.
int compare_keys(const MDB_val* one, const MDB_val* other) {
  return key_order::compare(bytes_of(*one), bytes_of(*other));
}

Result<Databases> open_databases(MDB_txn* txn, std::string_view path) {
  Databases out;
  const auto open = [txn](const char* name, unsigned flags, MDB_dbi& handle) {
    return guarded([&] { return mdb_dbi_open(txn, name, flags, &handle); });
  };
  int code = open("meta", 0, out.meta);
  if (code == MDB_NOTFOUND || code == MDB_INCOMPATIBLE) return foreign(path);
  if (code != 0) return std::unexpected(storage_error(code, "opening the store", path));
  RecordBuffer record;
  code = record.copy(txn, out.meta, kFormatKey);
  if (code == MDB_NOTFOUND) return foreign(path);
  if (code != 0) return std::unexpected(storage_error(code, "opening the store", path));
  TRY_OK(check_format(record.bytes(), path));
  for (const auto& [name, handle, flags] : kDatabases) {
    code = open(name, flags, out.*handle);
    if (code == MDB_NOTFOUND) {
      return fail(ErrorCode::StorageCorrupt, fmt::format("{} lacks its part \"{}\"", path, name));
    }
    if (code != 0) return std::unexpected(storage_error(code, "opening the store", path));
    mdb_set_compare(txn, out.*handle, compare_keys);
    if ((flags & MDB_DUPSORT) != 0) mdb_set_dupsort(txn, out.*handle, compare_keys);
  }
  return out;
}

Result<bool> create_file(const std::string& path, bool durable) {
  TRY_OK(check_place_is_free(path));
  const WithoutFileSizeSignal quiet;
  const std::string scratch = scratch_name(path);
  if (auto built = build(scratch, path, durable); !built) {
    unlink(scratch.c_str());
    return std::unexpected(std::move(built.error()));
  }
  const int code = name_exclusively(scratch, path);
  if (code != 0) unlink(scratch.c_str());
  if (code != 0 && code != EEXIST) return std::unexpected(storage_error(code, "creating the store", path));
  if (durable) sync_folder_of(path);
  return code == 0;
}

Result<void> check_version(const PageFile& file, const Moment& moment, std::string_view path) {
  PageUse use(moment.head.last_page);
  for (const auto& leaf : plan_of(file, moment.meta, use).leaves) {
    std::string bytes;
    if (!file.read(leaf.page, 1, bytes)) break;
    const PageView page(bytes);
    for (std::size_t i = 0; i < page.count(); ++i) {
      const auto node = page.node(i, PageView::Kind::Leaf);
      if (node && node->key == kFormatKey) return check_format(node->data, path);
    }
  }
  return foreign(path);
}

}  // namespace loopstate::embedded::file_format
