// From a URL to an engine's table.
#pragma once

#include <memory>

#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "table/table.hpp"

namespace loopstate {

/// The table that `settings.url` names. Opening an embedded file reads it; opening a DynamoDB table sends
/// nothing. InvalidArgument, TableNotFound, TableMismatch, StorageCorrupt, StorageReadOnly, StorageFull,
/// StorageFailure.
Result<std::shared_ptr<table::Table>> open_table(const Settings& settings,
                                                 OpenMode mode = OpenMode::CreateIfMissing,
                                                 const Environment& environment = process_environment());

}  // namespace loopstate
