#include "replaying_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <map>
#include <stdexcept>
#include <string_view>

namespace loopstate::bench {

namespace {

/// The length of the first whole request in `text`, 0 if there is none yet.
std::size_t request_bytes(std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  std::size_t body = 0;
  if (const std::size_t at = text.find("Content-Length: "); at < end) {
    std::from_chars(text.data() + at + 16, text.data() + end, body);
  }
  const std::size_t all = end + 4 + body;
  return text.size() >= all ? all : 0;
}

[[noreturn]] void serve(int listener, const ReplayingServer::Answer& answer) {
  const int epoll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener;
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  std::map<int, std::string> pending;
  std::array<epoll_event, 64> events{};
  std::array<char, 65536> buffer{};
  while (true) {
    const int count = epoll_wait(epoll, events.data(), events.size(), -1);
    for (int at = 0; at < count; ++at) {
      const int fd = events[static_cast<std::size_t>(at)].data.fd;
      if (fd == listener) {
        const int accepted = accept4(listener, nullptr, nullptr, 0);
        const int one = 1;
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        event.data.fd = accepted;
        epoll_ctl(epoll, EPOLL_CTL_ADD, accepted, &event);
        continue;
      }
      const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
      if (got <= 0) {
        close(fd);
        pending.erase(fd);
        continue;
      }
      std::string& text = pending[fd];
      text.append(buffer.data(), static_cast<std::size_t>(got));
      const std::string reply = answer(text);
      if (!reply.empty()) send(fd, reply.data(), reply.size(), MSG_NOSIGNAL);
    }
  }
}

}  // namespace

ReplayingServer::ReplayingServer(const std::string& reply)
    : ReplayingServer([&](std::uint16_t) -> Answer {
        return [reply](std::string& text) {
          std::string out;
          while (const std::size_t bytes = request_bytes(text)) {
            text.erase(0, bytes);
            out += reply;
          }
          return out;
        };
      }) {}

ReplayingServer::ReplayingServer(const std::function<Answer(std::uint16_t port)>& make_answer) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      listen(listener, 256) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("the replaying server cannot listen");
  }
  port_ = ntohs(address.sin_port);
  child_ = fork();
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve(listener, make_answer(port_));
  }
  close(listener);
}

ReplayingServer::~ReplayingServer() {
  kill(child_, SIGKILL);
  waitpid(child_, nullptr, 0);
}

}  // namespace loopstate::bench
