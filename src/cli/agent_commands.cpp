// agent.
#include <fmt/format.h>
#include <unistd.h>

#include "agent/serve.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "log/log.hpp"

namespace loopstate::cli {
namespace {

constexpr std::uint64_t kMaxThreads = 64;

Result<Answer> agent(Program& program, const Arguments& arguments) {
  const auto threads = whole_number_or(arguments, "--threads", 1, 0, kMaxThreads);
  if (!threads) return std::unexpected(threads.error());
  const auto log_options = log::options_from_environment(process_environment(), isatty(STDERR_FILENO) == 1);
  if (!log_options) return std::unexpected(log_options.error());
  auto store = program.open();
  if (!store) return std::unexpected(store.error());
  agent::ServeOptions options{.listen = arguments.optional("--listen").value_or("127.0.0.1:8080"),
                              .store = std::move(*store),
                              .environment = process_environment(),
                              .log = log::Logger::to_stderr(*log_options),
                              .threads = static_cast<unsigned>(*threads),
                              .grace = std::chrono::milliseconds{25'000},
                              .on_listening = {}};
  options.on_listening = [json = program.json()](const std::string& address, std::uint16_t port) {
    // Port 0 lets the system choose: who starts the agent reads here where it is.
    const auto line = json ? JsonObject().text("address", address).number("port", port).str()
                           : fmt::format("listening on {}:{}", address, port);
    (void)write_stdout(line + "\n");
  };
  const auto served = agent::serve(std::move(options));
  if (!served) return std::unexpected(served.error());
  Answer done;
  done.written = true;
  return done;
}

}  // namespace

std::vector<Command> agent_commands() {
  return {{"agent",
           "Serve the payment providers' webhooks until SIGTERM",
           "Prints where it listens (port 0: any free one), logs to standard error. The secrets come from "
           "the environment:\n"
           "SQUARE_WEBHOOK_SIGNATURE_KEY and SQUARE_WEBHOOK_URL, STRIPE_WEBHOOK_SECRET, "
           "FIDEL_WEBHOOK_SECRET_AUTH,\n"
           "_CLEARING, _REFUND and _CARD_LINKED with FIDEL_WEBHOOK_URL, LOOPSTATE_PEPPER; each also as "
           "NAME_FILE.",
           "agent --listen 127.0.0.1:8080",
           {option("--listen", "HOST:PORT", "Where to listen (127.0.0.1:8080)"),
            option("--threads", "N", "Threads that serve (1); 0: one for each processor")},
           agent}};
}

}  // namespace loopstate::cli
