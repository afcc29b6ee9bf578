// The context as the JSON text that is stored.
#include <limits>

#include "loopstate/context.hpp"
#include "store/documents/codec.hpp"

namespace loopstate {
namespace {

// Roughly what a context takes besides its memory: one allocation is enough for most writes.
constexpr std::size_t kTypicalContextBytes = 2048;

}  // namespace

std::string to_json(const Context& context) {
  std::size_t memory_bytes = 0;
  for (const auto& [key, value] : context.agent_memory) memory_bytes += key.size() + value.text().size() + 4;
  return store::write_document<store::Schema<Context>>(context, kTypicalContextBytes + memory_bytes);
}

Result<Context> context_from_json(std::string_view text) {
  return store::read_document<store::Schema<Context>, Context>(text);
}

Context new_context(UserId user, Timestamp now) {
  Context context;
  context.pubkey = std::move(user);
  context.updated_at = now;
  context.version = 1;
  return context;
}

}  // namespace loopstate
