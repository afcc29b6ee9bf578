#include "table/service/token_age.hpp"

#include <fmt/format.h>

namespace loopstate::table::service {

TokenAge::TokenAge(Operation operation, const TokenSettings& settings,
                   std::optional<Instant> maybe_done_since)
    : operation_(operation), settings_(settings), since_(maybe_done_since) {}

bool TokenAge::is_known() const {
  return elapsed(since_.value_or(began_), now()) <= settings_.trusted;
}

MaySend TokenAge::sending() {
  if (operation_ != Operation::TransactWriteItems) return nullptr;
  began_ = now();
  return [this] { return is_known(); };
}

void TokenAge::maybe_done() {
  if (!since_) since_ = began_;
}

Error TokenAge::expired(const Error& last) const {
  constexpr std::string_view kWhy =
      "it was not sent again, since the service may have forgotten its token and do it twice";
  return Error{ErrorCode::OutcomeUnknown,
               last.message.empty() ? std::string(kWhy) : fmt::format("{} ({})", kWhy, last.message), true,
               nullptr};
}

}  // namespace loopstate::table::service
