#include "histories/recorder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>

#include "histories/context_summary.hpp"
#include "loopstate/context.hpp"

namespace loopstate::histories {
namespace {

std::int64_t steady_nanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

std::string error_members(const Error& error) {
  std::string members = fmt::format(R"("error":"{}","retryable":{})", to_string(error.code), error.retryable);
  if (error.conflict) members += fmt::format(R"(,"current":{})", summary(error.conflict->current));
  return members;
}

}  // namespace

std::uint64_t Recorder::begins(int client, const RecordedCall& call, Timestamp now) {
  const std::uint64_t number = ++calls_;
  std::string line = fmt::format(
      R"({{"type":"call","process":{},"op":{},"client":{},"key":"{}","call":"{}","args":{},"now":{})",
      process_, number, client, call.key, call.call, call.args, now.time_since_epoch().count());
  if (!call.held.empty()) line += fmt::format(R"(,"held":{})", call.held);
  if (call.request_id) line += fmt::format(R"(,"request":"{}")", *call.request_id);
  write(line + fmt::format(R"(,"time":{}}})", steady_nanoseconds()));
  return number;
}

void Recorder::returns(std::uint64_t number, const Answer& answer) {
  const std::int64_t time = steady_nanoseconds();
  const std::string what = answer ? fmt::format(R"("answer":{})", *answer) : error_members(answer.error());
  write(
      fmt::format(R"({{"type":"return","process":{},"op":{},{},"time":{}}})", process_, number, what, time));
}

void Recorder::write(const std::string& line) const {
  const std::string whole = line + "\n";
  // A pipe takes this much at once or not at all (PIPE_BUF), so that lines from several threads do not mix.
  if (::write(file_, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) ::_exit(3);
}

}  // namespace loopstate::histories
