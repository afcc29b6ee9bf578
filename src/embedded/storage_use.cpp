#include "embedded/storage_use.hpp"

#include <cstring>

#include "embedded/environment.hpp"
#include "embedded/fault_guard.hpp"

namespace loopstate::embedded {
namespace {

/// LMDB's own database of free pages: each value is a list of page numbers that begins with its length.
constexpr MDB_dbi kFreePages = 0;

int count_free_pages(MDB_txn* txn, std::uint64_t& pages) {
  MDB_cursor* cursor = nullptr;
  int code = mdb_cursor_open(txn, kFreePages, &cursor);
  if (code != 0) return code;
  MDB_val key{};
  MDB_val list{};
  while ((code = mdb_cursor_get(cursor, &key, &list, MDB_NEXT)) == 0) {
    std::size_t length = 0;
    if (list.mv_size < sizeof(length)) break;
    std::memcpy(&length, list.mv_data, sizeof(length));
    pages += length;
  }
  mdb_cursor_close(cursor);
  return code == MDB_NOTFOUND ? 0 : code;
}

}  // namespace

std::optional<StorageUse> measure_storage(Environment& environment) {
  auto transaction = environment.read();
  if (!transaction) return std::nullopt;
  MDB_envinfo info{};
  MDB_stat stat{};
  std::uint64_t free_pages = 0;
  const int code = guarded([&] {
    mdb_env_info(environment.handle(), &info);
    mdb_env_stat(environment.handle(), &stat);
    return count_free_pages(transaction->txn(), free_pages);
  });
  if (code != 0) return std::nullopt;
  StorageUse use;
  use.file_bytes = (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
  use.free_bytes = free_pages * stat.ms_psize;
  return use;
}

}  // namespace loopstate::embedded
