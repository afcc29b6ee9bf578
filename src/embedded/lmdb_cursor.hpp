// An LMDB cursor that closes itself.
#pragma once

#include <lmdb.h>

namespace loopstate::embedded {

class Cursor {
 public:
  Cursor(MDB_txn* txn, MDB_dbi database) : code_(mdb_cursor_open(txn, database, &cursor_)) {}
  ~Cursor() {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
  }
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  /// Moves; LMDB's code. `key` and `value` are set to what is there, and are inputs for MDB_SET and its kin.
  int move(MDB_cursor_op how) { return code_ != 0 ? code_ : mdb_cursor_get(cursor_, &key, &value, how); }
  int remove() { return code_ != 0 ? code_ : mdb_cursor_del(cursor_, 0); }

  MDB_val key{};
  MDB_val value{};

 private:
  MDB_cursor* cursor_ = nullptr;
  int code_;
};

}  // namespace loopstate::embedded
