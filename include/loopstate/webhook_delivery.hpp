// A webhook delivery as received: nothing in it is to be trusted yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loopstate/clock.hpp"

namespace loopstate::webhook {

enum class Provider : std::uint8_t { Square, Stripe, Fidel };

inline constexpr Provider kProviders[] = {Provider::Square, Provider::Stripe, Provider::Fidel};

/// "square", "stripe", "fidel": as in the path that providers post to and in transaction ids.
std::string_view to_string(Provider provider) noexcept;
std::optional<Provider> provider_from(std::string_view name) noexcept;

/// The headers of one request. Names are compared case-insensitively, since proxies change their case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string_view, std::string_view>> headers) {
    for (const auto& [name, value] : headers) add(name, value);
  }

  /// White space around the value is dropped.
  void add(std::string_view name, std::string_view value);
  /// The first value of that name.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  /// How many values that name has.
  std::size_t count(std::string_view name) const noexcept;

 private:
  std::vector<std::pair<std::string, std::string>> headers_;
};

struct Delivery {
  Provider provider = Provider::Square;
  Headers headers;
  std::string body;                 ///< the bytes as sent: signatures cover them
  std::int64_t received_at_ms = 0;  ///< Unix milliseconds

  Timestamp received_at() const noexcept { return Timestamp(std::chrono::seconds(received_at_ms / 1000)); }
};

}  // namespace loopstate::webhook
