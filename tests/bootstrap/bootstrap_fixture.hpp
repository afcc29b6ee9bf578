// The real `bootstrap` on its own table in the DynamoDB server, behind a proxy that counts.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/agent_fixture.hpp"
#include "bootstrap/counting_proxy.hpp"
#include "dynamodb/test_server.hpp"
#include "function/events.hpp"
#include "lambda/child_process.hpp"
#include "lambda/runtime_api_stub.hpp"

namespace loopstate::function {

using lambda::ApiAnswer;
using lambda::ApiCall;
using lambda::built_program;
using lambda::ChildProcess;
using lambda::RuntimeApiStub;
using lambda::TemporaryFolder;
using lambda::text_of_file;

/// What starts `bootstrap`: the one that was built or, if LOOPSTATE_BOOTSTRAP is set, that file. Before it
/// goes LOOPSTATE_BOOTSTRAP_EMULATOR, a program that runs it if this processor cannot (tools/arm64-check).
std::vector<std::string> bootstrap_command();
/// With this environment and no other.
ChildProcess start_bootstrap(const std::map<std::string, std::string>& environment,
                             const std::string& log_file);
/// The same in another root, into whose folder `folder` ("" is the top) it is copied.
ChildProcess start_bootstrap_in(const std::string& root, const std::string& folder,
                                const std::map<std::string, std::string>& environment,
                                const std::string& log_file);

/// What Lambda would set, and the settings of a function with all providers.
std::map<std::string, std::string> function_environment(const std::string& table,
                                                        const std::string& endpoint);

/// Unix seconds, by this machine's clock, which is the one `bootstrap` uses.
Timestamp machine_time();
/// "2026-11-25T12:00:00.000Z".
std::string rfc3339(Timestamp time);

/// A table, and what a test inspects it with.
class FunctionTable {
 public:
  FunctionTable();

  const std::string& name() const { return name_; }
  const std::string& endpoint() const { return endpoint_; }

  void link(std::string_view card_id, std::string_view user);
  Snapshot snapshot(std::string_view user);

 private:
  std::string endpoint_ = dynamodb::server_endpoint();
  std::string name_ = dynamodb::fresh_table_name();
  table::Runner runner_;
  std::shared_ptr<dynamodb::DynamoDbTable> table_;
};

/// A Square payment made a minute ago.
std::string fresh_square_payment(std::string_view id, std::string_view card);
/// As the function's own URL passes it on.
std::string square_event(std::string_view fixture, const std::string& body);

}  // namespace loopstate::function
