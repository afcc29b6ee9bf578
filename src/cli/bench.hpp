// Measures one operation of the rules, many times, on any store.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "loopstate/store.hpp"

namespace loopstate::cli {

struct BenchOptions {
  std::string op;  ///< "fetch", "lookup", "push", "event", "capture"
  std::uint64_t n = 1000;
  std::uint64_t users = 100;
  std::uint64_t context_bytes = 1500;
  std::uint64_t concurrency = 1;
};

struct BenchResult {
  double mean_us = 0;
  double p50_us = 0;
  double p99_us = 0;
  double cpu_us = 0;  ///< of the whole process, including threads, per operation
  double ops_per_second = 0;
  double requests = 0;  ///< to a server, per operation, including retries
};

/// InvalidArgument, naming what was found, if the store has an item in it that no benchmark made; reads it
/// all.
Task<Result<void>> check_is_for_bench(Store store, std::chrono::milliseconds request_timeout);

/// Creates the users and cards that are missing (not measured), then runs. What a caller of the
/// rules would hold between two calls (contexts, cards) is held here, too. The first error ends it.
Task<Result<BenchResult>> run_bench(Store store, BenchOptions options);

}  // namespace loopstate::cli
