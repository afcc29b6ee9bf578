// A server on a free loopback port in its own threads, and a client that sends exactly what it is told.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "http/server/server.hpp"

namespace loopstate::http {

namespace asio = boost::asio;

class RunningServer {
 public:
  RunningServer(ServerLimits limits, ServerHandler handler, int threads = 1)
      : server_(
            Server::listen(io_.get_executor(), {"127.0.0.1", 0}, limits, std::move(handler), {}).value()) {
    asio::co_spawn(io_, server_.run(), asio::detached);
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
  }
  ~RunningServer() { finish(std::chrono::milliseconds(0)); }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  /// Stops and waits until everything has ended.
  void finish(std::chrono::milliseconds grace) {
    server_.stop(grace);
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  /// With one thread: returns once everything asked of the server has reached its connections, which
  /// takes two steps through the queue.
  void settle() {
    std::promise<void> settled;
    asio::post(io_, [&] { asio::post(io_, [&] { settled.set_value(); }); });
    settled.get_future().wait();
  }

  Server& server() { return server_; }
  asio::io_context& io() { return io_; }
  std::uint16_t port() const { return server_.port(); }

 private:
  asio::io_context io_;
  Server server_;
  std::vector<std::thread> threads_;
};

struct Reply {
  int status = 0;  ///< 0: the connection ended before a whole response came
  std::string head;
  std::string body;

  bool has(std::string_view line) const { return head.find(line) != std::string::npos; }
};

/// Blocking; one connection.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port, const char* from = "127.0.0.1") : socket_(io_) {
    socket_.open(asio::ip::tcp::v4());
    socket_.bind({asio::ip::make_address(from), 0});
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
  }

  /// What cannot be sent, because the server has closed, is left unsent.
  void send(std::string_view text) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(text.data(), text.size()), ignored);
  }

  void end_sending() { socket_.shutdown(asio::ip::tcp::socket::shutdown_send); }

  void reset() {
    socket_.set_option(asio::socket_base::linger(true, 0));
    socket_.close();
  }

  Reply read(bool with_body = true) {
    Reply reply;
    boost::system::error_code error;
    const auto end = asio::read_until(socket_, asio::dynamic_buffer(buffer_), "\r\n\r\n", error);
    if (error) return reply;
    reply.head = buffer_.substr(0, end);
    buffer_.erase(0, end);
    std::size_t length = 0;
    if (const auto at = reply.head.find("Content-Length: "); at != std::string::npos) {
      std::from_chars(reply.head.data() + at + 16, reply.head.data() + reply.head.size(), length);
    }
    if (with_body && buffer_.size() < length) {
      asio::read(socket_, asio::dynamic_buffer(buffer_), asio::transfer_exactly(length - buffer_.size()),
                 error);
      if (error) return reply;
    }
    if (with_body) {
      reply.body = buffer_.substr(0, length);
      buffer_.erase(0, length);
    }
    std::from_chars(reply.head.data() + 9, reply.head.data() + 12, reply.status);
    return reply;
  }

  /// True if the server has closed and nothing more came.
  bool ended() {
    boost::system::error_code error;
    char byte = 0;
    return buffer_.empty() && asio::read(socket_, asio::buffer(&byte, 1), error) == 0 && error;
  }

 private:
  asio::io_context io_;
  asio::ip::tcp::socket socket_;
  std::string buffer_;
};

}  // namespace loopstate::http
