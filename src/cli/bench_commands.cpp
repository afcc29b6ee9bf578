// bench.
#include <fmt/format.h>

#include "base/try.hpp"
#include "cli/bench.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"

namespace loopstate::cli {
namespace {

constexpr std::uint64_t kMaxOperations = 10'000'000;
constexpr std::uint64_t kMaxUsers = 1'000'000;
constexpr std::uint64_t kMaxContextBytes = 390'000;
constexpr std::uint64_t kMaxConcurrency = 1'024;

Result<BenchOptions> bench_options(const Arguments& arguments) {
  BenchOptions options;
  options.op = arguments.optional("--op").value_or("fetch");
  const auto set = [&](std::uint64_t& value, std::string_view name, std::uint64_t most) -> Result<void> {
    TRY(const auto given, whole_number_or(arguments, name, value, 1, most));
    value = given;
    return {};
  };
  TRY_OK(set(options.n, "--n", kMaxOperations));
  TRY_OK(set(options.users, "--users", kMaxUsers));
  TRY_OK(set(options.context_bytes, "--context-bytes", kMaxContextBytes));
  TRY_OK(set(options.concurrency, "--concurrency", kMaxConcurrency));
  return options;
}

Result<CommandOutput> bench(Program& program, const Arguments& arguments) {
  TRY(const auto options, bench_options(arguments));
  TRY(auto store, program.open());
  TRY(const auto result, program.run(run_bench(std::move(store), options)));
  JsonObject json;
  json.text("op", options.op)
      .number("n", options.n)
      .number("users", std::max(options.users, options.concurrency));
  json.number("context_bytes", options.context_bytes).number("concurrency", options.concurrency);
  json.decimal("mean_us", result.mean_us).decimal("p50_us", result.p50_us).decimal("p99_us", result.p99_us);
  json.decimal("cpu_us", result.cpu_us).decimal("ops_per_second", result.ops_per_second);
  json.decimal("requests_per_op", result.requests);
  return CommandOutput{json.str(), json.str()};
}

}  // namespace

std::vector<Command> bench_commands() {
  return {{"bench",
           "Measure one operation on a store, many times",
           "Prints one JSON line: mean, p50, p99 and CPU time of one operation in microseconds, and requests "
           "to the server. It\n"
           "creates users named bench-user-0 and so on, and leaves them there: give it a separate store.",
           "--store embedded:/tmp/bench.db bench --op capture --n 10000 --concurrency 32",
           {option_one_of("--op", "OP", {"fetch", "lookup", "push", "event", "capture"}, "What to measure"),
            option("--n", "N", "How many times (1000)"), option("--users", "U", "Over how many users (100)"),
            option("--context-bytes", "B", "Size of each context's JSON (1500)"),
            option("--concurrency", "C", "How many callers at once (1)")},
           bench}};
}

}  // namespace loopstate::cli
