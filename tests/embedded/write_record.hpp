// What write_recorder.cpp records: headers, each followed by its bytes.
#pragma once

#include <cstdint>

namespace loopstate::embedded {

enum class RecordKind : std::uint64_t {
  Write = 1,         ///< handed to the system: may or may not survive until the next sync
  DurableWrite = 2,  ///< written through a synchronous handle, and returned: survives
  Sync = 3,          ///< returned: every write before it survives
  Acknowledgement = 4,
  Truncate = 5  ///< `offset` is the new length
};

struct RecordHeader {
  RecordKind kind;
  std::uint64_t offset;
  std::uint64_t bytes;
};

}  // namespace loopstate::embedded
