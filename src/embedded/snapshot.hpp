// One moment of a store: a transaction that is kept open from the first read to the last. Its pages are read
// with ordinary reads, so that the map may grow meanwhile, and damage can be read past.
#pragma once

#include <memory>

#include "embedded/engine.hpp"
#include "embedded/inspection.hpp"
#include "table/table.hpp"

namespace loopstate::embedded {

class EmbeddedSnapshot final : public table::Snapshot {
 public:
  static Result<std::shared_ptr<EmbeddedSnapshot>> take(std::shared_ptr<Engine> engine);
  ~EmbeddedSnapshot() override;
  EmbeddedSnapshot(const EmbeddedSnapshot&) = delete;
  EmbeddedSnapshot& operator=(const EmbeddedSnapshot&) = delete;

  Task<Result<table::Page>> scan(table::Scan scan, table::Call call) override;

  const PageFile& file() const { return file_; }
  const Moment& moment() const { return moment_; }

  /// Whether everything read so far is of that moment. Unavailable if writers do not know about this reader,
  /// because it may not write the lock file, and one has written: pages may have been reused.
  Result<void> check_kept() const;

 private:
  EmbeddedSnapshot(std::shared_ptr<Engine> engine, MDB_txn* txn, PageFile file, const Moment& moment);
  struct Place {
    std::size_t leaf = 0, node = 0;
  };
  void take_leaf(Place& place, const table::Scan& scan, Timestamp now, std::size_t& bytes, table::Page& out);

  std::shared_ptr<Engine> engine_;
  MDB_txn* txn_;
  PageFile file_;
  Moment moment_;
  TreePlan plan_;
};

}  // namespace loopstate::embedded
