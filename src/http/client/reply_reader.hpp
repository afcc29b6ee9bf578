// Turns bytes from a socket into a reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/client/message.hpp"
#include "loopstate/error.hpp"

namespace loopstate::http {

/// Reads the replies of an HTTP/1.1 connection, one after another. An interim reply (100 to 199 without 101;
/// RFC 9110, 15.2) precedes the final one and is skipped: were it taken for the reply, the final one would
/// be taken for the next request's. Not thread-safe.
class ReplyReader {
 public:
  /// A reply whose body is over `body_bytes_max` is refused.
  explicit ReplyReader(std::size_t body_bytes_max);
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  /// To be called before each reply. `to_head`: the request was a HEAD, so no body follows.
  void begin(bool to_head);

  /// Where to put the next bytes: at least 1, at most `size` of them.
  struct Space {
    char* data;
    std::size_t size;
  };
  Space space();
  /// `count` bytes were put there. True if the reply is complete. ProtocolError: it is not a reply, or over
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
