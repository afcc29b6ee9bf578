// A sender that answers from a list, and what its answers are made of.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dynamodb/sender.hpp"

namespace loopstate::dynamodb {

class ListedSender final : public Sender {
 public:
  std::deque<http::ClientOutcome> answers;
  std::vector<Attempt> attempts;
  int refreshed = 0;
  /// While the request is on its way.
  std::function<void()> before_answer = [] {};

  Task<http::ClientOutcome> send(Attempt attempt, Deadline) override {
    attempts.push_back(std::move(attempt));
    before_answer();
    if (answers.empty()) co_return std::unexpected(http::ClientFailure{Error{}, false});
    http::ClientOutcome answer = std::move(answers.front());
    answers.pop_front();
    co_return answer;
  }
  void refresh_credentials() override { ++refreshed; }
  std::string endpoint() const override { return "http://test"; }
  Task<std::vector<table::Finding>> describe(Deadline) override { co_return std::vector<table::Finding>(); }
  Task<Result<void>> warm_up(Deadline) override { co_return Result<void>(); }
};

inline http::ClientReply reply(std::uint16_t status, std::string body) {
  http::ClientReply out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

inline http::ClientReply service_error(std::string_view type, std::uint16_t status = 400) {
  return reply(status, R"({"__type":"x#)" + std::string(type) + R"(","message":"m"})");
}

inline http::ClientOutcome lost(bool sent) {
  return std::unexpected(
      http::ClientFailure{Error{ErrorCode::ConnectionFailed, "lost", true, nullptr}, sent});
}

}  // namespace loopstate::dynamodb
