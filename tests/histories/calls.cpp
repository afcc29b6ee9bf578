#include "histories/calls.hpp"

#include <fmt/format.h>

namespace loopstate::histories {

std::unique_ptr<Calls> make_calls(std::string_view kind, const Scale& scale) {
  if (kind == "sessions") return make_session_calls(scale);
  if (kind == "contexts") return make_context_calls(scale);
  if (kind == "claims") return make_claim_calls(scale);
  if (kind == "cards") return make_card_calls(scale);
  if (kind == "ring") return make_ring_calls(scale);
  if (kind == "documents") return make_document_calls(scale);
  return nullptr;
}

Result<void> prepare_state(std::string_view kind, BlockingStore& store, const Scale& scale) {
  if (kind != "ring") return {};
  for (int number = 0; number < scale.keys; ++number) {
    const std::string user = fmt::format("user{}", number);
    const auto linked = store.link(card_of(user), name_of<UserId>(user), "4242");
    if (!linked) return std::unexpected(linked.error());
  }
  return {};
}

}  // namespace loopstate::histories
