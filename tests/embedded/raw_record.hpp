// A record of an embedded store's file, written past the engine: the bytes of its key and of its value as
// LMDB stores them. The store is closed meanwhile.
#pragma once

#include <gtest/gtest.h>
#include <lmdb.h>

#include <string>

namespace loopstate::embedded {

/// A value that is not an item's encoding.
inline const std::string kDamagedValue = "\x01\x7fjunk";

/// "p" and "s" as the file has them: one text.
inline std::string raw_key(const std::string& pk, const std::string& sk) {
  return pk + '\0' + sk;
}

/// Runs `work` on the file, which is created if necessary, in its own transaction.
template <typename Work>
void on_raw_file(const std::string& path, Work work) {
  MDB_env* env = nullptr;
  ASSERT_EQ(mdb_env_create(&env), 0);
  mdb_env_set_maxdbs(env, 8);
  ASSERT_EQ(mdb_env_open(env, path.c_str(), MDB_NOSUBDIR, 0600), 0);
  MDB_txn* txn = nullptr;
  ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
  work(txn);
  ASSERT_EQ(mdb_txn_commit(txn), 0);
  mdb_env_close(env);
}

/// The same on the items of a store.
template <typename Work>
void on_raw_items(const std::string& path, Work work) {
  on_raw_file(path, [&](MDB_txn* txn) {
    MDB_dbi items = 0;
    ASSERT_EQ(mdb_dbi_open(txn, "items", 0, &items), 0);
    work(txn, items);
  });
}

inline void put_raw(const std::string& path, std::string key, std::string value = kDamagedValue) {
  on_raw_items(path, [&](MDB_txn* txn, MDB_dbi items) {
    MDB_val at{key.size(), key.data()}, bytes{value.size(), value.data()};
    EXPECT_EQ(mdb_put(txn, items, &at, &bytes, 0), 0);
  });
}

/// The bytes stored there; empty if there are none.
inline std::string get_raw(const std::string& path, std::string key) {
  std::string out;
  on_raw_items(path, [&](MDB_txn* txn, MDB_dbi items) {
    MDB_val at{key.size(), key.data()}, bytes{};
    if (mdb_get(txn, items, &at, &bytes) == 0)
      out.assign(static_cast<const char*>(bytes.mv_data), bytes.mv_size);
  });
  return out;
}

}  // namespace loopstate::embedded
