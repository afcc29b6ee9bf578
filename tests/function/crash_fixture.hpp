// Plays Lambda for a function that dies: restarts it and delivers the event again, until it is served.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/agent_fixture.hpp"
#include "fault_proxy/blocking_server.hpp"
#include "lambda/child_process.hpp"
#include "lambda/runtime_api_stub.hpp"
#include "loopstate/store.hpp"
#include "port/runner.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate::function {

using lambda::ApiAnswer;
using lambda::ApiCall;
using lambda::built_program;
using lambda::ChildProcess;
using lambda::RuntimeApiStub;
using lambda::TemporaryFolder;
using lambda::text_of_file;

/// Where the state outlives the process.
struct CrashEngine {
  std::map<std::string, std::string> environment;  ///< makes the function use it
  std::shared_ptr<table::Table> table;             ///< the test's own access to it
};

/// What became of one event.
struct CrashDelivery {
  std::string reply;             ///< the last one
  bool killed_at_first = false;  ///< whether the first start got as far as its crash site
};

/// The outside service: counts what it gave.
class PartnerService {
 public:
  PartnerService();
  std::string url() const;
  int given(const std::string& id) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> given_;
  testing_net::BlockingServer server_;
};

class CrashScene {
 public:
  CrashScene(CrashEngine engine, std::string handler);

  /// Delivers until the function survives. Its nth start is killed at `crash_at[n]`, later ones are not.
  CrashDelivery deliver(const std::string& event, const std::vector<std::uint64_t>& crash_at);

  /// Kills at the first await, then the second, ... until there are none left; and each second start even
  /// earlier.
  void kill_everywhere_capturing();
  void kill_everywhere_calling_out();

 private:
  bool serve_once(const std::string& event, std::uint64_t crash_at, Timestamp now, std::string& reply);
  bool capture_once(const std::string& name, const std::vector<std::uint64_t>& crash_at);
  Store store() { return store::store_over(engine_.table, StoreSettings{}, clock_); }

  CrashEngine engine_;
  std::string handler_;
  agent::TestClock clock_;
  PartnerService partner_;
  table::Runner runner_;
  std::map<std::string, int> replies_;
  std::uint64_t version_ = 0;  ///< of a context after one capture
};

}  // namespace loopstate::function
