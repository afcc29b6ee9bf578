// Cards and contexts that this process has seen, so that the next capture can begin with a write.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "loopstate/names.hpp"
#include "loopstate/store.hpp"

namespace loopstate::agent {

struct HeldCacheLimits {
  std::size_t users_max = 4096;
  std::size_t bytes_max = 32u << 20;
};

/// The least recently used are evicted first. What is held may be stale: the store checks it with every
/// write, and a stale copy costs a request, never a wrong answer. May be used from several threads.
class HeldCache {
 public:
  explicit HeldCache(HeldCacheLimits limits = {}) : limits_(limits) {}

  /// What is known about the card and its owner; empty for an unknown card.
  HeldState find(const Fingerprint& fingerprint);
  /// Keeps what a call returned. State without a card is not kept.
  void keep(const Fingerprint& fingerprint, HeldState held);
  /// The card's owner has changed, or the card is gone.
  void forget_card(const Fingerprint& fingerprint);
  /// The user's context was changed by a call that did not return it, or the user is gone.
  void forget_user(const std::string& user);

  std::size_t users() const;
  std::size_t bytes() const;

 private:
  struct User {
    std::string pubkey;
    std::optional<Context> context;
    std::optional<std::vector<Capture>> captures;  ///< at the same moment
    std::vector<Card> cards;
    std::size_t bytes = 0;
  };
  using Users = std::list<User>;

  static std::size_t size_of(const User& user);
  void detach(const Fingerprint& fingerprint);
  void drop(Users::iterator user);
  void trim();

  HeldCacheLimits limits_;
  mutable std::mutex mutex_;
  Users users_;  ///< most recently used first
  std::unordered_map<std::string, Users::iterator> by_user_;
  std::unordered_map<std::string, Users::iterator> by_card_;
  std::size_t bytes_ = 0;
};

/// Approximately how much memory these take.
std::size_t approximate_bytes(const Context& context);
std::size_t approximate_bytes(const Capture& capture);

}  // namespace loopstate::agent
