#include "bootstrap/emulator.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <thread>

#include "bootstrap/bootstrap_fixture.hpp"
#include "fault_proxy/blocking_server.hpp"

namespace loopstate::function {

namespace asio = boost::asio;
using testing_net::tcp;

namespace {

constexpr int kStartsMax = 5;
constexpr std::chrono::seconds kPatience{20};

/// Free a moment ago: the emulator does not accept port 0.
std::uint16_t free_port() {
  asio::io_context io;
  const tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  return acceptor.local_endpoint().port();
}

bool listens(std::uint16_t port) {
  asio::io_context io;
  tcp::socket socket(io);
  boost::system::error_code error;
  socket.connect({asio::ip::address_v4::loopback(), port}, error);
  return !error;
}

}  // namespace

Emulator::Emulator(std::map<std::string, std::string> environment) {
  environment["PATH"] = "/usr/bin:/bin";
  for (int start = 0; start < kStartsMax; ++start) {
    port_ = free_port();
    std::vector<std::string> arguments = {"--log-level",
                                          "error",
                                          "--runtime-api-address",
                                          fmt::format("127.0.0.1:{}", free_port()),
                                          "--runtime-interface-emulator-address",
                                          fmt::format("127.0.0.1:{}", port_)};
    for (auto& word : bootstrap_command()) arguments.push_back(std::move(word));
    process_ = std::make_unique<ChildProcess>(LOOPSTATE_LAMBDA_EMULATOR, environment, folder_.file("log"),
                                              arguments);
    // Somebody else may have taken a port meanwhile; then it exits.
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (process_->running() && std::chrono::steady_clock::now() < until) {
      if (listens(port_)) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  ADD_FAILURE() << "the emulator does not start: " << log();
}

Emulator::~Emulator() {
  process_->signal(SIGTERM);  // which also ends `bootstrap`
  process_->wait();
}

std::string Emulator::invoke(const std::string& event) {
  asio::io_context io;
  tcp::socket socket(io);
  boost::system::error_code error;
  socket.connect({asio::ip::address_v4::loopback(), port_}, error);
  const std::string request = fmt::format(
      "POST /2015-03-31/functions/function/invocations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
      "{}\r\n\r\n{}",
      event.size(), event);
  asio::write(socket, asio::buffer(request), error);
  std::string buffer;
  const auto reply = testing_net::read_message(socket, buffer);
  if (!reply) ADD_FAILURE() << "no reply of the emulator: " << log();
  return reply ? reply->body : "";
}

std::string Emulator::log() const {
  return text_of_file(folder_.file("log"));
}

}  // namespace loopstate::function
