// Finds the end of a reply that is still arriving.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "dax/cbor_scanner.hpp"
#include "dax/method.hpp"
#include "loopstate/error.hpp"

namespace loopstate::dax {

/// A reply has no length: it is a list of error codes, followed, if empty, by as many values as its method
/// has, otherwise by two. So it must be read to find its end; this is done once, however it is cut.
class ReplyScanner {
 public:
  /// For a call that has a reply.
  explicit ReplyScanner(Method method);

  /// `bytes`: everything that has arrived since the call went out, with the earlier bytes unchanged. Returns
  /// how many of them are the reply; nothing while it continues after them. Anything after the reply to the
  /// only open call was not asked for: the connection is no longer usable. ProtocolError: no reply can begin
  /// with these bytes, and the connection is no longer usable either.
  Result<std::optional<std::size_t>> scan(std::string_view bytes);

  /// There will be at least this many bytes in total; this is only the node's word.
  std::size_t needed() const noexcept { return value_.needed(); }
  /// How large a buffer should be that holds `arrived` bytes of it: room for what is needed, but for no more
  /// than as much again as has arrived, and for a small reply.
  std::size_t room(std::size_t arrived) const noexcept;

 private:
  Method method_;
  cbor::ValueScanner value_;
  std::uint32_t values_ = 0;      ///< that have arrived
  std::uint32_t values_max_ = 1;  ///< of how many, including the error codes
};

}  // namespace loopstate::dax
