#include "http/client/reply_reader.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>

namespace loopstate::http {

namespace beast_http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr std::size_t kBufferBytes = 16u << 10;
constexpr std::size_t kHeaderBytesMax = 16u << 10;
constexpr std::size_t kLastChunkBytes = 5;  // "0", and two ends of lines
constexpr int kInterimMax = 16;             // for one request
constexpr int kSwitchingProtocols = 101;

}  // namespace

/// Beast's parser decides what the bytes mean; its results go straight into the reply, without the
/// allocation for each header that Beast's own containers make.
class ReplyReader::Parser final : public beast_http::basic_parser<false> {
 public:
  Parser(std::size_t body_bytes_max, bool to_head) {
    eager(true);
    header_limit(kHeaderBytesMax);
    body_limit(body_bytes_max);
    skip(to_head);
  }

  ClientReply reply;

  bool interim() const { return reply.status < 200 && reply.status != kSwitchingProtocols; }

 private:
  using Text = boost::beast::string_view;

  void on_request_impl(beast_http::verb, Text, Text, int, error_code&) override {}
  void on_response_impl(int code, Text, int, error_code&) override {
    reply.status = static_cast<std::uint16_t>(code);
  }
  void on_field_impl(beast_http::field, Text name, Text value, error_code&) override {
    reply.add_header({name.data(), name.size()}, {value.data(), value.size()});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) reply.body.reserve(static_cast<std::size_t>(*length));
  }
  std::size_t on_body_impl(Text body, error_code&) override {
    reply.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, error_code& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(error_code&) override {}
};

ReplyReader::ReplyReader(std::size_t body_bytes_max)
    : body_bytes_max_(body_bytes_max), buffer_(kBufferBytes, '\0') {}

ReplyReader::~ReplyReader() = default;

void ReplyReader::begin(bool to_head) {
  to_head_ = to_head;
  interim_ = 0;
  parser_ = std::make_unique<Parser>(body_bytes_max_, to_head);
  filled_ = 0;
  received_ = 0;
}

ReplyReader::Space ReplyReader::space() {
  return {buffer_.data() + filled_, buffer_.size() - filled_};
}

Result<bool> ReplyReader::received(std::size_t count) {
  received_ += count;
  filled_ += count;
  while (true) {
    auto complete = parse();
    if (!complete || !*complete || !parser_->interim()) return complete;
    if (++interim_ > kInterimMax) {
      return fail(ErrorCode::ProtocolError, "the server keeps sending interim replies", true);
    }
    parser_ = std::make_unique<Parser>(body_bytes_max_, to_head_);
  }
}

Result<bool> ReplyReader::parse() {
  std::size_t used = 0;
  while (used < filled_ && !parser_->is_done()) {
    // What is still to come of a chunked body ends with at least these bytes, and Beast's parser relies on
    // them.
    if (parser_->is_header_done() && parser_->chunked() && filled_ - used < kLastChunkBytes) break;
    error_code error;
    used += parser_->put(boost::asio::buffer(buffer_.data() + used, filled_ - used), error);
    if (error == beast_http::error::need_more) break;
    if (error) {
      return fail(ErrorCode::ProtocolError,
                  fmt::format("the server's reply is not an HTTP/1.1 reply, or is longer than {} bytes: {}",
                              body_bytes_max_, error.message()),
                  true);
    }
  }
  std::memmove(buffer_.data(), buffer_.data() + used, filled_ - used);
  filled_ -= used;
  if (!parser_->is_done() && filled_ == buffer_.size()) {
    return fail(ErrorCode::ProtocolError,
                fmt::format("the server's reply has a header of over {} bytes", buffer_.size()), true);
  }
  return parser_->is_done();
}

bool ReplyReader::closed() {
  if (!parser_->got_some() || filled_ != 0) return false;
  error_code error;
  parser_->put_eof(error);
  return !error && parser_->is_done();
}

bool ReplyReader::started() const noexcept {
  return received_ > 0;
}

// Bytes after the end of a reply belong to no request of ours.
bool ReplyReader::keep_alive() const noexcept {
  return parser_->keep_alive() && filled_ == 0 && parser_->reply.status != kSwitchingProtocols;
}

ClientReply ReplyReader::take() {
  return std::move(parser_->reply);
}

}  // namespace loopstate::http
