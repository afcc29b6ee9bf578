#include "embedded/power_cut.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "embedded/child.hpp"
#include "embedded/fixture.hpp"

namespace loopstate::embedded {
namespace {

constexpr std::size_t kSectorBytes = 512;

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

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

}  // namespace

RecordedRun recorded_run(std::vector<std::string> arguments) {
  const Folder folder;
  const std::string path = std::filesystem::canonical(folder.path()) / "store.db";
  Opened(path).close();
  RecordedRun out;
  out.before = read_file(path);
  const std::string log = folder.file("log");
  std::ranges::replace(arguments, "PATH", path);
  Child writer(std::move(arguments), {"LD_PRELOAD=" + built_file("embedded_write_recorder.so"),
                                      "LOOPSTATE_RECORD_FILE=" + path, "LOOPSTATE_RECORD_LOG=" + log});
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

AfterCut after_cut(const RecordedRun& run, std::size_t cut, std::mt19937_64& random) {
  std::size_t synced = 0;
  for (std::size_t i = 0; i < cut; ++i) {
    if (run.records[i].kind == RecordKind::Sync) synced = i;
  }
  Disk disk(run.before);
  AfterCut out;
  for (std::size_t i = 0; i < cut; ++i) {
    const Record& record = run.records[i];
    if (record.kind == RecordKind::Acknowledgement) acknowledge(out.acknowledged, record.bytes);
    if (record.kind == RecordKind::Truncate) disk.truncate(record.offset);
    if (record.kind == RecordKind::DurableWrite || (record.kind == RecordKind::Write && i < synced)) {
      disk.write(record.offset, record.bytes);
    } else if (record.kind == RecordKind::Write) {
      disk.write_some(record.offset, record.bytes, random);
    }
  }
  out.image = disk.image();
  return out;
}

void write_image(const std::string& path, const std::string& image) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << image;
}

}  // namespace loopstate::embedded
