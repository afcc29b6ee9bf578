// What a payment may be called, from what a person has at hand: the id that the provider's own pages show.

#include <algorithm>
#include <array>
#include <string>

#include "loopstate/questions.hpp"

namespace loopstate {
namespace {

// As include/loopstate/webhook_event.hpp says.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kForms = {{
    {"square:", ""},
    {"stripe:", ""},
    {"fidel:", ":clearing"},
    {"fidel:", ":refund"},
}};

}  // namespace

std::vector<TransactionId> payment_names(std::string_view id) {
  std::vector<TransactionId> names;
  if (id.empty()) return names;
  const auto add = [&](const std::string& text) {
    if (auto name = TransactionId::parse(text)) names.push_back(std::move(*name));
  };
  add(std::string(id));
  for (const auto& [prefix, suffix] : kForms) {
    const bool named = id.starts_with(prefix);
    if (named && (suffix.empty() || std::ranges::count(id, ':') > 1)) continue;
    if (!named && id.find(':') != std::string_view::npos) continue;
    add((named ? "" : std::string(prefix)).append(id).append(suffix));
  }
  return names;
}

}  // namespace loopstate
