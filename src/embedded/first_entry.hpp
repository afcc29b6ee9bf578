// The least entry of a sub-database, copied out of the map.
#pragma once

#include <string>

#include "embedded/item_key.hpp"
#include "embedded/lmdb_cursor.hpp"

namespace loopstate::embedded {

struct FirstEntry {
  std::string key, value;

  /// LMDB's code; MDB_CORRUPTED if `value` is larger than a key or a token's record can be.
  int read(MDB_txn* txn, MDB_dbi database) {
    Cursor cursor(txn, database);
    if (const int code = cursor.move(MDB_FIRST); code != 0) return code;
    if (cursor.key.mv_size > kMaxKeyBytes || cursor.value.mv_size > kMaxKeyBytes) return MDB_CORRUPTED;
    key.resize(cursor.key.mv_size);
    value.resize(cursor.value.mv_size);
    return guarded([&] {
      key.assign(static_cast<const char*>(cursor.key.mv_data), key.size());
      value.assign(static_cast<const char*>(cursor.value.mv_data), value.size());
      return 0;
    });
  }
};

}  // namespace loopstate::embedded
