// What `init` and `doctor` ask the service about the table itself.
#pragma once

#include <optional>

#include "dynamodb/caller.hpp"
#include "dynamodb/dynamodb_table.hpp"
#include "dynamodb/table_shape.hpp"
#include "loopstate/clock.hpp"

namespace loopstate::dynamodb {

/// Both references must outlive it.
class TableAdmin {
 public:
  TableAdmin(Caller& caller, const TableSettings& settings);

  /// Nothing if there is no such table.
  Task<Result<std::optional<TableDescription>>> describe(Deadline deadline);
  Task<Result<TimeToLive>> time_to_live(Deadline deadline);
  Task<Result<void>> create(Deadline deadline);
  /// TableNotReady if the deadline comes first.
  Task<Result<TableDescription>> wait_until_active(Deadline deadline);
  /// Whether there was anything to do. TableMismatch: it is on for another attribute.
  Task<Result<bool>> set_time_to_live(Deadline deadline);
  /// Unsupported: the server has none.
  Task<Result<void>> check_transactions(Timestamp now, Deadline deadline);

 private:
  Caller& caller_;
  const TableSettings& settings_;
};

}  // namespace loopstate::dynamodb
