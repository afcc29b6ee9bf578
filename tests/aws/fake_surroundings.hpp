// A world for credential sources: an environment, a clock, and servers that answer as the test says.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "async/run_to_end.hpp"
#include "aws/source_chain.hpp"

namespace loopstate::aws {

class FixedClock final : public Clock {
 public:
  Timestamp now() const override { return time; }
  Timestamp time{std::chrono::seconds{1'800'000'000}};
};

/// Answers every request with the test's function, and keeps the requests.
class FakeServers final : public http::Transport {
 public:
  struct Seen {
    std::string url, method, target, headers, body;
  };
  using Answer = std::function<http::ClientOutcome(const Seen&)>;

  explicit FakeServers(Answer answer) : answer_(std::move(answer)) {}

  Task<http::ClientOutcome> send(http::ClientRequest request, Deadline, http::Repeat) override {
    seen.push_back({url, request.method(), request.target(), request.headers(), request.body});
    co_return answer_(seen.back());
  }

  Task<Result<void>> warm_up(Deadline) override { co_return Result<void>{}; }

  std::string url;
  std::vector<Seen> seen;

 private:
  Answer answer_;
};

inline http::ClientOutcome reply(std::uint16_t status, std::string body) {
  http::ClientReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

inline http::ClientOutcome nobody() {
  return std::unexpected(
      http::ClientFailure{Error{ErrorCode::ConnectionFailed, "nobody answers", true, nullptr}, false});
}

class World {
 public:
  explicit World(FakeServers::Answer answer = [](const auto&) { return nobody(); })
      : servers_(std::make_shared<FakeServers>(std::move(answer))) {}

  std::map<std::string, std::string, std::less<>> variables;
  FixedClock clock;

  Surroundings surroundings() {
    return Surroundings{[this](std::string_view name) -> std::optional<std::string> {
                          const auto found = variables.find(name);
                          return found == variables.end() ? std::nullopt : std::optional(found->second);
                        },
                        [this](const http::Endpoint& endpoint) -> Result<std::shared_ptr<http::Transport>> {
                          servers_->url = endpoint.url();
                          return servers_;
                        },
                        clock};
  }
  const std::vector<FakeServers::Seen>& seen() const { return servers_->seen; }

  template <typename T>
  T run(boost::asio::awaitable<T> task) {
    boost::asio::io_context io;
    return async::run_to_end(io, std::move(task));
  }
  Result<CredentialsPtr> fetch() {
    auto source = make_source_chain(surroundings());
    if (!source) return std::unexpected(source.error());
    return run((*source)->fetch(std::chrono::steady_clock::now() + std::chrono::seconds(20)));
  }

 private:
  std::shared_ptr<FakeServers> servers_;
};

}  // namespace loopstate::aws
