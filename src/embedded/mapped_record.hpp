// An item read where LMDB has mapped it, without a copy of its record in between.
#pragma once

#include <lmdb.h>

#include <optional>
#include <string_view>

#include "table/value.hpp"

namespace loopstate::embedded {

/// LMDB's code, or kFault. With 0, the attributes if the record is as it was written under this key; nothing
/// if it is not, or changed while it was read.
int read_mapped(MDB_txn* txn, MDB_dbi database, std::string_view key, std::optional<table::Attributes>& out);

}  // namespace loopstate::embedded
