// How the agent ends.
#include <sys/wait.h>

#include "cli/run_program.hpp"
#include "cli/running_agent.hpp"
#include "crypto/base64.hpp"

namespace loopstate::cli_test {
namespace {

using AgentEnd = CliTest;

TEST_F(AgentEnd, IsTheAgentsOwnHoweverOftenItIsTold) {
  const auto pepper = write_file("pepper", crypto::base64_encode(std::string(40, 'p')) + "\n");
  RunningAgent agent(url(), pepper);
  const int status = agent.terminate_again_and_again();
  EXPECT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace loopstate::cli_test
