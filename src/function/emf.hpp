// What one invocation did, in CloudWatch's embedded metric format: a line on standard output that CloudWatch
// turns into metrics on its own, without a call.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent/answer.hpp"

namespace loopstate::function {

/// Counts of one invocation. For one thread at a time.
struct Tally {
  std::uint64_t captures = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t refunds = 0;
  std::uint64_t unknown_cards = 0;
  std::uint64_t too_old = 0;
  std::uint64_t refusals = 0;        ///< not authentic or not understood
  std::uint64_t bad_signatures = 0;  ///< of these: not signed by the provider, or unsigned
  std::uint64_t switched_off = 0;    ///< of these: the provider has no secret here
  std::uint64_t store_busy = 0;      ///< to be delivered again
  std::uint64_t failures = 0;        ///< failures that repeating does not fix
  std::uint64_t bad_requests = 0;    ///< envelopes, paths and methods that are not supported
  std::uint64_t records = 0;         ///< in SQS batches
  std::uint64_t records_failed = 0;  ///< of these: left in the queue
  std::uint64_t retries = 0;         ///< calls to the store that were repeated
  std::uint64_t conflicts = 0;       ///< lost races and stale copies
  std::uint64_t store_requests = 0;
  bool cold = false;
  std::chrono::microseconds latency{0};

  void count(const agent::Answer& answer) noexcept;
};

/// The document, without a newline: namespace `loopstate`, dimension `FunctionName`. `Captures`, `Latency`
/// and `StoreRequests` are always in it, the others if they are not 0. `RequestId` is a property, for finding
/// an outlier's lines in the log.
///
/// Format: docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
/// CloudWatch_Embedded_Metric_Format_Specification.html.
std::string write_metrics(const Tally& tally, std::string_view function_name, std::string_view request_id,
                          std::int64_t unix_ms);

}  // namespace loopstate::function
