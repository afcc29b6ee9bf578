#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

using BenchCommand = CliTest;

TEST_F(BenchCommand, EveryOperationPrintsOneJsonLine) {
  for (const auto* op : {"fetch", "lookup", "push", "event", "capture"}) {
    const auto ran = text({"bench", "--op", op, "--n", "20", "--users", "3", "--concurrency", "2"});
    ASSERT_EQ(ran.status, kDone) << op << ran.err;
    EXPECT_EQ(std::ranges::count(ran.out, '\n'), 1) << op;
    const auto parsed = JsonText::parse(ran.out);
    ASSERT_TRUE(parsed) << ran.out;
    const Document line{*parsed};
    EXPECT_EQ(line.string({"op"}), op);
    EXPECT_EQ(line.number({"n"}), 20);
    for (const auto* figure : {"mean_us", "p50_us", "p99_us", "cpu_us", "requests_per_op"}) {
      EXPECT_TRUE(line.has({figure})) << op << " " << figure;
    }
  }
  EXPECT_EQ(json(kDone, {"check"}).number({"found"}), 0);
}

TEST_F(BenchCommand, ContextsHaveTheSizeAskedFor) {
  json(kDone, {"bench", "--op", "fetch", "--n", "1", "--users", "1", "--context-bytes", "5000"});
  const auto size = json(kDone, {"context", "get", "bench-user-0"}).text.text().size();
  EXPECT_GE(size, 4'990u);
  EXPECT_LE(size, 5'010u);
}

}  // namespace
}  // namespace loopstate::cli_test
