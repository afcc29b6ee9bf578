// The list of what is sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loopstate/error.hpp"
#include "loopstate/webhook_delivery.hpp"
#include "webhook/settings.hpp"

namespace loopstate::demo {

enum class Signing : std::uint8_t {
  Now,      ///< as the provider would, at this moment
  LongAgo,  ///< ten minutes ago
  Tampered  ///< and an amount changed after that
};

struct Step {
  webhook::Provider provider = webhook::Provider::Square;
  std::optional<webhook::FidelKind> kind;  ///< Fidel only
  std::string body_file;                   ///< in the folder `bodies`
  Signing signing = Signing::Now;
  std::vector<std::string> expected;  ///< the outcome of each sending
  std::string title;
};

/// Lines of columns between tabs, as deliveries.tsv explains them. InvalidArgument names the line.
Result<std::vector<Step>> parse_manifest(std::string_view text);

}  // namespace loopstate::demo
