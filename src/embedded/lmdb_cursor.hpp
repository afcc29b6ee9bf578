// An LMDB cursor that closes itself.
#pragma once

#include <lmdb.h>

#include "embedded/fault_guard.hpp"

namespace loopstate::embedded {

class Cursor {
 public:
  Cursor(MDB_txn* txn, MDB_dbi database)
      : code_(guarded([=, this] { return mdb_cursor_open(txn, database, &cursor_); })) {}
  ~Cursor() {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
  }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  /// Moves; LMDB's code. `key` and `value` are set to what is there, and are inputs for MDB_SET and the like.
  int move(MDB_cursor_op how) {
    if (code_ != 0) return code_;
    return guarded([&] { return mdb_cursor_get(cursor_, &key, &value, how); });
  }

  MDB_val key{};
  MDB_val value{};

 private:
  MDB_cursor* cursor_ = nullptr;
  int code_;
};

}  // namespace loopstate::embedded
