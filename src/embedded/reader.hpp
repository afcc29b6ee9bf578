// Reads: inline on the calling thread, each in its own read transaction.
#pragma once

#include <optional>
#include <string_view>

#include "embedded/environment.hpp"
#include "loopstate/error.hpp"
#include "table/table.hpp"

namespace loopstate::embedded {

/// As DynamoDB counts a page: before expired items are left out.
inline constexpr std::size_t kPageBytes = std::size_t{1} << 20;
/// Damaged records may be tiny, and each is reported in a sentence.
inline constexpr std::size_t kPageDamagedItems = 1000;

/// How often what was found or not is looked for again if it cannot be confirmed. Each time, others have
/// committed between two statements.
inline constexpr int kMostLooks = 1024;

Result<std::optional<table::Item>> read_item(Environment& environment, table::Key&& key, table::Call call);

/// All keys in one transaction.
Result<std::vector<Result<std::optional<table::Item>>>> read_items(Environment& environment,
                                                                   std::vector<table::Key> keys,
                                                                   table::Call call);

Result<table::Page> read_query(Environment& environment, const table::Query& query, table::Call call);
Result<table::Page> read_scan(Environment& environment, const table::Scan& scan, table::Call call);
std::string scan_cursor_after(const table::Key& key);

}  // namespace loopstate::embedded
