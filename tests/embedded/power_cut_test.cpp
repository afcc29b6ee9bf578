// What was acknowledged survives a power failure at any moment. LOOPSTATE_POWER_CUTS says how often it fails
// (60).
#include <fmt/format.h>

#include "embedded/fixture.hpp"
#include "embedded/power_cut.hpp"
#include "embedded/seed.hpp"

namespace loopstate::embedded {
namespace {

constexpr int kCutWorkers = 4;

std::vector<std::string> writer_arguments(const std::string& durability) {
  return {"write",   "PATH", "0", std::to_string(kCutWorkers), "40", std::to_string(std::size_t{1} << 30),
          durability};
}

/// What is wrong with the store if the power fails after the first `cut` records; empty if nothing.
std::string faults_after_cut(const RecordedRun& run, std::size_t cut, const std::string& path,
                             std::mt19937_64& random) {
  const auto left = after_cut(run, cut, random);
  write_image(path, left.image);
  EmbeddedOptions options;
  options.path = path;
  options.durability = Durability::ProcessDeath;  // the copy's own durability is not under test
  auto table = open_embedded(options);
  if (!table) return table.error().message;
  std::string out = workload::faults(**table, left.acknowledged, kCutWorkers);
  if (!out.empty()) return out;
  table::Runner runner(1);
  auto more = runner.run((*table)->put({{{"AFTER", "cut"}, {}}, {}}, {workload::kNow, Deadline::max()}));
  return more ? "" : more.error().message;
}

TEST(PowerCut, WhatWasAcknowledgedSurvivesAnyLossOfUnsyncedWrites) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("LOOPSTATE_TEST_SEED={}", seed));
  std::mt19937_64 random(seed);
  const RecordedRun run = recorded_run(writer_arguments("synced"));
  ASSERT_GT(run.records.size(), 100u);
  const Folder folder;
  const int cuts = test_count("LOOPSTATE_POWER_CUTS", 60);
  for (int i = 0; i < cuts; ++i) {
    // The last cut comes after everything.
    const std::size_t cut = i + 1 == cuts ? run.records.size() : random() % (run.records.size() + 1);
    ASSERT_EQ(faults_after_cut(run, cut, folder.file(), random), "") << "power lost after record " << cut;
  }
}

TEST(PowerCut, TheReplayWouldNoticeAMissingSync) {
  std::mt19937_64 random(1);
  const RecordedRun run = recorded_run(writer_arguments("unsynced"));
  const auto is_sync = [](const Record& record) {
    return record.kind == RecordKind::Sync || record.kind == RecordKind::DurableWrite;
  };
  // All of the run's writes, none of them synced.
  const auto unsynced_end = std::find_if(run.records.begin(), run.records.end(), is_sync);
  const auto end = static_cast<std::size_t>(unsynced_end - run.records.begin());
  ASSERT_GT(end, 100u);
  // Lose everything: opens as it was before, except for what was acknowledged.
  Acknowledged acknowledged;
  for (std::size_t i = 0; i < end; ++i) {
    if (run.records[i].kind == RecordKind::Acknowledgement) acknowledge(acknowledged, run.records[i].bytes);
  }
  const Folder folder;
  write_image(folder.file(), run.before);
  Opened store(folder.file());
  EXPECT_NE(workload::faults(store.table(), acknowledged, kCutWorkers), "");
}

}  // namespace
}  // namespace loopstate::embedded
