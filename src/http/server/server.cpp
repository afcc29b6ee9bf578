#include "http/server/server.hpp"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <unordered_map>
#include <vector>

#include "base/try.hpp"
#include "http/server/connection.hpp"
#include "http/server/places.hpp"

namespace loopstate::http {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int kBacklog = 256;
/// Connections over the limit that may be told so at once; further ones are closed immediately.
constexpr std::size_t kRefusalsMax = 32;
/// Connections that were told to make room and still have a request to finish.
constexpr std::size_t kLeavingMax = 64;
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr std::chrono::milliseconds kCutAgain{20};

PeerKey peer_of(const asio::ip::tcp::socket& socket) {
  error_code error;
  const auto address = socket.remote_endpoint(error).address();
  if (error) return {};
  const auto wide =
      address.is_v6() ? address.to_v6() : asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4());
  return peer_key(wide.to_bytes());
}

}  // namespace

/// Everything here happens on `strand_`.
class Server::State : public std::enable_shared_from_this<State> {
 public:
  State(asio::any_io_executor executor, ServerLimits limits, ServerHandler handler, log::Logger log)
      : executor_(executor),
        strand_(asio::make_strand(executor)),
        acceptor_(strand_),
        changed_(strand_),
        grace_timer_(strand_),
        limits_(limits),
        handler_(std::make_shared<const ServerHandler>(std::move(handler))),
        log_(std::move(log)) {}

  Result<void> listen(const ServerAddress& address);
  std::uint16_t port() const noexcept { return port_; }
  std::size_t connections() const noexcept { return open_.load(); }
  Task<void> run();
  void stop(std::chrono::milliseconds grace);

 private:
  struct Entry {
    std::shared_ptr<ServerConnection> connection;
    bool counts = false;  ///< is served, and was not told to make room
  };

  Task<void> loop();
  Task<void> pause();
  void admit(asio::ip::tcp::socket socket);
  bool find_room(const PeerKey& peer);
  bool make_room(const std::vector<Places::Candidates>& groups);
  std::function<void()> on_success(std::uint64_t id);
  void ended(std::uint64_t id, bool admitted, std::exception_ptr thrown);
  void cut_after(std::chrono::milliseconds delay);
  void cut_all();

  asio::any_io_executor executor_;
  asio::strand<asio::any_io_executor> strand_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer changed_;  ///< never expires: cancelled to wake whoever waits for the last connection
  asio::steady_timer grace_timer_;
  ServerLimits limits_;
  std::shared_ptr<const ServerHandler> handler_;
  log::Logger log_;
  std::unordered_map<std::uint64_t, Entry> all_;
  Places places_;            ///< the connections that count
  std::size_t leaving_ = 0;  ///< told to make room, and not gone yet
  std::uint64_t next_id_ = 0;
  std::size_t refusing_ = 0;
  std::atomic<std::size_t> open_{0};
  std::uint16_t port_ = 0;
  bool stopping_ = false;
  bool cutting_ = false;
};

Result<void> Server::State::listen(const ServerAddress& address) {
  error_code error;
  const auto host = address.host == "localhost" ? std::string("127.0.0.1") : address.host;
  const auto ip = asio::ip::make_address(host, error);
  if (error) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("the host to listen on is \"{}\"; expected a numeric address or localhost",
                            std::string_view(host).substr(0, 100)));
  }
  const asio::ip::tcp::endpoint endpoint(ip, address.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (error == asio::error::address_in_use) {
    return fail(
        ErrorCode::StorageFailure,
        fmt::format("cannot listen on {0} port {1}: another process does (is an agent running already?); "
                    "`ss -ltnp 'sport = :{1}'` names it",
                    host, address.port));
  }
  if (error) {
    return fail(ErrorCode::StorageFailure,
                fmt::format("cannot listen on {} port {}: {}", host, address.port, error.message()));
  }
  return {};
}

Task<void> Server::State::run() {
  const auto self = shared_from_this();
  co_await asio::co_spawn(strand_, loop(), asio::use_awaitable);
}

Task<void> Server::State::loop() {
  while (!stopping_) {
    asio::ip::tcp::socket socket(asio::make_strand(executor_));
    error_code error;
    co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
    if (stopping_) break;
    if (!error) {
      admit(std::move(socket));
    } else if (error != asio::error::connection_aborted) {
      // Out of descriptors or memory: others have to end first.
      log_.warn("cannot accept a connection", log::Fields().add("reason", error.message()));
      make_room(places_.of_all(std::nullopt));
      co_await pause();
    }
  }
  while (!all_.empty()) {
    error_code ignored;
    changed_.expires_at(asio::steady_timer::time_point::max());
    co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  grace_timer_.cancel();
}

Task<void> Server::State::pause() {
  error_code ignored;
  changed_.expires_after(kAcceptPause);
  co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

/// Makes one of the candidates give up its place, if any can.
bool Server::State::make_room(const std::vector<Places::Candidates>& groups) {
  if (leaving_ >= kLeavingMax) return false;
  const auto now = std::chrono::steady_clock::now();
  for (const auto& group : groups) {
    std::vector<Activity> activities;
    for (const auto id : group.ids) activities.push_back(all_.at(id).connection->activity());
    const auto chosen = which_makes_room(activities, now, group.patience);
    if (!chosen) continue;
    const auto id = group.ids[*chosen];
    places_.give_back(id);
    auto& entry = all_.at(id);
    entry.counts = false;
    ++leaving_;
    entry.connection->make_room(group.patience);
    return true;
  }
  return false;
}

/// Whether one more may be served.
bool Server::State::find_room(const PeerKey& peer) {
  if (places_.taken_by(peer) >= limits_.connections_per_peer_max) return make_room(places_.of_peer(peer));
  return places_.taken() < limits_.connections_max || make_room(places_.of_all(peer));
}

void Server::State::admit(asio::ip::tcp::socket socket) {
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto peer = peer_of(socket);
  const bool admitted = find_room(peer);
  if (!admitted && refusing_ >= kRefusalsMax) {
    socket.close(ignored);
    return;
  }
  const auto id = next_id_++;
  auto connection = std::make_shared<ServerConnection>(std::move(socket), limits_, handler_, log_);
  all_.emplace(id, Entry{connection, admitted});
  if (admitted) {
    ++open_;
    places_.take(id, peer);
  } else {
    if (refusing_++ == 0) {
      log_.warn("too many connections; refusing more",
                log::Fields()
                    .add("connections_max", limits_.connections_max)
                    .add("connections_per_peer_max", limits_.connections_per_peer_max));
    }
  }
  const auto executor = connection->executor();
  const auto slot = connection->slot();
  auto done = [self = shared_from_this(), id, admitted](std::exception_ptr thrown) {
    self->ended(id, admitted, std::move(thrown));
  };
  asio::co_spawn(executor, admitted ? connection->run(on_success(id)) : connection->refuse(),
                 asio::bind_cancellation_slot(slot, asio::bind_executor(strand_, std::move(done))));
}

/// The number of a connection that is gone belongs to nobody.
std::function<void()> Server::State::on_success(std::uint64_t id) {
  return
      [self = shared_from_this(), id] { asio::post(self->strand_, [self, id] { self->places_.know(id); }); };
}

void Server::State::ended(std::uint64_t id, bool admitted, std::exception_ptr thrown) {
  if (thrown) log_.error("a connection ended with an exception");
  const auto entry = all_.find(id);
  if (admitted) {
    --open_;
    if (entry->second.counts) {
      places_.give_back(id);
    } else {
      --leaving_;
    }
  } else {
    --refusing_;
  }
  all_.erase(entry);
  changed_.cancel();
}

void Server::State::stop(std::chrono::milliseconds grace) {
  asio::post(strand_, [self = shared_from_this(), grace] {
    self->stopping_ = true;
    error_code ignored;
    self->acceptor_.close(ignored);
    self->changed_.cancel();
    if (self->all_.empty()) return;
    for (const auto& [id, entry] : self->all_) entry.connection->finish();
    self->cut_after(grace);
  });
}

void Server::State::cut_after(std::chrono::milliseconds delay) {
  grace_timer_.expires_after(delay);
  grace_timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error && !self->all_.empty()) self->cut_all();
  });
}

void Server::State::cut_all() {
  if (!std::exchange(cutting_, true)) {
    log_.warn("cutting connections that did not finish in time",
              log::Fields().add("connections", all_.size()));
  }
  for (const auto& [id, entry] : all_) entry.connection->cut();
  // A cancellation that arrives just as a wait ends is lost on a handler that waits again: so it is repeated.
  cut_after(kCutAgain);
}

Server::Server(std::shared_ptr<State> state) : state_(std::move(state)) {}

Result<Server> Server::listen(asio::any_io_executor executor, ServerAddress address, ServerLimits limits,
                              ServerHandler handler, log::Logger log) {
  auto state = std::make_shared<State>(std::move(executor), limits, std::move(handler), std::move(log));
  TRY_OK(state->listen(address));
  return Server(std::move(state));
}

std::uint16_t Server::port() const noexcept {
  return state_->port();
}

Task<void> Server::run() {
  return state_->run();
}

void Server::stop(std::chrono::milliseconds grace) {
  state_->stop(grace);
}

std::size_t Server::connections() const noexcept {
  return state_->connections();
}

}  // namespace loopstate::http
