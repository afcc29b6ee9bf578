// Bytes from a socket become a reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/client/message.hpp"
#include "loopstate/error.hpp"

namespace loopstate::http {

/// Reads one reply after another of an HTTP/1.1 connection. An interim reply (100 to 199 without 101; RFC
/// 9110, 15.2) announces the one that counts and is passed over: were it taken for the reply, that one would
/// be the next request's. Not thread-safe.
class ReplyReader {
 public:
  /// A reply whose body is over `body_bytes_max` is refused.
  explicit ReplyReader(std::size_t body_bytes_max);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  /// Before each reply. `to_head`: the request was a HEAD, so that no body follows.
  void begin(bool to_head);

  /// Where the next bytes go: at least 1, at most `size` of them.
  struct Space {
    char* data;
    std::size_t size;
  };
  Space space();
  /// `count` bytes were put there. True when the reply is complete. ProtocolError: this is no reply, or over
  /// the bound.
  Result<bool> received(std::size_t count);
  /// The peer closed. True: that was the end of the reply; false: bytes are missing.
  bool closed();

  /// Whether any byte of this reply has come.
  bool started() const noexcept;
  /// After a complete reply: whether the connection can take another request.
  bool keep_alive() const noexcept;
  ClientReply take();

 private:
  class Parser;
  Result<bool> parse();
  std::size_t body_bytes_max_;
  bool to_head_ = false;
  int interim_ = 0;
  std::unique_ptr<Parser> parser_;
  std::string buffer_;
  std::size_t filled_ = 0;
  std::size_t received_ = 0;
};

}  // namespace loopstate::http
