// A name server for tests.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <string>
#include <thread>
#include <utility>

namespace loopstate::http {

/// Answers queries for one name, on loopback; everything else does not exist. RFC 1035, section 4.
class NameServer {
 public:
  NameServer(std::string name, std::string ipv4, std::string ipv6,
             boost::asio::ip::udp::endpoint address = {boost::asio::ip::address_v4::loopback(), 0})
      : name_(std::move(name)),
        ipv4_(std::move(ipv4)),
        ipv6_(std::move(ipv6)),
        socket_(io_, std::move(address)),
        thread_([this] { serve(); }) {}
  ~NameServer() {
    stopping_ = true;
    boost::asio::ip::udp::socket waker(io_, boost::asio::ip::udp::v4());
    waker.send_to(boost::asio::buffer("", 0), socket_.local_endpoint());
    thread_.join();
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(socket_.local_endpoint().port()); }

 private:
  void serve() {
    std::array<char, 512> packet{};
    while (true) {
      boost::asio::ip::udp::endpoint from;
      const auto count = socket_.receive_from(boost::asio::buffer(packet), from);
      if (stopping_) return;
      const std::string reply = answer(std::string(packet.data(), count));
      socket_.send_to(boost::asio::buffer(reply), from);
    }
  }

  std::string answer(const std::string& question) const {
    std::string name;
    std::size_t at = 12;
    while (question.at(at) != 0) {
      const auto length = static_cast<std::size_t>(question.at(at));
      name += question.substr(at + 1, length) + ".";
      at += length + 1;
    }
    const char type = question.at(at + 2);
    const std::string asked = question.substr(12, at + 5 - 12);
    const bool known = name == name_ + ".";
    std::string data = !known ? "" : type == 1 ? ipv4_ : type == 28 ? ipv6_ : "";
    std::string reply = question.substr(0, 2);
    reply += '\x81';                   // an answer
    reply += known ? '\x80' : '\x83';  // no error; no such name
    reply += std::string("\0\1\0", 3) + (data.empty() ? '\0' : '\1') + std::string(4, '\0') + asked;
    if (data.empty()) return reply;
    reply += std::string("\xc0\x0c\0", 3) + type + std::string("\0\1\0\0\0\x3c\0", 7);
    reply += static_cast<char>(data.size());
    return reply + data;
  }

  std::string name_;
  std::string ipv4_;  ///< as bytes; empty: none
  std::string ipv6_;
  boost::asio::io_context io_;
  boost::asio::ip::udp::socket socket_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace loopstate::http
