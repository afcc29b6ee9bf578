// Transactions whose traces show, after a crash, whether each was written completely.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "loopstate/clock.hpp"
#include "table/table.hpp"

namespace loopstate::embedded {

/// The last transaction acknowledged, for each worker.
using Acknowledged = std::map<int, std::int64_t>;

/// Each worker counts its transactions from 1. One raises the worker's number, adds an item, removes the one
/// eight transactions older, raises a counter that all workers share, and leaves an already expired item
/// for the sweeper.
namespace workload {

inline constexpr Timestamp kNow{std::chrono::seconds{1'700'000'000}};
inline constexpr std::int64_t kKept = 8;

std::vector<table::Operation> transaction(int worker, std::int64_t number);
std::string token(int worker, std::int64_t number);
/// What must exist before the first transaction; putting it again changes nothing.
table::Put shared_counter();
table::Key number_key(int worker);
table::Key shared_key();
std::int64_t number_of(const std::optional<table::Item>& item);

/// What is wrong with the store, in words; empty if every acknowledged transaction is there and every
/// transaction is whole. A worker's number may be one or more above what it acknowledged.
std::string faults(table::Table& table, const Acknowledged& acknowledged, int workers);

/// What is wrong with the expiry index of a closed store's file.
std::string index_faults(const std::string& path);

}  // namespace workload
}  // namespace loopstate::embedded
