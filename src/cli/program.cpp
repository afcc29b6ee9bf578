#include "cli/program.hpp"

#include <chrono>

namespace loopstate::cli {
namespace {

constexpr std::uint64_t kMaxTimeoutSeconds = 86'400;

}  // namespace

Result<Settings> Program::settings() const {
  if (options_.url) return settings_for(*options_.url);
  return with_timeout(Settings::from_environment(process_environment()));
}

Result<Settings> Program::with_timeout(Result<Settings> settings) const {
  const auto timeout = request_timeout();
  if (!timeout) return std::unexpected(timeout.error());
  if (settings && options_.timeout) settings->store.default_timeout = *timeout;
  return settings;
}

Result<Settings> Program::settings_for(const std::string& url) const {
  return with_timeout(Settings::from_environment(
      [environment = process_environment(), &url](std::string_view name) -> std::optional<std::string> {
        if (name == "LOOPSTATE_URL") return url;
        return environment(name);
      }));
}

Result<std::shared_ptr<table::Table>> Program::open_table(OpenMode mode) const {
  const auto found = settings();
  if (!found) return std::unexpected(found.error());
  return loopstate::open_table(*found, mode);
}

Result<Store> Program::open(OpenMode mode) const {
  const auto found = settings();
  if (!found) return std::unexpected(found.error());
  return loopstate::open(*found, mode);
}

Result<Opened> Program::begin(const Arguments& arguments, OpenMode mode) const {
  auto options = call_options(arguments);
  if (!options) return std::unexpected(std::move(options.error()));
  auto store = open(mode);
  if (!store) return std::unexpected(std::move(store.error()));
  return Opened{std::move(*store), std::move(*options)};
}

Result<OpenedForUser> Program::begin_for_user(const Arguments& arguments) const {
  auto user = name<UserId>(arguments, "USER");
  if (!user) return std::unexpected(std::move(user.error()));
  auto opened = begin(arguments);
  if (!opened) return std::unexpected(std::move(opened.error()));
  return OpenedForUser{std::move(*user), std::move(opened->store), std::move(opened->options)};
}

Result<std::chrono::milliseconds> Program::request_timeout() const {
  if (!options_.timeout) return StoreSettings{}.default_timeout;
  const auto seconds = parse_whole_number("--timeout", *options_.timeout, 1, kMaxTimeoutSeconds);
  if (!seconds) return std::unexpected(seconds.error());
  return std::chrono::seconds(*seconds);
}

Result<CallOptions> Program::call_options(const Arguments& arguments) const {
  CallOptions call;
  if (options_.timeout) {
    const auto timeout = request_timeout();
    if (!timeout) return std::unexpected(timeout.error());
    call.deadline = std::chrono::steady_clock::now() + *timeout;
  }
  call.request_id = arguments.optional("--request-id");
  return call;
}

}  // namespace loopstate::cli
