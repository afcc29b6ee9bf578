// LMDB without anything of ours: the baseline for the embedded engine.
#pragma once

#include <lmdb.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace loopstate::bench {

inline void check(int code) {
  if (code == 0) return;
  std::fprintf(stderr, "LMDB: %s\n", mdb_strerror(code));
  std::abort();
}

class RawLmdb {
 public:
  RawLmdb(const std::string& path, bool durable) {
    check(mdb_env_create(&env_));
    check(mdb_env_set_mapsize(env_, std::size_t{64} << 30));
    const unsigned flags = MDB_NOSUBDIR | MDB_NOTLS | MDB_NORDAHEAD | (durable ? 0u : unsigned{MDB_NOSYNC});
    check(mdb_env_open(env_, path.c_str(), flags, 0600));
    MDB_txn* txn = begin_write();
    check(mdb_dbi_open(txn, nullptr, 0, &dbi_));
    check(mdb_txn_commit(txn));
    check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reader_));
    mdb_txn_reset(reader_);
  }
  ~RawLmdb() {
    mdb_txn_abort(reader_);
    mdb_env_close(env_);
  }
  RawLmdb(const RawLmdb&) = delete;
  RawLmdb& operator=(const RawLmdb&) = delete;

  /// A read transaction, with the value copied out of it.
  std::string get(std::string_view key) {
    check(mdb_txn_renew(reader_));
    std::string copy(find(reader_, key));
    mdb_txn_reset(reader_);
    return copy;
  }

  MDB_txn* begin_write() {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn));
    return txn;
  }
  std::string_view find(MDB_txn* txn, std::string_view key) {
    MDB_val at = value_of(key);
    MDB_val value{};
    const int code = mdb_get(txn, dbi_, &at, &value);
    if (code == MDB_NOTFOUND) return {};
    check(code);
    return {static_cast<const char*>(value.mv_data), value.mv_size};
  }
  void put(MDB_txn* txn, std::string_view key, std::string_view bytes) {
    MDB_val at = value_of(key);
    MDB_val value = value_of(bytes);
    check(mdb_put(txn, dbi_, &at, &value, 0));
  }
  void erase(MDB_txn* txn, std::string_view key) {
    MDB_val at = value_of(key);
    const int code = mdb_del(txn, dbi_, &at, nullptr);
    if (code != MDB_NOTFOUND) check(code);
  }

 private:
  static MDB_val value_of(std::string_view bytes) {
    return {bytes.size(), const_cast<char*>(bytes.data())};  // NOLINT: LMDB does not write through it
  }

  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
  MDB_txn* reader_ = nullptr;
};

}  // namespace loopstate::bench
