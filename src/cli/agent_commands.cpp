// agent.
#include <fmt/format.h>
#include <unistd.h>

#include "agent/demo_secrets.hpp"
#include "agent/serve.hpp"
#include "base/try.hpp"
#include "cli/commands.hpp"
#include "cli/demo_agent.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/program.hpp"
#include "cli/version.hpp"
#include "embedded/storage_use.hpp"
#include "log/log.hpp"
#include "process/late_signals.hpp"
#include "process/privacy.hpp"
#include "store/spine/store_access.hpp"

namespace loopstate::cli {
namespace {

constexpr std::uint64_t kMaxThreads = 64;
constexpr std::uint64_t kMaxConnections = 65'536;

std::string listening_json(const std::string& address, std::uint16_t port, const std::string& admin_address,
                           std::uint16_t admin_port) {
  JsonObject json;
  json.text("address", address).number("port", port);
  if (!admin_address.empty()) json.text("admin_address", admin_address).number("admin_port", admin_port);
  return json.str();
}

std::string listening_text(const std::string& address, std::uint16_t port, const std::string& admin_address,
                           std::uint16_t admin_port) {
  auto text = fmt::format("listening on {}:{}", address, port);
  if (!admin_address.empty()) text += fmt::format("\nadmin on {}:{}", admin_address, admin_port);
  return text;
}

std::optional<agent::Counters::Storage> storage_of(const table::Table& table) {
  const auto use = embedded::storage_use_of(table);
  if (!use) return std::nullopt;
  return agent::Counters::Storage{use->file_bytes, use->free_bytes, use->waiting_writes};
}

Result<CommandOutput> agent(Program& program, const Arguments& arguments) {
  process::keep_memory_private();
  TRY(const auto threads, whole_number_or(arguments, "--threads", 1, 0, kMaxThreads));
  TRY(const auto connections, whole_number_or(arguments, "--connections", 256, 1, kMaxConnections));
  TRY(const auto per_peer, whole_number_or(arguments, "--connections-per-peer", 128, 1, kMaxConnections));
  TRY(const auto log_options,
      log::options_from_environment(process_environment(), isatty(STDERR_FILENO) == 1));
  const auto listen = arguments.optional("--listen").value_or("127.0.0.1:8080");
  const bool demo = arguments.has("--demo");
  TRY(const auto settings, program.settings());
  if (demo) {
    TRY_OK(check_demo_is_private(settings, listen));
  }
  TRY(const auto store, program.open(OpenMode::CreateIfMissing));
  const auto log = log::Logger::to_stderr(log_options);
  if (demo) {
    TRY_OK(prepare_demo(program, store, log));
  }
  agent::ServeOptions options{
      .listen = listen,
      .admin_listen = arguments.optional("--admin-listen").value_or(""),
      .connections_max = connections,
      .connections_per_peer_max = per_peer,
      .store = store,
      .store_url = settings.url,
      .environment = demo ? agent::demo_environment(process_environment()) : process_environment(),
      .log = log,
      .version = std::string(kVersion),
      .storage = [table = store::table_of(store)] { return storage_of(*table); },
      .threads = static_cast<unsigned>(threads),
      .grace = std::chrono::milliseconds{25'000},
      .on_listening = {},
      .on_admin_listening = {},
      .on_reread = {}};
  std::string admin_address;
  std::uint16_t admin_port = 0;
  options.on_admin_listening = [&](const std::string& address, std::uint16_t port) {
    admin_address = address;
    admin_port = port;
  };
  options.on_listening = [&, json = program.json()](const std::string& address, std::uint16_t port) {
    // Not before: what waits for the store can be interrupted.
    process::outlive_late_signals();
    // Port 0 lets the system choose: whoever starts the agent reads the port here.
    const auto say = json ? listening_json : listening_text;
    (void)write_stdout(say(address, port, admin_address, admin_port) + "\n");
  };
  TRY_OK(agent::serve(std::move(options)));
  CommandOutput done;
  done.written = true;
  return done;
}

}  // namespace

std::vector<Command> agent_commands() {
  return {
      {"agent",
       "Serve the payment providers' webhooks until SIGTERM",
       "Prints where it listens (port 0: any free port) and logs to standard error. The secrets come from "
       "the environment:\n"
       "SQUARE_WEBHOOK_SIGNATURE_KEY and SQUARE_WEBHOOK_URL, STRIPE_WEBHOOK_SECRET, "
       "FIDEL_WEBHOOK_SECRET_AUTH,\n"
       "_CLEARING, _REFUND and _CARD_LINKED with FIDEL_WEBHOOK_URL, LOOPSTATE_PEPPER; each also as "
       "NAME_FILE.\n"
       "SIGHUP reads them again. A new pepper needs the one before it as LOOPSTATE_PREVIOUS_PEPPER.\n"
       "LOOPSTATE_KEEP_UNKNOWN_SECONDS (900) is how long a purchase of an unlinked card waits for its link.\n"
       "LOOPSTATE_ACCEPT_TEST_PAYMENTS=1 counts what test modes and sandboxes send as money; without it,\n"
       "that is acknowledged and has no effect.",
       "agent --listen 127.0.0.1:8080",
       {flag(
            "--demo",
            "To try things out: with made-up, public secrets, on this machine only, for a user demo-shopper"),
        option("--listen", "HOST:PORT", "Where to listen (127.0.0.1:8080)"),
        option("--admin-listen", "HOST:PORT",
               "Where to serve /healthz and /metrics (127.0.0.1, the port after --listen's); off: nowhere"),
        option("--connections", "N", "Webhook connections open at once (256)"),
        option("--connections-per-peer", "N",
               "Of these, from one address (128); behind a proxy all come from one"),
        option("--threads", "N", "Number of serving threads (1); 0: one for each processor")},
       agent}};
}

}  // namespace loopstate::cli
