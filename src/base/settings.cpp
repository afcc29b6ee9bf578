#include "loopstate/settings.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <string>

#include "base/store_url.hpp"
#include "base/try.hpp"

namespace loopstate {
namespace {

/// Set and not empty: many tools unset a variable by making it empty.
std::optional<std::string> look_up(const Environment& environment, std::string_view name) {
  auto value = environment(name);
  if (value && value->empty()) value.reset();
  return value;
}

template <typename Integer>
Result<void> read_integer(const Environment& environment, std::string_view name, Integer most, Integer& out) {
  const auto text = look_up(environment, name);
  if (!text) return {};
  Integer value = 0;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (code != std::errc() || end != text->data() + text->size() || value < 1 || value > most) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("{} is \"{}\"; a whole number from 1 to {} is expected", name, *text, most));
  }
  out = value;
  return {};
}

Result<void> read_lifetime(const Environment& environment, std::string_view name, std::chrono::seconds& out) {
  auto seconds = out.count();
  if (auto ok = read_integer(environment, name, kMaxLifetime.count(), seconds); !ok) return ok;
  out = std::chrono::seconds(seconds);
  return {};
}

Result<void> read_url(const Environment& environment, std::string& out) {
  if (auto url = look_up(environment, "LOOPSTATE_URL")) {
    TRY_OK(check_store_url("LOOPSTATE_URL", *url));
    out = std::move(*url);
  } else if (auto table = look_up(environment, "DYNAMO_TABLE")) {
    TRY_OK(check_dynamodb_name("DYNAMO_TABLE", *table));
    out = "dynamodb:" + *table;
  }
  return {};
}

Result<void> read_index(const Environment& environment, std::string& out) {
  auto index = look_up(environment, "DYNAMO_FINGERPRINT_GSI");
  if (!index) return {};
  TRY_OK(check_dynamodb_name("DYNAMO_FINGERPRINT_GSI", *index));
  out = std::move(*index);
  return {};
}

Result<void> check_range(std::string_view name, std::int64_t value, std::int64_t most) {
  if (value >= 1 && value <= most) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("{} is {}; a whole number from 1 to {} is expected", name, value, most));
}

}  // namespace

Result<void> check_lifetime(std::string_view name, std::chrono::seconds lifetime) {
  return check_range(name, lifetime.count(), kMaxLifetime.count());
}

Result<void> check_settings(const StoreSettings& settings) {
  const Result<void> all[] = {
      check_range("max_pending_captures", settings.max_pending_captures, kMaxPendingCaptures),
      check_lifetime("session_lifetime", settings.session_lifetime),
      check_lifetime("pending_lifetime", settings.pending_lifetime),
      check_lifetime("location_lifetime", settings.location_lifetime),
      check_lifetime("transaction_lifetime", settings.transaction_lifetime),
      check_range("default_timeout", settings.default_timeout.count(),
                  std::chrono::milliseconds(kMaxLifetime).count())};
  for (const auto& ok : all) {
    if (!ok) return ok;
  }
  return {};
}

Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());  // NOLINT(concurrency-mt-unsafe): only read
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

Result<Settings> Settings::from_environment(const Environment& environment) {
  Settings out;
  out.dax_endpoint = look_up(environment, "DAX_ENDPOINT").value_or("");
  TRY_OK(read_url(environment, out.url));
  TRY_OK(read_index(environment, out.fingerprint_index));
  StoreSettings& store = out.store;
  const Result<void> numbers[] = {
      read_integer(environment, "MAX_PENDING_CAPTURES", kMaxPendingCaptures, store.max_pending_captures),
      read_lifetime(environment, "SESSION_TTL_SECONDS", store.session_lifetime),
      read_lifetime(environment, "PENDING_TTL_SECONDS", store.pending_lifetime)};
  for (const auto& ok : numbers) {
    if (!ok) return std::unexpected(ok.error());
  }
  return out;
}

}  // namespace loopstate
