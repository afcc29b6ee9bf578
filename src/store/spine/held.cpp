#include "store/spine/held.hpp"

#include "store/rows/context_access.hpp"

#include <fmt/format.h>

namespace loopstate::store {

bool is_context_of(std::string_view user, const Context& context) {
  return context.pubkey.text() == user && (row_of(context).user.empty() || row_of(context).user == user);
}

Result<void> check_held(std::string_view user, const std::optional<Context>& held,
                        std::string_view argument) {
  if (!held || is_context_of(user, *held)) return {};
  const auto& other = held->pubkey.text() == user ? row_of(*held).user : held->pubkey.text();
  if (other.empty()) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("{} is a context of nobody, made by default or moved from; the call is about user {}",
                    argument, user));
  }
  return fail(
      ErrorCode::InvalidArgument,
      fmt::format("{} is the context of user {}, and the call is about user {}", argument, other, user));
}

}  // namespace loopstate::store
