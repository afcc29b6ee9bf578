// Reads: inline on the calling thread, each in a read transaction of its own.
#pragma once

#include <optional>
#include <string_view>

#include "embedded/environment.hpp"
#include "loopstate/error.hpp"
#include "table/table.hpp"

namespace loopstate::embedded {

Result<std::optional<table::Item>> read_item(Environment& environment, table::Key key, UnixSeconds now);

/// All keys in one transaction.
Result<std::vector<Result<std::optional<table::Item>>>> read_items(Environment& environment,
                                                                   std::vector<table::Key> keys,
                                                                   UnixSeconds now);

Result<table::Page> read_query(Environment& environment, const table::Query& query, UnixSeconds now);
Result<table::Page> read_scan(Environment& environment, const table::Scan& scan, UnixSeconds now);

}  // namespace loopstate::embedded
