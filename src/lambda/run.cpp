#include <fmt/format.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>

#include "lambda/runtime.hpp"

namespace loopstate::lambda {

int run(Start start, RuntimeOptions options) {
  return run(std::move(start), std::move(options), ErrorsLoggedBy::Loop);
}

int run(Start start, RuntimeOptions options, ErrorsLoggedBy errors_logged_by) {
  auto config = RuntimeConfig::read(options);
  if (!config) {
    fmt::print(stderr, "{}\n", config.error().message);
    return 2;
  }
  config->errors_logged_by = errors_logged_by;
  Runtime runtime(std::move(*config));
  boost::asio::signal_set signals(runtime.io(), SIGTERM);
  signals.async_wait([&runtime](boost::system::error_code error, int) {
    if (!error) runtime.stop();
  });
  const int status = runtime.run(std::move(start));
  static_cast<void>(std::fflush(nullptr));
  return status;
}

}  // namespace loopstate::lambda
