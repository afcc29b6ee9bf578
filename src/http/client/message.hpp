// What the client sends and what it gets back.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loopstate::http {

/// One request. `Host`, `Content-Length` and `Connection` are added by the client and must not be added here.
class ClientRequest {
 public:
  /// `target`: the path and query as they go on the wire, e.g. "/" or "/latest/meta-data?x=1".
  ClientRequest(std::string_view method, std::string_view target) : method_(method), target_(target) {}

  /// Adds a header. Line breaks and NUL bytes, which would end it, become spaces.
  void add(std::string_view name, std::string_view value);

  const std::string& method() const noexcept { return method_; }
  const std::string& target() const noexcept { return target_; }
  /// The headers as they go on the wire, including line ends.
  const std::string& headers() const noexcept { return headers_; }

  std::string body;
  /// Asked immediately before the bytes go out, each time they do: false if they may not. Null: they may.
  std::function<bool()> may_send;

 private:
  std::string method_;
  std::string target_;
  std::string headers_;
};

/// One reply, complete.
struct ClientReply {
  std::uint16_t status = 0;
  std::string body;
  /// The request had been sent before, on a connection that brought no reply: the server may have acted on
  /// both.
  bool sent_before = false;

  /// The first header of that name, in any case; nothing if there is none.
  std::optional<std::string_view> header(std::string_view name) const noexcept;

  void add_header(std::string_view name, std::string_view value);
  void clear_headers() noexcept;

 private:
  struct Line {
    std::uint32_t name_end;
    std::uint32_t value_end;
  };
  std::string text_;  // names and values one after the other: one allocation for all of them
  std::vector<Line> lines_;
};

}  // namespace loopstate::http
