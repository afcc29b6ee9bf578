#include "agent/serve.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <csignal>
#include <thread>

#include "agent/http_endpoint.hpp"
#include "agent/pepper.hpp"
#include "agent/retry.hpp"
#include "agent/settings.hpp"
#include "async/run_to_end.hpp"
#include "base/try.hpp"
#include "base/wall_clock.hpp"

namespace loopstate::agent {
namespace asio = boost::asio;

namespace {

constexpr unsigned kThreadsMax = 64;
/// After connections were cut: the time that a handler may take to notice.
constexpr std::chrono::seconds kLastBound{5};
constexpr std::chrono::seconds kWarmUpTimeout{10};
constexpr std::chrono::seconds kSettleTimeout{5};
constexpr std::size_t kAdminConnectionsMax = 32;
constexpr std::size_t kConnectionsMax = 65'536;
/// Descriptors for everything else: connections being refused or closed, the admin listener's, the store's.
constexpr std::size_t kOtherDescriptors = 256;
constexpr std::string_view kAdminOff = "off";

Result<SettingsPtr> settings_from(const ServeOptions& options) {
  TRY(auto settings, AgentSettings::from_environment(options.environment));
  for (const auto& notice : settings.webhooks.notices) options.log.warn(notice);
  TRY_OK(check_any_on(settings.webhooks));
  return std::make_shared<const AgentSettings>(std::move(settings));
}

void tell_start(const ServeOptions& options, const AgentSettings& settings) {
  options.log.info("starting", log::Fields()
                                   .add("version", options.version)
                                   .add("store", options.store_url)
                                   .add("providers", providers_text(settings.webhooks))
                                   .add("keep_unknown_s", settings.keep_unknown.count()));
}

Task<Result<PepperVerdict>> settle(Store store, SettingsPtr settings) {
  const auto now = now_of(store);
  return settle_pepper(std::move(store), std::move(settings), PepperMode::Settle, now,
                       CallOptions().timeout(kSettleTimeout));
}

Result<std::optional<http::ServerAddress>> admin_address(const ServeOptions& options,
                                                         const http::ServerAddress& public_address) {
  if (options.admin_listen == kAdminOff) return std::nullopt;
  if (options.admin_listen.empty()) {
    const bool has_next = public_address.port != 0 && public_address.port != UINT16_MAX;
    const auto port = static_cast<std::uint16_t>(has_next ? public_address.port + 1 : 0);
    return http::ServerAddress{"127.0.0.1", port};
  }
  TRY(auto address, http::ServerAddress::parse(options.admin_listen));
  return address;
}

Result<void> check_connections(const ServeOptions& options) {
  for (const auto count : {options.connections_max, options.connections_per_peer_max}) {
    if (count >= 1 && count <= kConnectionsMax) continue;
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} connections at once were asked for; 1 to {} are allowed", count, kConnectionsMax));
  }
  return {};
}

/// So that places run out before descriptors do: without descriptors not even the store could be reached.
void allow_descriptors(const ServeOptions& options) {
  const rlim_t wanted = options.connections_max + kOtherDescriptors;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  const bool allowed = setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == wanted;
  if (allowed) return;
  options.log.warn("this process may open fewer files than --connections needs; raise its limit (ulimit -n)",
                   log::Fields().add("allowed", limit.rlim_cur).add("needed", wanted));
}

/// So that the first webhook has to wait for neither credentials nor a connection.
Task<void> warm_up(Store store, log::Logger log) {
  const auto warmed = co_await store.warm_up(CallOptions().timeout(kWarmUpTimeout));
  if (warmed || warmed.error().code == ErrorCode::Cancelled) co_return;
  log.warn("the store cannot be reached yet; the first webhook tries again",
           log::Fields().add("error", warmed.error().code).add("error_message", warmed.error().message));
}

/// The running program: its event loop, its server, and what the signals do to them.
class Service {
 public:
  Service(ServeOptions options, std::shared_ptr<Agent> agent, unsigned threads)
      : options_(std::move(options)),
        agent_(std::move(agent)),
        endpoint_(std::make_shared<HttpEndpoint>(agent_, wall_clock_ms)),
        threads_(threads),
        io_(static_cast<int>(threads)),
        strand_(asio::make_strand(io_)),
        signals_(strand_, SIGTERM, SIGINT, SIGHUP),
        last_bound_(strand_) {}

  Result<void> run(const http::ServerAddress& address, const std::optional<http::ServerAddress>& admin) {
    TRY_OK(settle_at_start());
    TRY_OK(listen(address));
    if (admin) {
      TRY_OK(listen_for_admin(*admin));
    }
    const std::chrono::seconds started_at{wall_clock_ms() / 1000};
    endpoint_->measure_process([this, started_at] {
      return Counters::Process{.version = options_.version,
                               .started_at = started_at,
                               .connections = server_->connections(),
                               .storage = options_.storage ? options_.storage() : std::nullopt};
    });
    tell(admin_, admin ? admin->host : "", "admin listening", options_.on_admin_listening);
    tell(server_, address.host, "listening", options_.on_listening);
    wait_for_signal();
    asio::co_spawn(strand_, warm_up(options_.store, options_.log),
                   asio::bind_cancellation_slot(stop_warming_.slot(), [](const std::exception_ptr&) {}));
    if (admin_) asio::co_spawn(io_, admin_->run(), asio::detached);
    asio::co_spawn(io_, server_->run(), [this](const std::exception_ptr&) { ended(); });
    run_threads();
    options_.log.info("stopped");
    return {};
  }

 private:
  /// Ended: the last connection is gone. A signal that comes then must not set up anything that keeps the
  /// loop running.
  enum class State { Serving, Stopping, StoppingAtOnce, Ended };

  /// Another pepper than the store's ends the program. A store that does not answer does not: the agent
  /// answers 503 until it does, and asks again with each delivery.
  Result<void> settle_at_start() {
    const auto settings = agent_->settings();
    auto verdict = async::run_to_end(io_, settle(options_.store, settings));
    io_.restart();
    if (verdict) {
      options_.log.write(verdict->warns ? log::Level::Warn : log::Level::Info, verdict->said);
      agent_->use(settings, PepperState::Settled, verdict->stands);
      return {};
    }
    if (outcome_of(verdict.error().code) != Outcome::StoreBusy)
      return std::unexpected(std::move(verdict.error()));
    options_.log.warn(
        "the store cannot say yet whether the pepper is its own; the first delivery asks again",
        log::Fields().add("error", verdict.error().code).add("error_message", verdict.error().message));
    return {};
  }

  Result<void> listen(const http::ServerAddress& address) {
    http::ServerLimits limits;
    limits.body_bytes_max = kBodyBytesMax;
    limits.connections_max = options_.connections_max;
    limits.connections_per_peer_max = options_.connections_per_peer_max;
    auto handler = [endpoint = endpoint_](http::ServerRequest request) {
      return endpoint->respond(std::move(request));
    };
    auto server = http::Server::listen(io_.get_executor(), address, limits, std::move(handler), options_.log);
    if (!server) {
      server.error().message += "; --listen HOST:PORT chooses another";
      return std::unexpected(std::move(server.error()));
    }
    server_.emplace(std::move(*server));
    return {};
  }

  Result<void> listen_for_admin(const http::ServerAddress& address) {
    http::ServerLimits limits;
    limits.body_bytes_max = 0;
    limits.connections_max = kAdminConnectionsMax;
    limits.connections_per_peer_max = kAdminConnectionsMax;
    auto handler = [endpoint = endpoint_](http::ServerRequest request) {
      return endpoint->respond_admin(std::move(request));
    };
    auto server = http::Server::listen(io_.get_executor(), address, limits, std::move(handler), options_.log);
    if (!server) {
      server.error().message +=
          "; this is the listener of /healthz and /metrics: choose another with --admin-listen "
          "HOST:PORT, or none with --admin-listen off";
      return std::unexpected(std::move(server.error()));
    }
    admin_.emplace(std::move(*server));
    return {};
  }

  void tell(const std::optional<http::Server>& server, const std::string& host, std::string_view what,
            const std::function<void(const std::string&, std::uint16_t)>& listener) {
    if (!server) return;
    options_.log.info(what, log::Fields().add("address", host).add("port", server->port()));
    if (listener) listener(host, server->port());
  }

  void wait_for_signal() {
    if (state_ == State::Ended) return;
    signals_.async_wait([this](boost::system::error_code error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        if (state_ == State::Serving) reread();
      } else if (state_ == State::Serving) {
        state_ = State::Stopping;
        stop("stopping: finishing what is in flight", signal, options_.grace);
      } else if (state_ == State::Stopping) {
        state_ = State::StoppingAtOnce;
        stop("stopping at once", signal, std::chrono::milliseconds(0));
      }
      wait_for_signal();
    });
  }

  void stop(std::string_view how, int signal, std::chrono::milliseconds grace) {
    options_.log.info(how, log::Fields().add("signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"));
    server_->stop(grace);
    last_bound_.expires_after(grace + kLastBound);
    last_bound_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) io_.stop();
    });
  }

  /// One at a time: a signal that comes meanwhile is acted on afterwards.
  void reread() {
    reread_again_ = std::exchange(rereading_, true);
    if (reread_again_) return;
    auto read = settings_from(options_);
    if (!read) return reread_ended(std::unexpected(std::move(read.error())));
    auto settings = std::move(*read);
    asio::co_spawn(strand_, settle(options_.store, settings),
                   asio::bind_cancellation_slot(
                       stop_rereading_.slot(),
                       [this, settings](const std::exception_ptr& defect, Result<PepperVerdict> verdict) {
                         if (defect) verdict = fail(ErrorCode::Internal, "a defect in loopstate");
                         if (verdict) agent_->use(settings, PepperState::Settled, verdict->stands);
                         reread_ended(std::move(verdict));
                       }));
  }

  void reread_ended(Result<PepperVerdict> verdict) {
    rereading_ = false;
    if (verdict) {
      options_.log.write(verdict->warns ? log::Level::Warn : log::Level::Info, verdict->said);
      options_.log.info("secrets were read again and are in use",
                        log::Fields().add("providers", providers_text(agent_->settings()->webhooks)));
    } else {
      options_.log.error(
          "secrets were read again and cannot be used; those from before stay in use",
          log::Fields().add("error", verdict.error().code).add("error_message", verdict.error().message));
    }
    const bool again = std::exchange(reread_again_, false);
    if (options_.on_reread) options_.on_reread(verdict.has_value());
    if (again && state_ == State::Serving) reread();
  }

  /// The last webhook connection has ended. Health and metrics are answered until then.
  void ended() {
    asio::post(strand_, [this] {
      state_ = State::Ended;
      if (admin_) admin_->stop(std::chrono::milliseconds(0));
      boost::system::error_code ignored;
      signals_.cancel(ignored);
      last_bound_.cancel();
      stop_warming_.emit(asio::cancellation_type::terminal);
      stop_rereading_.emit(asio::cancellation_type::terminal);
    });
  }

  void run_threads() {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads_; ++i) others.emplace_back([this] { io_.run(); });
    io_.run();
  }

  ServeOptions options_;
  std::shared_ptr<Agent> agent_;
  std::shared_ptr<HttpEndpoint> endpoint_;
  unsigned threads_;
  asio::io_context io_;
  asio::strand<asio::io_context::executor_type> strand_;  ///< guards the three below
  asio::signal_set signals_;
  asio::steady_timer last_bound_;
  asio::cancellation_signal stop_warming_;
  asio::cancellation_signal stop_rereading_;
  std::optional<http::Server> server_;
  std::optional<http::Server> admin_;
  State state_ = State::Serving;
  bool rereading_ = false;
  bool reread_again_ = false;  ///< a signal came while one was acted on
};

}  // namespace

Result<void> serve(ServeOptions options) {
  TRY(const auto address, http::ServerAddress::parse(options.listen));
  if (options.threads > kThreadsMax) {
    return fail(ErrorCode::InvalidArgument, fmt::format("{} threads were asked for; at most {} are allowed",
                                                        options.threads, kThreadsMax));
  }
  TRY(const auto admin, admin_address(options, address));
  TRY_OK(check_connections(options));
  TRY(auto settings, settings_from(options));
  allow_descriptors(options);
  const unsigned threads = options.threads != 0
                               ? options.threads
                               : std::clamp(std::thread::hardware_concurrency(), 1u, kThreadsMax);
  tell_start(options, *settings);
  auto agent = std::make_shared<Agent>(options.store, settings, RecorderOptions{}, options.log,
                                       PepperState::Unsettled);
  Service service(std::move(options), std::move(agent), threads);
  return service.run(address, admin);
}

}  // namespace loopstate::agent
