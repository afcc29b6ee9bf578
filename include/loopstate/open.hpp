// Opens a store by its URL.
#pragma once

#include <memory>

#include "loopstate/error.hpp"
#include "loopstate/settings.hpp"
#include "loopstate/store.hpp"

namespace loopstate {

enum class OpenMode : bool {
  Existing,        ///< TableNotFound where nothing is there
  CreateIfMissing  ///< an embedded file is made; a DynamoDB table never is (that is `loopstate init`)
};

/// The table that `settings.url` names. Opening an embedded file reads it; opening a DynamoDB table sends
/// nothing. InvalidArgument, TableNotFound, TableMismatch, StorageCorrupt, StorageReadOnly, StorageFull,
/// StorageFailure.
Result<std::shared_ptr<table::Table>> open_table(const Settings& settings,
                                                 OpenMode mode = OpenMode::CreateIfMissing);

/// The same with the rules on top; InvalidArgument also where `settings.store` is out of range. A child after
/// fork() opens its own: what was opened before answers every call there with StorageFailure.
Result<Store> open(const Settings& settings, OpenMode mode = OpenMode::CreateIfMissing);

}  // namespace loopstate
