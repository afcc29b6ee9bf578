// One process of a history: a few callers on a store, each on its own thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "histories/calls.hpp"
#include "table/table.hpp"

namespace loopstate::histories {

/// How a process uses a server.
struct Manner {
  std::uint32_t attempts_max = 4;
  bool falls_back = true;  ///< from a cluster to the table itself
};

/// Where the state is: "embedded:PATH", or "http://HOST:PORT TABLE" of a DynamoDB server, or "dax://HOST:PORT
/// TABLE" of a cluster in front of it. After `kStalePlace`: the same, but reads that may be stale show any
/// state that this process has seen written.
inline constexpr std::string_view kStalePlace = "stale:";
Result<std::shared_ptr<table::Table>> open_place(const std::string& place, Manner manner = {});
StoreSettings store_settings();

/// The clock that every history begins with.
constexpr Timestamp kStart{std::chrono::seconds{1'790'000'000}};

struct Work {
  std::string kind;
  std::string place;
  std::uint64_t seed = 0;
  int process = 0;
  int callers = 2;
  int calls_each = 12;
  Scale scale;
};

/// Records on standard output. The exit status.
int run_worker(const Work& work);

}  // namespace loopstate::histories
