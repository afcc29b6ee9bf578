// bench.
#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "base/try.hpp"
#include "cli/bench.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/scratch_store.hpp"

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

// On the same file system as the user's store, whose speed is what one wants to know.
Result<std::string> folder_beside_the_users_store(const Program& program) {
  constexpr std::string_view kEmbedded = "embedded:";
  TRY(const auto settings, program.settings());
  if (!settings.url.starts_with(kEmbedded)) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("bench writes users and cards of its own: name a table for them with --store {}-bench, "
                    "since {} may be in use",
                    settings.url, settings.url));
  }
  const auto folder = std::filesystem::path(settings.url.substr(kEmbedded.size())).parent_path().string();
  return folder.empty() ? "." : folder;
}

Result<CommandOutput> bench(Program& program, const Arguments& arguments) {
  TRY(const auto options, bench_options(arguments));
  std::optional<ScratchStore> scratch;
  if (!program.named_store()) {
    TRY(const auto folder, folder_beside_the_users_store(program));
    TRY(auto made, ScratchStore::in(folder));
    scratch.emplace(std::move(made));
  }
  TRY(const auto settings,
      scratch ? program.settings_for("the scratch store", scratch->url()) : program.settings());
  TRY(auto store, Store::open(settings, OpenMode::CreateIfMissing));
  if (!scratch) {
    TRY_OK(program.run(check_is_for_bench(store, settings.store.default_timeout)));
  }
  TRY(const auto result, program.run(run_bench(std::move(store), options)));
  JsonObject json;
  json.text("op", options.op)
      .text("store", scratch ? "scratch" : settings.url)
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
           "to the server.\n"
           "It never writes into your store: without --store it makes one beside it (or beside where it "
           "would be), "
           "and removes it.\n"
           "With --store, users named bench-user-0 and so on stay there; a store with anything else in it is "
           "refused.",
           "bench --op capture --n 10000 --concurrency 32",
           {option_one_of("--op", "OP", {"fetch", "lookup", "push", "event", "capture"}, "What to measure"),
            option("--n", "N", "How many times (1000)"), option("--users", "U", "Over how many users (100)"),
            option("--context-bytes", "B", "Size of each context's JSON (1500)"),
            option("--concurrency", "C", "How many callers at once (1)")},
           bench}};
}

}  // namespace loopstate::cli
