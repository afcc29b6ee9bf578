#include "one_delivery.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>
#include <utility>

#include "base/try.hpp"
#include "base/wall_clock.hpp"
#include "body_template.hpp"
#include "read_file.hpp"

namespace loopstate::demo {
namespace {

using std::chrono::steady_clock;

// In a thread of its own: the event loop is busy with the delivery.
class Killer {
 public:
  explicit Killer(std::optional<Kill> kill) {
    if (kill)
      thread_ = std::jthread([this, kill = *kill, at = steady_clock::now() + kill->after] {
        std::this_thread::sleep_until(at);
        if (::kill(kill.process, SIGKILL) != 0) error_ = errno;
      });
  }

  /// Waits for it. 0, or why it could not be done.
  int finish() {
    if (thread_.joinable()) thread_.join();
    return error_;
  }

 private:
  int error_ = 0;
  std::jthread thread_;
};

}  // namespace

Task<Result<OneDelivery>> deliver_one(http::Client* client, const webhook::WebhookSettings* settings,
                                      std::filesystem::path body, std::optional<Kill> kill) {
  CO_TRY(const auto text, read_file(body));
  const auto now_ms = wall_clock_ms();
  CO_TRY(auto expanded, expand(text, Timestamp(std::chrono::seconds(now_ms / 1000)), 1));
  Step step;
  step.body_file = body.filename().string();
  CO_TRY(auto delivery, sign(step, std::move(expanded), now_ms, *settings));
  CO_TRY_OK(co_await wait_for_agent(client));

  const auto began = steady_clock::now();
  Killer killer(kill);
  auto answered = co_await post(client, std::move(delivery), http::Repeat::Never);
  OneDelivery out;
  out.took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - began);
  if (const int error = killer.finish(); error != 0) {
    co_return fail(ErrorCode::StorageFailure,
                   fmt::format("process {} cannot be killed: {}", kill->process, std::strerror(error)));
  }
  if (!answered && !kill) co_return std::unexpected(std::move(answered.error()));
  if (answered) out.answered = std::move(*answered);
  co_return out;
}

}  // namespace loopstate::demo
