// The same over a DynamoDB server.
#include "dynamodb/test_server.hpp"
#include "function/crash_fixture.hpp"

namespace loopstate::function {

namespace {

CrashEngine dynamodb_engine() {
  CrashEngine engine;
  const std::string endpoint = dynamodb::server_endpoint();
  dynamodb::TableSettings settings;
  settings.table = dynamodb::fresh_table_name();
  // A server may keep separate tables for each access key and region.
  engine.environment = {{"LOOPSTATE_URL", "dynamodb:" + settings.table},
                        {"AWS_ENDPOINT_URL_DYNAMODB", endpoint},
                        {"AWS_REGION", "us-east-1"},
                        {"AWS_ACCESS_KEY_ID", "local"},
                        {"AWS_SECRET_ACCESS_KEY", "test"}};
  engine.table = dynamodb::open_on_server(endpoint, settings).table;
  table::Runner runner;
  table::Call call;
  call.now = agent::kNow;
  call.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  const auto made = runner.run(engine.table->initialise(call));
  EXPECT_TRUE(made) << made.error().message;
  return engine;
}

}  // namespace

TEST(CrashDynamoDb, KilledAtEveryAwaitOfACaptureItIsCapturedOnce) {
  CrashScene(dynamodb_engine(), "agent").kill_everywhere_capturing();
}

TEST(CrashDynamoDb, KilledAtEveryAwaitOfAHandlerThatCallsOutItCallsOnce) {
  CrashScene(dynamodb_engine(), "partner").kill_everywhere_calling_out();
}

}  // namespace loopstate::function
