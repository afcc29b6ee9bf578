// The power fails at any moment: of what was written since the last sync, any part may be lost. Replays a
// recorded run. LOOPSTATE_POWER_CUTS says how often (60).
#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>

#include "embedded/child.hpp"
#include "embedded/fixture.hpp"
#include "embedded/seed.hpp"
#include "embedded/write_record.hpp"

namespace loopstate::embedded {
namespace {

constexpr int kCutWorkers = 4;
constexpr std::size_t kSectorBytes = 512;

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Record {
  RecordKind kind;
  std::uint64_t offset;
  std::string bytes;
};

std::vector<Record> read_record(const std::string& path) {
  const std::string all = read_file(path);
  std::vector<Record> out;
  RecordHeader header{};
  for (std::size_t at = 0; at + sizeof header <= all.size();) {
    std::memcpy(&header, all.data() + at, sizeof header);
    at += sizeof header;
    out.push_back({header.kind, header.offset, all.substr(at, header.bytes)});
    at += header.bytes;
  }
  return out;
}

/// The file as the disk has it.
class Disk {
 public:
  explicit Disk(std::string image) : image_(std::move(image)) {}

  void write(std::uint64_t offset, std::string_view bytes) {
    if (image_.size() < offset + bytes.size()) image_.resize(offset + bytes.size());
    std::copy(bytes.begin(), bytes.end(), image_.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  /// Each sector independently reaches the disk or does not.
  void write_some(std::uint64_t offset, std::string_view bytes, std::mt19937_64& random) {
    std::bernoulli_distribution gets_there(0.5);
    for (std::size_t at = 0; at < bytes.size();) {
      const std::size_t count = std::min(kSectorBytes - (offset + at) % kSectorBytes, bytes.size() - at);
      if (gets_there(random)) write(offset + at, bytes.substr(at, count));
      at += count;
    }
  }
  void truncate(std::uint64_t bytes) { image_.resize(bytes); }
  const std::string& image() const { return image_; }

 private:
  std::string image_;
};

struct RecordedRun {
  std::string before;
  std::vector<Record> records;
};

/// A writer's complete run, recorded.
RecordedRun recorded_run(const std::string& durability) {
  const Folder folder;
  const std::string path = std::filesystem::canonical(folder.path()) / "store.db";
  Opened(path).close();
  RecordedRun out;
  out.before = read_file(path);
  const std::string log = folder.file("log");
  Child writer({"write", path, "0", std::to_string(kCutWorkers), "40", std::to_string(std::size_t{1} << 30),
                durability},
               {"LD_PRELOAD=" + built_file("embedded_write_recorder.so"), "LOOPSTATE_RECORD_FILE=" + path,
                "LOOPSTATE_RECORD_LOG=" + log});
  EXPECT_EQ(writer.wait(), 0);
  out.records = read_record(log);
  return out;
}

void acknowledge(Acknowledged& all, const std::string& line) {
  std::istringstream in(line);
  int worker = 0;
  std::int64_t number = 0;
  if (in >> worker >> number) all[worker] = std::max(all[worker], number);
}

/// What is wrong with the store if the power fails after the first `cut` records; empty if nothing.
std::string faults_after_cut(const RecordedRun& run, std::size_t cut, const std::string& path,
                             std::mt19937_64& random) {
  std::size_t synced = 0;
  for (std::size_t i = 0; i < cut; ++i) {
    if (run.records[i].kind == RecordKind::Sync) synced = i;
  }
  Disk disk(run.before);
  Acknowledged acknowledged;
  for (std::size_t i = 0; i < cut; ++i) {
    const Record& record = run.records[i];
    if (record.kind == RecordKind::Acknowledgement) acknowledge(acknowledged, record.bytes);
    if (record.kind == RecordKind::Truncate) disk.truncate(record.offset);
    if (record.kind == RecordKind::DurableWrite || (record.kind == RecordKind::Write && i < synced)) {
      disk.write(record.offset, record.bytes);
    } else if (record.kind == RecordKind::Write) {
      disk.write_some(record.offset, record.bytes, random);
    }
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << disk.image();
  EmbeddedOptions options;
  options.path = path;
  options.durability = Durability::ProcessDeath;  // the copy's own durability is not under test
  auto table = open_embedded(options);
  if (!table) return table.error().message;
  std::string out = workload::faults(**table, acknowledged, kCutWorkers);
  if (!out.empty()) return out;
  table::Runner runner(1);
  auto more = runner.run((*table)->put({{{"AFTER", "cut"}, {}}, {}}, {workload::kNow, Deadline::max()}));
  return more ? "" : more.error().message;
}

TEST(PowerCut, WhatWasAcknowledgedSurvivesAnyLossOfUnsyncedWrites) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE(fmt::format("LOOPSTATE_TEST_SEED={}", seed));
  std::mt19937_64 random(seed);
  const RecordedRun run = recorded_run("synced");
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
  const RecordedRun run = recorded_run("unsynced");
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
  std::ofstream(folder.file(), std::ios::binary) << run.before;
  Opened store(folder.file());
  EXPECT_NE(workload::faults(store.table(), acknowledged, kCutWorkers), "");
}

}  // namespace
}  // namespace loopstate::embedded
