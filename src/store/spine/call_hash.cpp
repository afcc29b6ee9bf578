#include "store/spine/call_hash.hpp"

#include <fmt/format.h>

#include "store/documents/codec.hpp"

namespace loopstate::store {
namespace {

constexpr std::size_t kTypicalEventBytes = 256;

}  // namespace

void CallHash::add(std::string_view text) {
  hash_.update(fmt::format("{}:", text.size()));
  hash_.update(text);
}

void CallHash::add_unsigned(std::uint64_t number) {
  add(std::string_view(fmt::format("{}", number)));
}

void CallHash::add_signed(std::int64_t number) {
  add(std::string_view(fmt::format("{}", number)));
}

void CallHash::add(const ContextChange& change) {
  add(change.path);
  add(change.value);
}

void CallHash::add(const ContextEvent& event) {
  add(write_document<Schema<ContextEvent>>(event, kTypicalEventBytes));
}

void CallHash::add(const Claim& claim) {
  add(claim.transaction());
  add(claim.fence());
}

}  // namespace loopstate::store
