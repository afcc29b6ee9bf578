#include "lambda/runtime_api_stub.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>

namespace loopstate::lambda {

namespace {

using std::chrono::milliseconds;
using testing_net::tcp;

constexpr std::chrono::seconds kPatience{20};
/// How often a waiting poll checks whether its peer is still there.
constexpr milliseconds kLook{5};

bool is_gone(tcp::socket& socket) {
  char byte = 0;
  const auto count = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

std::int64_t unix_ms() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(wall).count();
}

std::string bytes_of(const ApiAnswer& answer) {
  std::string bytes = fmt::format("HTTP/1.1 {} Status\r\n", answer.status);
  for (const auto& [name, value] : answer.headers) bytes += fmt::format("{}: {}\r\n", name, value);
  if (answer.status != 204) bytes += fmt::format("Content-Length: {}\r\n", answer.body.size());
  return bytes + "\r\n" + answer.body;
}

/// Whether the connection can be used further.
bool send(tcp::socket& socket, const ApiAnswer& answer) {
  using Fault = ApiAnswer::Fault;
  if (answer.fault == Fault::NoReply) return false;
  std::string bytes = answer.fault == Fault::Garbage ? "what is this?\r\n\r\n" : bytes_of(answer);
  if (answer.fault == Fault::HalfReply) bytes.resize(bytes.size() / 2);
  boost::system::error_code error;
  boost::asio::write(socket, boost::asio::buffer(bytes), error);
  return !error && answer.fault == Fault::None;
}

ApiCall parse(testing_net::Message message, int connection) {
  ApiCall call;
  const std::string_view head = message.head;
  call.method = head.substr(0, head.find(' '));
  const auto begin = call.method.size() + 1;
  call.target = head.substr(begin, head.find(' ', begin) - begin);
  call.head = std::move(message.head);
  call.body = std::move(message.body);
  call.connection = connection;
  return call;
}

}  // namespace

std::optional<std::string> ApiCall::header(std::string_view name) const {
  const std::string line = fmt::format("\r\n{}: ", name);
  const auto at = head.find(line);
  if (at == std::string::npos) return std::nullopt;
  const auto begin = at + line.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::string ApiCall::request_id() const {
  constexpr std::string_view kBefore = "/runtime/invocation/";
  const auto at = target.find(kBefore);
  if (at == std::string::npos) return {};
  const auto begin = at + kBefore.size();
  return target.substr(begin, target.find('/', begin) - begin);
}

ApiAnswer event_answer(std::string request_id, std::string body) {
  return event_answer(std::move(request_id), std::move(body), milliseconds(10'000));
}

ApiAnswer event_answer(std::string request_id, std::string body, milliseconds left) {
  ApiAnswer answer;
  answer.headers = {
      {"Content-Type", "application/json"},
      {"Lambda-Runtime-Aws-Request-Id", std::move(request_id)},
      {"Lambda-Runtime-Deadline-Ms", std::to_string(unix_ms() + left.count())},
      {"Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:012345678912:function:f"},
      {"Lambda-Runtime-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"}};
  answer.body = std::move(body);
  return answer;
}

RuntimeApiStub::RuntimeApiStub() : server_([this](Socket& socket, int number) { serve(socket, number); }) {}

RuntimeApiStub::~RuntimeApiStub() {
  stop();
}

std::string RuntimeApiStub::address() const {
  return fmt::format("127.0.0.1:{}", server_.port());
}

void RuntimeApiStub::add(ApiAnswer answer) {
  const std::lock_guard lock(mutex_);
  answers_.push_back(std::move(answer));
  changed_.notify_all();
}

void RuntimeApiStub::set_source(std::function<std::optional<ApiAnswer>()> source) {
  const std::lock_guard lock(mutex_);
  source_ = std::move(source);
  changed_.notify_all();
}

void RuntimeApiStub::set_responder(std::function<std::optional<ApiAnswer>(const ApiCall&)> responder) {
  const std::lock_guard lock(mutex_);
  responder_ = std::move(responder);
}

void RuntimeApiStub::keep_calls(bool keep) {
  const std::lock_guard lock(mutex_);
  keep_ = keep;
}

std::vector<ApiCall> RuntimeApiStub::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<ApiCall> RuntimeApiStub::calls_to(std::string_view target_end) const {
  std::vector<ApiCall> found = calls();
  std::erase_if(found, [&](const ApiCall& call) { return !call.target.ends_with(target_end); });
  return found;
}

std::vector<ApiCall> RuntimeApiStub::wait_for(std::string_view target_end, std::size_t count) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::unique_lock lock(mutex_);
  const auto there = [&] {
    return static_cast<std::size_t>(std::ranges::count_if(
               calls_, [&](const ApiCall& call) { return call.target.ends_with(target_end); })) >= count;
  };
  EXPECT_TRUE(changed_.wait_until(lock, until, there)) << "not " << count << " calls to ..." << target_end;
  lock.unlock();
  auto found = calls_to(target_end);
  found.resize(std::max(found.size(), count));  // for tests that continue after the failure
  return found;
}

std::size_t RuntimeApiStub::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

bool RuntimeApiStub::wait_until_waiting(std::size_t polls) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return waiting_ == polls; });
}

void RuntimeApiStub::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  server_.stop();
}

void RuntimeApiStub::serve(Socket& socket, int number) {
  std::string buffer;
  while (auto message = testing_net::read_message(socket, buffer)) {
    const ApiCall call = parse(std::move(*message), number);
    {
      const std::lock_guard lock(mutex_);
      if (keep_) calls_.push_back(call);
      changed_.notify_all();
    }
    const auto answer = answer_of(call, socket);
    if (!answer || !send(socket, *answer)) return;
  }
}

std::optional<ApiAnswer> RuntimeApiStub::answer_of(const ApiCall& call, Socket& socket) {
  if (call.is_next()) return next_answer(socket);
  std::function<std::optional<ApiAnswer>(const ApiCall&)> responder;
  {
    const std::lock_guard lock(mutex_);
    responder = responder_;
  }
  if (responder) {
    if (auto answer = responder(call)) return answer;
  }
  ApiAnswer answer;
  if (call.target.ends_with("/extension/register")) {
    answer.headers = {{"Lambda-Extension-Identifier", "extension-1"}};
    answer.body = R"({"functionName":"f"})";
    return answer;
  }
  if (call.target.ends_with("/extension/event/next")) {
    wait_for_end(socket);
    return std::nullopt;
  }
  answer.status = 202;
  answer.body = R"({"status":"OK"})";
  return answer;
}

std::optional<ApiAnswer> RuntimeApiStub::next_answer(Socket& socket) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.notify_all();
  std::optional<ApiAnswer> answer;
  while (!stopping_ && !answer && !is_gone(socket)) {
    if (!answers_.empty()) {
      answer = std::move(answers_.front());
      answers_.pop_front();
    } else if (source_) {
      answer = source_();
    }
    if (!answer) changed_.wait_for(lock, kLook);
  }
  --waiting_;
  changed_.notify_all();
  return answer;
}

void RuntimeApiStub::wait_for_end(Socket& socket) {
  std::unique_lock lock(mutex_);
  while (!stopping_ && !is_gone(socket)) changed_.wait_for(lock, kLook);
}

}  // namespace loopstate::lambda
