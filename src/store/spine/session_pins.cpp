#include "store/spine/session_pins.hpp"

#include <utility>

namespace loopstate::store {
namespace {

// Once this many users are known, all are forgotten: whoever comes again is read again.
constexpr std::size_t kMaxUsers = 4096;

}  // namespace

std::optional<SessionPin> SessionPins::find(const std::string& user) {
  const std::lock_guard lock(mutex_);
  const auto found = pins_.find(user);
  if (found == pins_.end()) return std::nullopt;
  return found->second;
}

void SessionPins::keep(const std::string& user, SessionPin pin) {
  const std::lock_guard lock(mutex_);
  if (pins_.size() >= kMaxUsers && !pins_.contains(user)) pins_.clear();
  pins_.insert_or_assign(user, std::move(pin));
}

void SessionPins::forget(const std::string& user) {
  const std::lock_guard lock(mutex_);
  pins_.erase(user);
}

}  // namespace loopstate::store
