// A server for tests: blocking sockets, a thread per connection, and a function that says what to do.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cctype>
#include <charconv>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace loopstate::testing_net {

using boost::asio::ip::tcp;

/// One HTTP message, head and body separate; nothing if the peer closed or sent something else.
struct Message {
  std::string head;  ///< including the empty line
  std::string body;
};

/// Where the value of that header begins, however its name is written; npos if there is none.
inline std::size_t find_header(std::string_view head, std::string_view name) {
  const std::string wanted = fmt::format("\r\n{}:", name);
  const auto found = std::ranges::search(head, wanted, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  });
  if (found.empty()) return std::string_view::npos;
  const auto after = static_cast<std::size_t>(found.end() - head.begin());
  return std::min(head.find_first_not_of(" \t", after), head.size());
}

template <typename Stream>
std::optional<Message> read_message(Stream& socket, std::string& buffer) {
  std::size_t end = std::string::npos;
  boost::system::error_code error;
  char chunk[65536];
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    const std::size_t count = socket.read_some(boost::asio::buffer(chunk), error);
    if (error) return std::nullopt;
    buffer.append(chunk, count);
  }
  Message message{buffer.substr(0, end + 4), {}};
  std::size_t length = 0;
  if (const std::size_t at = find_header(message.head, "Content-Length"); at != std::string::npos) {
    std::from_chars(message.head.data() + at, message.head.data() + message.head.size(), length);
  }
  while (buffer.size() < end + 4 + length) {
    const std::size_t count = socket.read_some(boost::asio::buffer(chunk), error);
    if (error) return std::nullopt;
    buffer.append(chunk, count);
  }
  message.body = buffer.substr(end + 4, length);
  buffer.erase(0, end + 4 + length);
  return message;
}

/// `serve` gets each connection and its number (from 1) on its own thread; the socket closes when it
/// returns.
class BlockingServer {
 public:
  using Serve = std::function<void(tcp::socket&, int)>;

  explicit BlockingServer(Serve serve)
      : serve_(std::move(serve)),
        acceptor_(context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()),
        thread_([this] { accept(); }) {}

  ~BlockingServer() { stop(); }

  /// Nobody gets in from here on, and open connections are cut.
  void stop() {
    if (stopping_.exchange(true)) return;
    boost::system::error_code ignored;
    tcp::socket wake(context_);
    wake.connect(tcp::endpoint(boost::asio::ip::address_v4::loopback(), port_), ignored);
    thread_.join();
    cut_all();
    for (Connection& connection : connections_) connection.thread.join();
  }

  /// Cuts the connections that are open now.
  void cut_all() {
    const std::lock_guard lock(mutex_);
    for (Connection& connection : connections_) {
      boost::system::error_code ignored;
      if (connection.open) connection.socket.shutdown(tcp::socket::shutdown_both, ignored);
    }
  }

  std::uint16_t port() const { return port_; }
  int connections() const { return count_; }

 private:
  struct Connection {
    tcp::socket socket;
    std::thread thread;
    bool open = true;
  };

  void accept() {
    while (true) {
      boost::system::error_code error;
      tcp::socket socket(context_);
      acceptor_.accept(socket, error);
      if (stopping_ || error) {
        acceptor_.close(error);
        return;
      }
      socket.set_option(tcp::no_delay(true), error);
      const int number = ++count_;
      const std::lock_guard lock(mutex_);
      Connection& connection = connections_.emplace_back(std::move(socket), std::thread());
      connection.thread = std::thread([this, &connection, number] {
        serve_(connection.socket, number);
        const std::lock_guard closing(mutex_);
        connection.open = false;
        boost::system::error_code ignored;
        connection.socket.shutdown(tcp::socket::shutdown_both, ignored);
        connection.socket.close(ignored);
      });
    }
  }

  Serve serve_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> count_{0};
  std::mutex mutex_;
  std::list<Connection> connections_;
  std::thread thread_;
};

}  // namespace loopstate::testing_net
