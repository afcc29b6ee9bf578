#include "lambda/extension.hpp"

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "async/sleep.hpp"

namespace loopstate::lambda {

namespace {

constexpr std::chrono::seconds kRegisterTimeout{1};
constexpr std::chrono::milliseconds kPauseBetweenWaits{100};
constexpr int kWaitsMax = 5;
constexpr std::string_view kNoSignal = "; this process will get no SIGTERM";

/// The extension's identifier.
Task<std::optional<std::string>> register_extension(std::shared_ptr<http::Transport> transport,
                                                    log::Logger log) {
  http::ClientRequest request("POST", "/2020-01-01/extension/register");
  request.add("Content-Type", "application/json");
  request.add("Lambda-Extension-Name", "loopstate-shutdown");
  request.body = R"({"events":[]})";
  const Deadline deadline = std::chrono::steady_clock::now() + kRegisterTimeout;
  auto outcome = co_await transport->send(std::move(request), deadline, http::Repeat::Harmless);
  if (!outcome) {
    log.info("the internal extension could not be registered" + std::string(kNoSignal),
             log::Fields().add("error_message", outcome.error().error.message));
    co_return std::nullopt;
  }
  const auto identifier = outcome->header("Lambda-Extension-Identifier");
  if (outcome->status != 200 || !identifier) {
    log.info("Lambda did not register the internal extension" + std::string(kNoSignal),
             log::Fields().add("status", outcome->status));
    co_return std::nullopt;
  }
  co_return std::string(*identifier);
}

}  // namespace

Task<void> run_extension(std::shared_ptr<http::Transport> transport, log::Logger log,
                         std::function<void()> registered) {
  const std::optional<std::string> identifier = co_await register_extension(transport, log);
  registered();
  if (!identifier) co_return;
  // Lambda's init phase ends only when each extension is waiting, so a wait that failed is started again.
  for (int waits = 0; waits < kWaitsMax; ++waits) {
    http::ClientRequest request("GET", "/2020-01-01/extension/event/next");
    request.add("Lambda-Extension-Identifier", *identifier);
    auto outcome = co_await transport->send(std::move(request), Deadline::max(), http::Repeat::Harmless);
    if (!outcome && outcome.error().error.code == ErrorCode::Cancelled) co_return;
    co_await async::sleep_for(kPauseBetweenWaits);
  }
  log.info("Lambda does not let the internal extension wait" + std::string(kNoSignal));
}

}  // namespace loopstate::lambda
