#include "agent/held_cache.hpp"

#include <algorithm>

namespace loopstate::agent {
namespace {

constexpr std::size_t kNodeBytes = 96;  ///< approximately, for a list, map or tree node
constexpr std::size_t kCardsPerUserMax = 16;
constexpr std::size_t kWriteIdsBytes = 1'024;  ///< approximately, those that a context carries along

std::size_t approximate_bytes(const UnknownFields& fields) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : fields) bytes += sizeof(fields[0]) + name.size() + value.text().size();
  return bytes;
}

/// Two calls for one user may end in a different order from their writes; a context older than the one held
/// is of no use. A lower version written later comes from the Rust crate, and is the current one.
bool is_older(const Context& offered, const Context& held) {
  return offered.version < held.version && offered.updated_at <= held.updated_at;
}

}  // namespace

std::size_t approximate_bytes(const Context& context) {
  std::size_t bytes =
      sizeof(Context) + context.pubkey.text().size() + context.preferences.risk_tolerance.size();
  for (const auto& event : context.recent_events) {
    bytes +=
        sizeof(event) + event.event_type.size() + event.summary.size() + approximate_bytes(event.unknown);
  }
  for (const auto& [key, value] : context.agent_memory) {
    bytes += kNodeBytes + key.size() + value.text().size();
  }
  bytes += approximate_bytes(context.unknown) + approximate_bytes(context.vault.unknown) +
           approximate_bytes(context.preferences.unknown) +
           approximate_bytes(context.preferences.notifications.unknown);
  return bytes + kWriteIdsBytes;
}

std::size_t approximate_bytes(const Capture& capture) {
  // A pending capture's id is also in the context's ring, which is carried along.
  std::size_t bytes = sizeof(Capture) + sizeof(std::string) + 2 * capture.id.size() +
                      capture.merchant_id.size() + approximate_bytes(capture.unknown);
  for (const auto* text :
       {&capture.merchant_name, &capture.card_last4, &capture.proof_data, &capture.proof_type}) {
    if (*text) bytes += (*text)->size();
  }
  if (capture.location) bytes += approximate_bytes(capture.location->unknown) + kNodeBytes;
  return bytes;
}

HeldState HeldCache::find(const Fingerprint& fingerprint) {
  const std::lock_guard lock(mutex_);
  HeldState held;
  const auto found = by_card_.find(fingerprint.text());
  if (found == by_card_.end()) return held;
  const auto user = found->second;
  users_.splice(users_.begin(), users_, user);
  const auto card = std::ranges::find(user->cards, fingerprint, &Card::fingerprint);
  if (card != user->cards.end()) held.card(*card);
  held.context(user->context);
  held.captures(user->captures);
  return held;
}

void HeldCache::keep(const Fingerprint& fingerprint, HeldState held) {
  auto card = std::move(held).card();
  if (!card) return;
  const std::lock_guard lock(mutex_);
  const auto owner = card->user.text();
  if (const auto known = by_card_.find(fingerprint.text());
      known != by_card_.end() && known->second->pubkey != owner) {
    detach(fingerprint);
  }
  auto found = by_user_.find(owner);
  if (found == by_user_.end()) {
    users_.push_front(User{owner, {}, {}, {}, 0});
    found = by_user_.emplace(owner, users_.begin()).first;
  } else {
    users_.splice(users_.begin(), users_, found->second);
  }
  auto& user = users_.front();
  // NOLINTBEGIN(bugprone-use-after-move): each takes its own member
  if (held.context() && !(user.context && is_older(*held.context(), *user.context))) {
    user.context = std::move(held).context();
    user.captures = std::move(held).captures();
  }
  // NOLINTEND(bugprone-use-after-move)
  std::erase_if(user.cards, [&](const Card& other) { return other.fingerprint == fingerprint; });
  if (user.cards.size() >= kCardsPerUserMax) {
    by_card_.erase(user.cards.front().fingerprint.text());
    user.cards.erase(user.cards.begin());
  }
  user.cards.push_back(std::move(*card));
  by_card_[fingerprint.text()] = users_.begin();
  bytes_ -= user.bytes;
  user.bytes = size_of(user);
  bytes_ += user.bytes;
  trim();
}

void HeldCache::forget_card(const Fingerprint& fingerprint) {
  const std::lock_guard lock(mutex_);
  detach(fingerprint);
}

void HeldCache::forget_user(const std::string& user) {
  const std::lock_guard lock(mutex_);
  const auto found = by_user_.find(user);
  if (found != by_user_.end()) drop(found->second);
}

std::size_t HeldCache::users() const {
  const std::lock_guard lock(mutex_);
  return users_.size();
}

std::size_t HeldCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t HeldCache::size_of(const User& user) {
  std::size_t bytes = sizeof(User) + 2 * kNodeBytes + 2 * user.pubkey.size();
  if (user.context) bytes += approximate_bytes(*user.context);
  if (user.captures) {
    for (const auto& capture : *user.captures) bytes += approximate_bytes(capture);
  }
  for (const auto& card : user.cards) {
    bytes += sizeof(Card) + kNodeBytes + 2 * card.fingerprint.text().size() + card.user.text().size();
  }
  return bytes;
}

void HeldCache::detach(const Fingerprint& fingerprint) {
  const auto found = by_card_.find(fingerprint.text());
  if (found == by_card_.end()) return;
  const auto user = found->second;
  by_card_.erase(found);
  std::erase_if(user->cards, [&](const Card& card) { return card.fingerprint == fingerprint; });
  if (user->cards.empty()) drop(user);
}

void HeldCache::drop(Users::iterator user) {
  for (const auto& card : user->cards) by_card_.erase(card.fingerprint.text());
  bytes_ -= user->bytes;
  by_user_.erase(user->pubkey);
  users_.erase(user);
}

void HeldCache::trim() {
  while (!users_.empty() && (users_.size() > limits_.users_max || bytes_ > limits_.bytes_max)) {
    drop(std::prev(users_.end()));
  }
}

}  // namespace loopstate::agent
