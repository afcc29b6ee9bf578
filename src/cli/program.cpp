#include "cli/program.hpp"

#include <chrono>

#include "base/store_url.hpp"
#include "base/try.hpp"
#include "open/open_table.hpp"

namespace loopstate::cli {
namespace {

constexpr std::uint64_t kMaxTimeoutSeconds = 86'400;

}  // namespace

Result<Settings> Program::settings() const {
  if (options_.url) return settings_for("--store", *options_.url);
  return with_timeout(Settings::from_environment(process_environment()));
}

Result<Settings> Program::with_timeout(Result<Settings> settings) const {
  TRY(const auto timeout, request_timeout());
  if (settings && options_.timeout) settings->store.default_timeout = timeout;
  return settings;
}

Result<Settings> Program::settings_for(std::string_view given_as, const std::string& url) const {
  TRY_OK(check_store_url(given_as, url));
  return with_timeout(Settings::from_environment(
      [environment = process_environment(), &url](std::string_view name) -> std::optional<std::string> {
        if (name == "LOOPSTATE_URL") return url;
        return environment(name);
      }));
}

Result<std::shared_ptr<table::Table>> Program::open_table(OpenMode mode) const {
  TRY(const auto found, settings());
  return loopstate::open_table(found, mode);
}

Result<Store> Program::open(OpenMode mode) const {
  TRY(const auto found, settings());
  return Store::open(found, mode);
}

Result<Opened> Program::begin(const Arguments& arguments, OpenMode mode) const {
  TRY(auto options, call_options(arguments));
  TRY(auto store, open(mode));
  return Opened{std::move(store), std::move(options)};
}

Result<OpenedForUser> Program::begin_for_user(const Arguments& arguments, OpenMode mode) const {
  TRY(auto user, name<UserId>(arguments, "USER"));
  TRY(auto opened, begin(arguments, mode));
  return OpenedForUser{std::move(user), std::move(opened.store), std::move(opened.options)};
}

Result<std::chrono::milliseconds> Program::request_timeout() const {
  if (!options_.timeout) return StoreSettings{}.default_timeout;
  TRY(const auto seconds, parse_whole_number("--timeout", *options_.timeout, 1, kMaxTimeoutSeconds));
  return std::chrono::seconds(seconds);
}

Result<CallOptions> Program::call_options(const Arguments& arguments) const {
  CallOptions call;
  if (options_.timeout) {
    TRY(const auto timeout, request_timeout());
    call.deadline(std::chrono::steady_clock::now() + timeout);
  }
  call.request_id(arguments.optional("--request-id"));
  return call;
}

}  // namespace loopstate::cli
