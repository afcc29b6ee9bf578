// Writers of documents killed before each of their calls and at random moments, and after power failures.
// LOOPSTATE_CRASH_KILLS (10) and LOOPSTATE_POWER_CUTS (15) say how often.
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "embedded/child.hpp"
#include "embedded/documents_workload.hpp"
#include "embedded/fixture.hpp"
#include "embedded/power_cut.hpp"
#include "embedded/seed.hpp"

namespace loopstate::embedded {
namespace {

/// Has every kind of write in it.
constexpr std::int64_t kRoundsOfAll = 4;

std::vector<std::string> documents_arguments(const std::string& path, std::int64_t first, std::int64_t rounds,
                                             const std::string& kill_before, const std::string& durability) {
  return {"documents", path, std::to_string(first), std::to_string(rounds), kill_before, durability};
}

std::int64_t last_append(const Acknowledged& acknowledged) {
  const auto found = acknowledged.find(documents_workload::Appended);
  return found == acknowledged.end() ? 0 : found->second;
}

TEST(DocumentsCrash, AKillBeforeAnyCallLosesNothingAndLeavesNothingHalf) {
  constexpr int kMostCalls = 500;
  bool was_killed = true;
  for (int call = 0; was_killed; ++call) {
    ASSERT_LT(call, kMostCalls);
    const Folder folder;
    Child writer(documents_arguments(folder.file(), 1, kRoundsOfAll, std::to_string(call), "unsynced"));
    const int status = writer.wait();
    ASSERT_TRUE(status == 0 || status == -1) << writer.output();
    was_killed = status == -1;
    auto acknowledged = writer.acknowledged();
    ASSERT_EQ(documents_workload::faults(folder.file(), acknowledged), "") << "killed before call " << call;
    // Whoever comes next goes on from there.
    const auto first = last_append(acknowledged) + 1;
    Child next(documents_arguments(folder.file(), first, 1, "none", "unsynced"));
    ASSERT_EQ(next.wait(), 0) << next.output() << "killed before call " << call;
    for (const auto& [kind, number] : next.acknowledged()) acknowledged[kind] = number;
    ASSERT_EQ(documents_workload::faults(folder.file(), acknowledged), "") << "killed before call " << call;
  }
}

/// The kill comes at a random moment: this wait is the subject of the test, not a way to order things.
void wait_some_time(std::mt19937_64& random) {
  std::this_thread::sleep_for(
      std::chrono::microseconds(std::uniform_int_distribution<int>(0, 60'000)(random)));
}

TEST(DocumentsCrash, AKillAtAnyMomentLosesNothingAndLeavesNothingHalf) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("LOOPSTATE_TEST_SEED={}", seed));
  std::mt19937_64 random(seed);
  const int kills = test_count("LOOPSTATE_CRASH_KILLS", 10);
  const Folder folder;
  Acknowledged acknowledged;
  for (int kill = 0; kill < kills; ++kill) {
    const auto first = last_append(acknowledged) + 1;
    Child writer(documents_arguments(folder.file(), first, 100'000, "none", "synced"));
    writer.await_line();
    wait_some_time(random);
    writer.kill();
    for (const auto& [kind, number] : writer.acknowledged()) acknowledged[kind] = number;
    ASSERT_EQ(documents_workload::faults(folder.file(), acknowledged), "") << "after kill " << kill;
  }
  EXPECT_GT(last_append(acknowledged), 0);
}

TEST(DocumentsCrash, WhatWasAcknowledgedSurvivesAnyLossOfUnsyncedWrites) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("LOOPSTATE_TEST_SEED={}", seed));
  std::mt19937_64 random(seed);
  const auto run = recorded_run(documents_arguments("PATH", 1, kRoundsOfAll, "none", "synced"));
  ASSERT_GT(run.records.size(), 100u);
  const Folder folder;
  const int cuts = test_count("LOOPSTATE_POWER_CUTS", 15);
  for (int i = 0; i < cuts; ++i) {
    // The last cut comes after everything.
    const std::size_t cut = i + 1 == cuts ? run.records.size() : random() % (run.records.size() + 1);
    const auto left = after_cut(run, cut, random);
    const auto path = folder.file(fmt::format("cut{}.db", i));
    write_image(path, left.image);
    ASSERT_EQ(documents_workload::faults(path, left.acknowledged), "") << "power lost after record " << cut;
    std::filesystem::remove(path);
  }
}

}  // namespace
}  // namespace loopstate::embedded
