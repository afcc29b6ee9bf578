// Finds where a reply ends that is still coming in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dax/cbor_scanner.hpp"
#include "dax/method.hpp"
#include "loopstate/error.hpp"

namespace loopstate::dax {

/// A reply has no length: it is a list of error codes, and behind an empty one as many values as its method
/// has, behind any other two. So it has to be read to be found; that is done once, however it is cut.
class ReplyScanner {
 public:
  /// Of a call that has a reply.
  explicit ReplyScanner(Method method);

  /// `bytes`: all that came so far since the call went out, what was there before unchanged. How many of them
  /// are the reply; nothing while it goes on behind them. What lies behind a reply to the only call that is
  /// open is nothing that was asked for: the connection is of no more use. ProtocolError: no reply can come
  /// of these bytes, and the connection is of no more use either.
  Result<std::optional<std::size_t>> scan(std::string_view bytes);

  /// At least so many bytes there will be in all: what to wait for. It is the node's word only, and no reason
  /// to make that much room before they come.
  std::size_t needed() const noexcept { return value_.needed(); }

 private:
  Method method_;
  cbor::ValueScanner value_;
  std::uint32_t values_ = 0;      ///< that have come
  std::uint32_t values_max_ = 1;  ///< of how many, the error codes among them
};

}  // namespace loopstate::dax
