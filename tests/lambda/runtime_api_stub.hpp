// Lambda's Runtime API on a loopback port, faults included, for what the emulator cannot do.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fault_proxy/blocking_server.hpp"

namespace loopstate::lambda {

/// One request that the runtime sent.
struct ApiCall {
  std::string method;
  std::string target;
  std::string head;
  std::string body;
  int connection = 0;  ///< its number, from 1

  /// The first header of that name; nothing if there is none.
  std::optional<std::string> header(std::string_view name) const;
  bool is_next() const { return target.ends_with("/runtime/invocation/next"); }
  /// Between ".../invocation/" and the next slash.
  std::string request_id() const;
};

/// What the API answers.
struct ApiAnswer {
  enum class Fault : std::uint8_t {
    None,
    NoReply,     ///< closes the connection instead
    HalfReply,   ///< closes it after half the reply
    CloseAfter,  ///< closes it after the reply, without having said so
    Garbage      ///< something that is not HTTP
  };
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Fault fault = Fault::None;
};

/// An event with the headers that Lambda sends; 10 s until its deadline.
ApiAnswer event_answer(std::string request_id, std::string body);
/// The same with a different time left.
ApiAnswer event_answer(std::string request_id, std::string body, std::chrono::milliseconds left);

/// Answers each poll with what was added, in turn, and lets it wait if there is nothing. One thread per
/// connection.
class RuntimeApiStub {
 public:
  RuntimeApiStub();
  ~RuntimeApiStub();

  /// AWS_LAMBDA_RUNTIME_API.
  std::string address() const;

  void add(ApiAnswer answer);
  void add_event(std::string request_id, std::string body) {
    add(event_answer(std::move(request_id), std::move(body)));
  }
  /// Called for a poll if nothing was added, before it has to wait.
  void set_source(std::function<std::optional<ApiAnswer>()> source);
  /// The answer to everything but polls; default: 202, an identifier for a registration, nothing for an
  /// extension that waits (its connection stays open).
  void set_responder(std::function<std::optional<ApiAnswer>(const ApiCall&)> responder);
  /// Default true: `calls` has them all.
  void keep_calls(bool keep);

  std::vector<ApiCall> calls() const;
  /// Those whose target ends with this.
  std::vector<ApiCall> calls_to(std::string_view target_end) const;
  /// Waits until there are `count` of them; after 20 s the test fails, and the missing ones are empty.
  std::vector<ApiCall> wait_for(std::string_view target_end, std::size_t count);
  /// Polls waiting for an event now.
  std::size_t waiting() const;
  bool wait_until_waiting(std::size_t polls);
  int connections() const { return server_.connections(); }

  /// Ends every wait, and refuses what comes afterwards.
  void stop();

 private:
  using Socket = testing_net::tcp::socket;
  void serve(Socket& socket, int number);
  /// Nothing if the connection is to be closed silently.
  std::optional<ApiAnswer> answer_of(const ApiCall& call, Socket& socket);
  std::optional<ApiAnswer> next_answer(Socket& socket);
  void wait_for_end(Socket& socket);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<ApiAnswer> answers_;
  std::vector<ApiCall> calls_;
  std::function<std::optional<ApiAnswer>()> source_;
  std::function<std::optional<ApiAnswer>(const ApiCall&)> responder_;
  std::size_t waiting_ = 0;
  bool keep_ = true;
  bool stopping_ = false;
  testing_net::BlockingServer server_;  // last: its threads use the rest
};

}  // namespace loopstate::lambda
