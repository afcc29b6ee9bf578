// The power fails at any moment: of what was written since the last sync, any part may be lost. Records a run
// of child_program.cpp, and replays it up to that moment.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "embedded/workload.hpp"
#include "embedded/write_record.hpp"

namespace loopstate::embedded {

struct Record {
  RecordKind kind;
  std::uint64_t offset;
  std::string bytes;
};

struct RecordedRun {
  std::string before;
  std::vector<Record> records;
};

/// The complete run of a child, recorded, on a store that was created before. `arguments`: what it is to do,
/// with "PATH" in the place of the store's path.
RecordedRun recorded_run(std::vector<std::string> arguments);

struct AfterCut {
  std::string image;          ///< of the file
  Acknowledged acknowledged;  ///< until then
};

/// If the power fails after the first `cut` records.
AfterCut after_cut(const RecordedRun& run, std::size_t cut, std::mt19937_64& random);

/// Writes the image to a new file.
void write_image(const std::string& path, const std::string& image);

void acknowledge(Acknowledged& all, const std::string& line);

}  // namespace loopstate::embedded
