// A record's bytes, copied out of the map: what is decoded later must not vanish with the file.
#pragma once

#include <lmdb.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

#include "embedded/fault_guard.hpp"

namespace loopstate::embedded {

/// No record is larger: an item has at most 400 KB, as the port counts it.
inline constexpr std::size_t kMaxRecordBytes = std::size_t{1} << 20;

class RecordBuffer {
 public:
  /// LMDB's code; 0 with the bytes in place. Also MDB_CORRUPTED for a size that no record can have.
  int copy(MDB_txn* txn, MDB_dbi database, std::string_view key) {
    MDB_val at{key.size(), const_cast<char*>(key.data())};  // NOLINT: LMDB never writes through a key
    MDB_val value{};
    size_ = 0;
    const int code = guarded([&] {
      const int found = mdb_get(txn, database, &at, &value);
      if (found == 0 && value.mv_size <= capacity_) std::memcpy(bytes_.get(), value.mv_data, value.mv_size);
      return found;
    });
    if (code != 0 || value.mv_size <= capacity_) {
      if (code == 0) size_ = value.mv_size;
      return code;
    }
    return copy(value);
  }

  int copy(const MDB_val& value) {
    size_ = 0;
    if (value.mv_size > kMaxRecordBytes) return MDB_CORRUPTED;
    if (value.mv_size > capacity_) {
      capacity_ = value.mv_size + value.mv_size / 2;
      bytes_ = std::make_unique_for_overwrite<char[]>(capacity_);
    }
    const int code = guarded([&] {
      std::memcpy(bytes_.get(), value.mv_data, value.mv_size);
      return 0;
    });
    if (code == 0) size_ = value.mv_size;
    return code;
  }

  std::string_view bytes() const { return {bytes_.get(), size_}; }

 private:
  std::size_t capacity_ = 4096;
  std::unique_ptr<char[]> bytes_ = std::make_unique_for_overwrite<char[]>(capacity_);
  std::size_t size_ = 0;
};

}  // namespace loopstate::embedded
