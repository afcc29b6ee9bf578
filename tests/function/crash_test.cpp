// Killed at every await in turn, then the event delivered again: its value is captured once.
#include "embedded/embedded_table.hpp"
#include "function/crash_fixture.hpp"

namespace loopstate::function {

namespace {

CrashEngine embedded_engine(const TemporaryFolder& folder) {
  CrashEngine engine;
  embedded::EmbeddedOptions options;
  options.path = folder.file("state.db");
  options.create_if_missing = true;
  engine.table = embedded::open_embedded(options).value();
  engine.environment["LOOPSTATE_URL"] = "embedded:" + options.path;
  return engine;
}

}  // namespace

TEST(CrashEmbedded, KilledAtEveryAwaitOfACaptureItIsCapturedOnce) {
  const TemporaryFolder folder;
  CrashScene(embedded_engine(folder), "agent").kill_everywhere_capturing();
}

TEST(CrashEmbedded, KilledAtEveryAwaitOfAHandlerThatCallsOutItCallsOnce) {
  const TemporaryFolder folder;
  CrashScene(embedded_engine(folder), "partner").kill_everywhere_calling_out();
}

}  // namespace loopstate::function
