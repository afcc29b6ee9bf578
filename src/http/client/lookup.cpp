#include "http/client/lookup.hpp"

#include <ares.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>
#include <thread>

namespace loopstate::http {

using boost::asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// For the first answer; doubled each round. The C library's 5 s would be half of a Lambda function's start.
constexpr int kTimeoutMs = 1'000;
constexpr int kTries = 3;
/// In case a machine lists many servers, none of which answers.
constexpr milliseconds kLookUpMax{10'000};

/// Whether asking again may get another answer.
bool may_help_to_repeat(int status) {
  return status != ARES_ENOTFOUND && status != ARES_ENODATA && status != ARES_EBADNAME &&
         status != ARES_EFORMERR && status != ARES_ENOTIMP;
}

/// One look-up and everything that belongs to it; used by one thread.
class LookUp {
 public:
  explicit LookUp(const Endpoint& endpoint) : endpoint_(endpoint) {}
  ~LookUp() {
    if (channel_ != nullptr) ares_destroy(channel_);  // calls `answered` if no answer was given
    if (found_ != nullptr) ares_freeaddrinfo(found_);
  }
  LookUp(const LookUp&) = delete;
  LookUp& operator=(const LookUp&) = delete;

  Result<Addresses> run(const LookUpPlaces& places) {
    static const int library = ares_library_init(ARES_LIB_INIT_ALL);
    int status = library;
    if (status == ARES_SUCCESS) status = prepare(places);
    if (status != ARES_SUCCESS) {
      return fail(ErrorCode::NameResolutionFailed,
                  fmt::format("the name {} cannot be looked up: {}", endpoint_.host, ares_strerror(status)),
                  true);
    }
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    ares_getaddrinfo(channel_, endpoint_.host.c_str(), nullptr, &hints, &LookUp::answered, this);
    wait();
    return addresses();
  }

 private:
  int prepare(const LookUpPlaces& places) {
    ares_options options{};
    options.timeout = kTimeoutMs;
    options.tries = kTries;
    const int status = ares_init_options(&channel_, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
    if (status != ARES_SUCCESS || places.servers.empty()) return status;
    return ares_set_servers_ports_csv(channel_, places.servers.c_str());
  }

  static void answered(void* self, int status, int /*timeouts*/, ares_addrinfo* found) {
    auto* const look_up = static_cast<LookUp*>(self);
    look_up->status_ = status;
    look_up->found_ = found;
  }

  void wait() {
    const auto end = steady_clock::now() + kLookUpMax;
    while (!status_) {
      const auto left = std::chrono::duration_cast<milliseconds>(end - steady_clock::now());
      if (left <= milliseconds(0)) {
        ares_cancel(channel_);  // calls `answered`
        timed_out_ = true;
        return;
      }
      wait_for_sockets(left);
    }
  }

  void wait_for_sockets(milliseconds longest) {
    std::array<ares_socket_t, ARES_GETSOCK_MAXNUM> sockets{};
    const auto wanted =
        static_cast<unsigned>(ares_getsock(channel_, sockets.data(), static_cast<int>(sockets.size())));
    std::array<pollfd, ARES_GETSOCK_MAXNUM> polled{};
    nfds_t count = 0;
    for (unsigned at = 0; at < sockets.size(); ++at) {
      short events = 0;
      if ((wanted & (1u << at)) != 0) events |= POLLIN;
      if ((wanted & (1u << (at + ARES_GETSOCK_MAXNUM))) != 0) events |= POLLOUT;
      if (events != 0) polled[count++] = {sockets[at], events, 0};
    }
    timeval limit{longest.count() / 1000, static_cast<suseconds_t>(longest.count() % 1000) * 1000};
    timeval next{};
    const timeval* const soonest = ares_timeout(channel_, &limit, &next);
    // Rounded up: a millisecond early would turn this into a busy loop.
    const auto timeout_ms = static_cast<int>(soonest->tv_sec * 1000 + (soonest->tv_usec + 999) / 1000);
    ::poll(polled.data(), count, timeout_ms);
    for (nfds_t at = 0; at < count; ++at) {
      const bool readable = (polled[at].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
      const bool writable = (polled[at].revents & POLLOUT) != 0;
      ares_process_fd(channel_, readable ? polled[at].fd : ARES_SOCKET_BAD,
                      writable ? polled[at].fd : ARES_SOCKET_BAD);
    }
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // whatever has timed out
  }

  Result<Addresses> addresses() const {
    if (status_ != ARES_SUCCESS) {
      const int status = timed_out_ ? ARES_ETIMEOUT : *status_;
      return fail(ErrorCode::NameResolutionFailed,
                  fmt::format("the name {} was not found: {}; check the endpoint or region, and this "
                              "machine's DNS",
                              endpoint_.host, ares_strerror(status)),
                  may_help_to_repeat(status));
    }
    Addresses out;
    for (const ares_addrinfo_node* at = found_->nodes; at != nullptr; at = at->ai_next) {
      tcp::endpoint address;
      if (at->ai_addrlen > address.capacity()) continue;
      std::memcpy(address.data(), at->ai_addr, at->ai_addrlen);
      address.resize(at->ai_addrlen);
      address.port(endpoint_.port);
      out.push_back(address);
    }
    if (out.empty()) {
      return fail(ErrorCode::NameResolutionFailed, fmt::format("the name {} has no address", endpoint_.host),
                  true);
    }
    return out;
  }

  const Endpoint& endpoint_;
  ares_channel channel_ = nullptr;
  std::optional<int> status_;
  ares_addrinfo* found_ = nullptr;
  bool timed_out_ = false;
};

}  // namespace

Addresses literal_address(const Endpoint& endpoint) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(endpoint.host, error);
  if (error) return {};
  return {tcp::endpoint(address, endpoint.port)};
}

void look_up(Endpoint endpoint, std::function<void(Result<Addresses>)> done, LookUpPlaces places) {
  try {
    // Copied, not moved: if no thread can be started, `done` is still needed.
    std::thread([endpoint, done, places] { done(LookUp(endpoint).run(places)); }).detach();
  } catch (const std::system_error& error) {
    done(fail(ErrorCode::NameResolutionFailed,
              fmt::format("no thread could be started to look up {}: {}", endpoint.host, error.what()),
              true));
  }
}

}  // namespace loopstate::http
