#include <fmt/format.h>

#include "base/try.hpp"
#include "lambda/runtime.hpp"
#include "lambda/runtime_protocol.hpp"

namespace loopstate::lambda {

namespace {

constexpr std::chrono::milliseconds kOptionMax{10'000};

Result<void> check_range(std::string_view name, std::chrono::milliseconds value) {
  if (value >= std::chrono::milliseconds(0) && value <= kOptionMax) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("{} is {} ms; expected 0 to {} ms", name, value.count(), kOptionMax.count()));
}

log::Logger make_log(const RuntimeOptions& options) {
  auto read = log::options_from_environment(options.environment, false);
  const log::Options chosen = read ? *read : log::Options{log::Format::Json, log::Level::Info};
  log::Logger log =
      !options.log ? log::Logger::to_stderr(chosen)
                   : log::Logger::to_sink(
                         chosen, [sink = options.log](log::Level, std::string_view line) { sink(line); });
  if (!read) log.warn(read.error().message);
  return log;
}

}  // namespace

Result<RuntimeConfig> RuntimeConfig::read(const RuntimeOptions& options) {
  TRY_OK(check_range("reserve", options.reserve));
  TRY_OK(check_range("shutdown_grace", options.shutdown_grace));
  constexpr std::string_view kVariable = "AWS_LAMBDA_RUNTIME_API";
  const auto address = options.environment(kVariable);
  if (!address || address->empty()) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} is not set; this program serves events on AWS Lambda, which sets it, or under "
                    "Lambda's runtime interface emulator",
                    kVariable));
  }
  TRY(auto endpoint, http::parse_endpoint("http://" + *address, kVariable));

  RuntimeConfig config;
  config.api = std::move(endpoint);
  config.polls = poll_count(options.environment("AWS_LAMBDA_MAX_CONCURRENCY"));
  config.reserve = options.reserve;
  config.shutdown_grace = options.shutdown_grace;
  config.register_extension = options.register_extension;
  config.snap_start = options.environment("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start";
  config.log = make_log(options);
  return config;
}

}  // namespace loopstate::lambda
