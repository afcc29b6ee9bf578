// Steps of a random sequence: what to ask of a table, or how far the clock advances. The same seed gives the
// same steps on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "table/table.hpp"

namespace loopstate::table {

struct GetStep {
  Key key;
};
struct BatchGetStep {
  std::vector<Key> keys;
};
struct WriteStep {
  Operation operation;  // never a Check
};
struct BatchPutStep {
  std::vector<Item> items;
};
struct TransactStep {
  std::vector<Operation> operations;
  int token = 0;  ///< steps with the same number use the same token
};
struct QueryStep {
  Query query;  ///< read to its end, whatever the pages
};
struct ScanStep {
  std::size_t limit = 0;
  std::uint32_t segments = 1;
};
struct ClockStep {
  std::chrono::seconds by{};
};

using Step = std::variant<GetStep, BatchGetStep, WriteStep, BatchPutStep, TransactStep, QueryStep, ScanStep,
                          ClockStep>;

struct SequenceOptions {
  std::uint64_t seed = 1;
  std::size_t steps = 200;
  Timestamp start{std::chrono::seconds{1'700'000'000}};
  /// False on an engine that forgets tokens by its own clock: none is used again after the clock advanced.
  bool tokens_follow_the_clock = true;
};

std::vector<Step> random_steps(const SequenceOptions& options);

std::string text_of(const Step& step);

}  // namespace loopstate::table
