#include "http/server/places.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace loopstate::http {
namespace {

/// Peers whose strangers are considered for one place.
constexpr std::size_t kCrowdsMax = 4;

}  // namespace

Places::Crowd Places::crowd_of(const PeerKey& key, const Peer& peer) {
  const auto oldest = *peer.strangers.begin();
  return {peer.strangers.size(), std::numeric_limits<std::uint64_t>::max() - oldest, key};
}

template <typename Change>
void Places::change_strangers(const PeerKey& key, Change change) {
  auto& peer = peers_[key];
  if (!peer.strangers.empty()) crowds_.erase(crowd_of(key, peer));
  change(peer.strangers);
  if (!peer.strangers.empty()) crowds_.insert(crowd_of(key, peer));
}

void Places::take(std::uint64_t id, const PeerKey& peer) {
  holders_.emplace(id, Holder{peer});
  change_strangers(peer, [id](Ids& strangers) { strangers.insert(id); });
}

void Places::know(std::uint64_t id) {
  const auto holder = holders_.find(id);
  if (holder == holders_.end() || std::exchange(holder->second.is_known, true)) return;
  change_strangers(holder->second.peer, [id](Ids& strangers) { strangers.erase(id); });
  peers_[holder->second.peer].known.insert(id);
  known_.insert(id);
}

void Places::give_back(std::uint64_t id) {
  const auto holder = holders_.find(id);
  if (holder == holders_.end()) return;
  const auto key = holder->second.peer;
  holders_.erase(holder);
  change_strangers(key, [id](Ids& strangers) { strangers.erase(id); });
  known_.erase(id);
  const auto peer = peers_.find(key);
  peer->second.known.erase(id);
  if (peer->second.known.empty() && peer->second.strangers.empty()) peers_.erase(peer);
}

std::size_t Places::taken_by(const PeerKey& peer) const noexcept {
  const auto found = peers_.find(peer);
  return found == peers_.end() ? 0 : found->second.known.size() + found->second.strangers.size();
}

std::vector<std::uint64_t> Places::some_of(const Ids& ids) {
  if (ids.size() <= kLookedAtMax) return {ids.begin(), ids.end()};
  std::vector<std::uint64_t> some;
  for (auto at = ids.upper_bound(looked_at_); some.size() < kLookedAtMax; ++at) {
    if (at == ids.end()) at = ids.begin();
    some.push_back(*at);
  }
  looked_at_ = some.back();
  return some;
}

std::vector<Places::Candidates> Places::of_peer(const PeerKey& peer) {
  const auto found = peers_.find(peer);
  if (found == peers_.end()) return {};
  return {{some_of(found->second.strangers)}, {some_of(found->second.known)}};
}

std::vector<Places::Candidates> Places::of_all(const std::optional<PeerKey>& newcomer) {
  std::vector<Candidates> groups;
  for (auto crowd = crowds_.rbegin(); crowd != crowds_.rend() && groups.size() < kCrowdsMax; ++crowd) {
    const auto& [size, oldest, key] = *crowd;
    const bool pressing = newcomer && key != *newcomer && size > kCrowd;
    groups.push_back(
        {some_of(peers_.at(key).strangers), pressing ? std::chrono::milliseconds(0) : kSlowRequest});
  }
  groups.push_back({some_of(known_)});
  return groups;
}

}  // namespace loopstate::http
