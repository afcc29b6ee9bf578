// What the server decides, separate from its sockets.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/server/server.hpp"

namespace loopstate::http {

/// How far a request had come when reading it failed.
enum class ReadPhase : std::uint8_t { Idle, Header, Body };

/// Why reading failed.
enum class ReadFailure : std::uint8_t {
  Closed,          ///< by the client, or the connection broke
  TimedOut,        ///< this phase's time is up
  Stopping,        ///< the server is being stopped
  HeaderTooLarge,  ///< over ServerLimits::header_bytes_max
  BodyTooLarge,    ///< over ServerLimits::body_bytes_max
  Malformed        ///< not HTTP/1.0 or 1.1
};

/// The status to answer with before closing; 0: close silently.
int status_of(ReadPhase phase, ReadFailure failure) noexcept;

/// What a connection is doing, and since when.
struct Activity {
  enum class Doing : std::uint8_t {
    Waiting,    ///< for a request to begin
    Receiving,  ///< part of a request has arrived
    Serving,    ///< a request is being answered
    Sending     ///< the answer is being sent to the client
  };
  Doing doing = Doing::Waiting;
  std::chrono::steady_clock::time_point since;
};

/// A request still arriving after this, or an answer not yet taken, may have to make room: genuine clients
/// send their requests, and take our answers, at once.
inline constexpr std::chrono::milliseconds kSlowRequest{1'000};

/// Which of these connections makes room for another: the one that has waited longest for a request; if
/// none is waiting, the one whose request has been arriving or whose answer has been leaving longest, if for
/// longer than `patience`. Never one that is being served.
std::optional<std::size_t> which_makes_room(std::span<const Activity> connections,
                                            std::chrono::steady_clock::time_point now,
                                            std::chrono::milliseconds patience = kSlowRequest);

/// Connections with the same key count as one peer's: the IPv4 address (also one mapped into IPv6), or the
/// first 64 bits of an IPv6 address, which is what one customer of a network has.
using PeerKey = std::array<std::uint8_t, 8>;
PeerKey peer_key(std::span<const std::uint8_t, 16> ipv6_or_mapped);

/// 0, or the status that refuses a request whose headers are well formed: 400 if HTTP/1.1 lacks its single
/// Host (RFC 9112, 3.2), or if the body's end is ambiguous, so that two readers could see two different
/// requests: a Transfer-Encoding other than `chunked`, together with Content-Length, or in HTTP/1.0
/// (6.1, 6.3). 417 for an expectation other than 100-continue.
int check_request(unsigned version, const ServerRequest& request) noexcept;

/// Whether the client waits for permission to send its body (RFC 9110, 10.1.1).
bool expects_continue(unsigned version, const ServerRequest& request) noexcept;

/// The answer that goes with a status if the handler gave none.
ServerResponse refusal(int status);

/// "Wed, 25 Nov 2026 08:20:00 GMT", the form of the Date header.
std::string http_date(std::int64_t unix_seconds);

}  // namespace loopstate::http
