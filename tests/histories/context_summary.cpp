#include "histories/context_summary.hpp"

#include <fmt/format.h>

namespace loopstate::histories {

std::string summary(const Context& context) {
  std::string memory;
  for (const auto& [key, value] : context.agent_memory) {
    memory += fmt::format(R"({}"{}":{})", memory.empty() ? "" : ",", key, value.text());
  }
  std::string events;
  for (const auto& event : context.recent_events) {
    events += fmt::format(R"({}"{}")", events.empty() ? "" : ",", event.summary);
  }
  return fmt::format(R"({{"version":{},"cred":{},"oxo":{},"threshold":{},"memory":{{{}}},"events":[{}]}})",
                     context.version, context.vault.cred_balance, context.vault.oxo_balance,
                     context.preferences.compound_threshold, memory, events);
}

}  // namespace loopstate::histories
