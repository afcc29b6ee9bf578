// A write transaction as the engine uses it: every change goes through here.
#pragma once

#include <lmdb.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "embedded/checksum.hpp"
#include "embedded/digest.hpp"
#include "embedded/environment.hpp"
#include "embedded/record_buffer.hpp"
#include "embedded/write_check.hpp"

namespace loopstate::embedded {

/// Every result is one of LMDB's codes, or kFault. MDB_CORRUPTED from a change: a page that it would reach is
/// damaged, and the change was not begun.
class Changes {
 public:
  Changes(MDB_txn* txn, const Databases& databases, WriteCheck& check);

  MDB_txn* txn() const { return txn_; }
  const Databases& databases() const { return databases_; }

  /// `record` shows the bytes until the next call.
  int find_item(std::string_view key, std::string_view& record);
  /// `before`: the checksum of the existing record, if there is one.
  int put_item(std::string_view key, std::string_view record, std::optional<std::uint64_t> before);
  int remove_item(std::string_view key, std::uint64_t before);

  int find(MDB_dbi database, std::string_view key, std::string_view& value);
  int put(MDB_dbi database, std::string_view key, std::string_view value, unsigned flags = 0);
  /// With a value: removes only that value of the key.
  int remove(MDB_dbi database, std::string_view key, std::optional<std::string_view> value = {});

  /// Before the commit: writes what the file says about itself as a whole. Fails too if a change was refused.
  int finish();
  /// What `finish` found and what it left; nothing if no item changed.
  struct DigestChange {
    Digest before, after;
  };
  const std::optional<DigestChange>& digest_change() const { return digest_change_; }

  /// A change ended in a fault: the transaction can no longer be ended, only abandoned.
  bool is_stuck() const { return stuck_; }

 private:
  bool may_change(WriteCheck::Change change, MDB_dbi database, std::string_view key, std::string_view value);
  int changed(int code);
  int give_back_pages(std::string_view key, std::string_view record);

  MDB_txn* txn_;
  const Databases& databases_;
  WriteCheck& check_;
  Digest difference_;
  std::optional<DigestChange> digest_change_;
  RecordBuffer buffer_;
  /// How many overflow pages the records have that this transaction wrote on several.
  std::map<std::string, std::uint64_t, std::less<>> pages_of_records_;
  bool stuck_ = false;
  bool refused_ = false;
};

}  // namespace loopstate::embedded
