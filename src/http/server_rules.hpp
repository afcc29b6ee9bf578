// What the server decides, apart from sockets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/server.hpp"

namespace loopstate::http {

/// How far a request had come when reading it failed.
enum class ReadPhase : std::uint8_t { Idle, Header, Body };

/// Why reading failed.
enum class ReadFailure : std::uint8_t {
  Closed,          ///< by the client, or the connection broke
  TimedOut,        ///< this phase's time is over
  Stopping,        ///< the server is being stopped
  HeaderTooLarge,  ///< over ServerLimits::header_bytes_max
  BodyTooLarge,    ///< over ServerLimits::body_bytes_max
  Malformed        ///< not HTTP/1.0 or 1.1
};

/// The status to answer with before closing; 0: close without a word.
int status_of(ReadPhase phase, ReadFailure failure) noexcept;

/// 0, or the status that refuses a request whose headers are well formed: 400 where HTTP/1.1 lacks its one
/// Host (RFC 9112, 3.2), 417 for an expectation other than 100-continue.
int check_request(unsigned version, const ServerRequest& request) noexcept;

/// Whether the client waits for leave to send its body (RFC 9110, 10.1.1).
bool expects_continue(unsigned version, const ServerRequest& request) noexcept;

/// The answer that goes with a status when there is no handler's.
ServerResponse refusal(int status);

/// "Wed, 25 Nov 2026 08:20:00 GMT", the form of the Date header.
std::string http_date(std::int64_t unix_seconds);

}  // namespace loopstate::http
