#include <gmock/gmock.h>

#include "cli/run_program.hpp"

namespace loopstate::cli_test {
namespace {

class BenchCommand : public CliTest {
 protected:
  std::string own_store() const { return "embedded:" + path("bench.db").string(); }
  std::size_t files() const {
    std::filesystem::directory_iterator all(path(""));
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }
};

TEST_F(BenchCommand, EveryOperationPrintsOneJsonLine) {
  for (const auto* op : {"fetch", "lookup", "push", "event", "capture"}) {
    const auto ran = text(
        {"--store", own_store(), "bench", "--op", op, "--n", "20", "--users", "3", "--concurrency", "2"});
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
  EXPECT_EQ(json(kDone, {"--store", own_store(), "check"}).number({"found"}), 0);
}

TEST_F(BenchCommand, ContextsHaveTheSizeAskedFor) {
  json(kDone, {"--store", own_store(), "bench", "--op", "fetch", "--n", "1", "--users", "1",
               "--context-bytes", "5000"});
  const auto size =
      json(kDone, {"--store", own_store(), "context", "get", "bench-user-0"}).text.text().size();
  EXPECT_GE(size, 4'990u);
  EXPECT_LE(size, 5'010u);
}

TEST_F(BenchCommand, WithoutAStoreOfItsOwnItMakesOneAndRemovesIt) {
  json(kDone, {"context", "init", "U1"});
  const auto before = files();
  const auto line = json(kDone, {"bench", "--op", "capture", "--n", "5", "--users", "2"});
  EXPECT_EQ(line.string({"store"}), "scratch");
  EXPECT_EQ(files(), before) << "nothing is left beside the store";
  EXPECT_EQ(json(kDone, {"check"}).number({"items"}), 1) << "the user's store is as it was";
}

TEST_F(BenchCommand, AStoreWithAnybodyElseInItIsRefused) {
  json(kDone, {"--store", own_store(), "bench", "--op", "capture", "--n", "5", "--users", "2"});
  json(kDone, {"--store", own_store(), "card", "link", "fp1", "U1"});
  fails(kMisused, "InvalidArgument", {"--store", own_store(), "bench", "--n", "5"});
}

TEST_F(BenchCommand, ATableIsNeverTakenFromTheEnvironment) {
  const auto ran = run_program({{"bench", "--n", "5"}, "", {{"LOOPSTATE_URL", "dynamodb:production"}}});
  EXPECT_EQ(ran.status, kMisused);
  EXPECT_THAT(ran.err, testing::HasSubstr("--store dynamodb:production-bench"));
}

}  // namespace
}  // namespace loopstate::cli_test
