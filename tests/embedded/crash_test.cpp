// A writer killed at random moments. LOOPSTATE_CRASH_KILLS says how often (20; the full run takes 200 or
// more).
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "embedded/child.hpp"
#include "embedded/fixture.hpp"
#include "embedded/seed.hpp"

namespace loopstate::embedded {
namespace {

constexpr int kWorkers = 4;

std::vector<std::string> writer_arguments(const std::string& path) {
  return {"write", path, "0", std::to_string(kWorkers), "0", std::to_string(std::size_t{1} << 30), "synced"};
}

/// The kill comes at a random moment: this wait is the subject of the test, not a way to order things.
void wait_a_moment(std::mt19937_64& random, int at_most_us) {
  std::this_thread::sleep_for(
      std::chrono::microseconds(std::uniform_int_distribution<int>(0, at_most_us)(random)));
}

void merge(Acknowledged& all, const Acknowledged& more) {
  for (const auto& [worker, number] : more) all[worker] = std::max(all[worker], number);
}

TEST(Crash, EveryAcknowledgedWriteIsThereAndEveryTransactionWhole) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("LOOPSTATE_TEST_SEED={}", seed));
  std::mt19937_64 random(seed);
  const int kills = test_count("LOOPSTATE_CRASH_KILLS", 20);
  const Folder folder;
  Acknowledged acknowledged;
  // Half of the time another process has the file open, so that the lock file, and the lock that the dead
  // process held in it, live on.
  std::optional<Opened> bystander;
  for (int kill = 0; kill < kills; ++kill) {
    {
      Child writer(writer_arguments(folder.file()));
      if (kill % 4 == 0) {
        wait_a_moment(random, 15'000);  // perhaps while it creates or opens the file
      } else {
        writer.await_line();
        wait_a_moment(random, 30'000);
      }
      writer.kill();
      merge(acknowledged, writer.acknowledged());
    }
    if (bystander && kill % 2 == 1) {
      ASSERT_EQ(workload::faults(bystander->table(), acknowledged, kWorkers), "") << "after kill " << kill;
      bystander.reset();
    } else {
      bystander.emplace(folder.file());
      ASSERT_EQ(workload::faults(bystander->table(), acknowledged, kWorkers), "") << "after kill " << kill;
    }
  }
  bystander.reset();
  EXPECT_EQ(workload::index_faults(folder.file()), "");
  EXPECT_GT(acknowledged[0], 0) << "the writer never got to write";
}

}  // namespace
}  // namespace loopstate::embedded
