// What goes wrong between here and a cluster, each under a name: for suites that run once with each, and at
// random.
#pragma once

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <string_view>

#include "dax/test_cluster.hpp"

namespace loopstate::dax {

/// As TestCluster::fault takes it.
struct NamedFault {
  std::string_view name;
  std::string_view kind;
  std::string_view more = "";
  bool silent = false;  ///< no reply comes, or none to its end: the attempt ends when its time is up
};

inline constexpr NamedFault kFaults[] = {
    {"DropBefore", "drop"},
    {"DropAfter", "drop", R"("after":true)"},
    {"CutReply", "cut"},
    {"CutAfterTheFirstByte", "cut", R"("keep":1)"},
    {"ClosedAfterAGoodReply", "cut", R"("keep":1000000)"},
    {"Garbage", "garbage"},
    {"AnotherCallsReply", "replace", R"("bytes":"8081a0")", true},
    {"StrayBytes", "append", R"("bytes":"80a0")"},
    {"ReplyTwice", "twice"},
    {"ByteByByte", "trickle"},
    {"ErrorBefore", "internal"},
    {"ErrorAfter", "internal", R"("after":true)"},
    {"OutcomeUnknown", "outcome_unknown", R"("after":true)"},
    {"Recovering", "recovering"},
    {"NewLeader", "recovering", R"("leader":1)"},
    {"NewLeaderAfter", "drop", R"("leader":1,"after":true)"},
    {"Throttled", "throttle"},
    {"Conflict", "error", R"("name":"TransactionConflictException","message":"conflict")"},
    {"InProgress", "error", R"("name":"TransactionInProgressException","message":"in progress")"},
    {"Unauthorized", "unauthorized"},
    {"Unprocessed", "unprocessed", R"("keep":1)"},
    {"NothingProcessed", "unprocessed", R"("keep":0)"},
    {"HangBefore", "hang", "", true},
    {"HangAfter", "hang", R"("after":true)", true},
    {"Late", "late", "", true},
};

inline void PrintTo(const NamedFault& fault, std::ostream* out) {
  *out << fault.name;
}

/// This share of the calls meets one of them; the silent ones, which take an attempt's whole time, are rare.
inline void let_things_go_wrong(TestCluster& cluster, std::uint64_t seed, double share) {
  constexpr int kCopies = 12;
  std::string faults;
  for (int copy = 0; copy < kCopies; ++copy) {
    for (const NamedFault& fault : kFaults) {
      if (fault.silent && copy > 0) continue;
      faults += fmt::format(R"({}{{"kind":"{}"{}{}}})", faults.empty() ? "" : ",", fault.kind,
                            fault.more.empty() ? "" : ",", fault.more);
    }
  }
  cluster.tell("faults_at_random", fmt::format(R"("seed":{},"share":{},"faults":[{}])", seed, share, faults));
}

}  // namespace loopstate::dax
