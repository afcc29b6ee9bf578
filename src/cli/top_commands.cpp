// top.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <thread>

#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/top_screen.hpp"
#include "http/client/client.hpp"

namespace loopstate::cli {
namespace {

constexpr std::string_view kDefaultAgent = "127.0.0.1:8081";
constexpr std::uint64_t kEveryMax = 3600;
constexpr std::chrono::seconds kTimeout{5};
constexpr std::size_t kReplyBytesMax = 1u << 20;
/// The cursor to the upper left, and everything after it away: what was drawn before does not flicker.
constexpr std::string_view kHome = "\x1b[H\x1b[J";

/// Asks one agent, again and again.
class Watched {
 public:
  static Result<Watched> at(std::string agent) {
    TRY(auto endpoint, http::parse_endpoint("http://" + agent, "--agent"));
    http::ClientSettings settings;
    settings.reply_bytes_max = kReplyBytesMax;
    TRY(auto client, http::Client::create(std::move(endpoint), settings));
    return Watched(std::move(agent), std::move(client));
  }

  Result<Scrape> scrape(Program& program) {
    const auto deadline = std::chrono::steady_clock::now() + kTimeout;
    auto reply =
        program.run(client_->send(http::ClientRequest("GET", "/metrics"), deadline, http::Repeat::Harmless));
    if (!reply) {
      return fail(reply.error().error.code,
                  fmt::format("{}; an agent's admin listener is expected at {}, where 'loopstate agent' says "
                              "\"admin on\": name another with --agent HOST:PORT",
                              reply.error().error.message, agent_),
                  reply.error().error.retryable);
    }
    if (reply->status != 200) {
      return fail(ErrorCode::ProtocolError,
                  fmt::format("{} answers /metrics with {}; an agent's admin listener is expected there, "
                              "not the one for webhooks: --agent HOST:PORT",
                              agent_, reply->status));
    }
    return read_metrics(reply->body, system_clock().now());
  }

  const std::string& agent() const noexcept { return agent_; }

 private:
  Watched(std::string agent, std::unique_ptr<http::Client> client)
      : agent_(std::move(agent)), client_(std::move(client)) {}

  std::string agent_;
  std::unique_ptr<http::Client> client_;
};

/// Until whoever watches ends it, with Ctrl-C or by closing the terminal.
Result<CommandOutput> watch(Program& program, Watched& watched, Scrape now, std::chrono::seconds every) {
  std::optional<Scrape> before;
  TroubleLog log;
  std::string unreachable;
  for (;;) {
    auto text = top_text(watched.agent(), before ? &*before : nullptr, now, log, program.style());
    if (!unreachable.empty()) text += "\n" + program.style().red(printable(unreachable)) + "\n";
    TRY_OK(write_stdout(std::string(kHome) + safe_text(text)));
    std::this_thread::sleep_for(every);
    auto next = watched.scrape(program);
    unreachable = next ? "" : next.error().message;
    if (!next) continue;
    before = std::exchange(now, std::move(*next));
    log.add(Change(&*before, now));
  }
}

Result<CommandOutput> top(Program& program, const Arguments& arguments) {
  TRY(const auto every, whole_number_or(arguments, "--every", 2, 1, kEveryMax));
  TRY(auto watched, Watched::at(arguments.optional("--agent").value_or(std::string(kDefaultAgent))));
  TRY(auto now, watched.scrape(program));
  const bool once = arguments.has("--once") || program.json() || isatty(STDOUT_FILENO) != 1;
  if (!once) return watch(program, watched, std::move(now), std::chrono::seconds(every));
  TroubleLog log;
  log.add(Change(nullptr, now));
  return CommandOutput{top_json(watched.agent(), now),
                       top_text(watched.agent(), nullptr, now, log, program.style())};
}

}  // namespace

std::vector<Command> top_commands() {
  return {
      {"top",
       "Watch an agent: deliveries by outcome, how long they take, what was refused last",
       "Reads the agent's /metrics, and shows on a terminal what changed, until Ctrl-C. With --once, with "
       "--json\n"
       "and where no terminal is: everything since the agent's start, once.",
       "top --agent 127.0.0.1:8081",
       {option("--agent", "HOST:PORT", "The agent's admin listener (127.0.0.1:8081)"),
        option("--every", "SECONDS", "How often to look (2)"), flag("--once", "Look once and end")},
       top}};
}

}  // namespace loopstate::cli
