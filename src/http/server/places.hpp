// Who holds the server's places, so that whoever needs one is told quickly which of them to look at.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "http/server/rules.hpp"

namespace loopstate::http {

/// Connections by number, in the order in which they came. One is a stranger until it has had a request that
/// was answered with success; whoever floods the server is many strangers of few peers. Every call takes
/// O(log n). For one thread at a time.
class Places {
 public:
  void take(std::uint64_t id, const PeerKey& peer);
  /// It has had its first success.
  void know(std::uint64_t id);
  void give_back(std::uint64_t id);

  std::size_t taken() const noexcept { return holders_.size(); }
  std::size_t taken_by(const PeerKey& peer) const noexcept;

  /// Some connections of which one may make room, and how long a request of theirs may be arriving first.
  struct Candidates {
    std::vector<std::uint64_t> ids;
    std::chrono::milliseconds patience = kSlowRequest;
  };

  /// For one more of a peer that has all it may have: its strangers, then the others.
  std::vector<Candidates> of_peer(const PeerKey& peer);
  /// For one more where all is taken (nothing: not known whose): strangers of the peers that have most of
  /// them, then whoever is known. A crowd of strangers has no time to send its requests while another peer
  /// waits.
  std::vector<Candidates> of_all(const std::optional<PeerKey>& newcomer);

  /// Candidates of one group at most; of more connections a part is looked at, another one each time.
  static constexpr std::size_t kLookedAtMax = 64;
  /// More strangers of one peer are a crowd.
  static constexpr std::size_t kCrowd = 8;

 private:
  using Ids = std::set<std::uint64_t>;
  struct Peer {
    Ids strangers;
    Ids known;
  };
  struct Holder {
    PeerKey peer;
    bool is_known = false;
  };
  /// How many strangers, the oldest of them counted down, whose.
  using Crowd = std::tuple<std::size_t, std::uint64_t, PeerKey>;

  static Crowd crowd_of(const PeerKey& key, const Peer& peer);
  /// Changes a peer's strangers and keeps `crowds_` in order.
  template <typename Change>
  void change_strangers(const PeerKey& key, Change change);
  std::vector<std::uint64_t> some_of(const Ids& ids);

  std::unordered_map<std::uint64_t, Holder> holders_;
  std::map<PeerKey, Peer> peers_;
  std::set<Crowd> crowds_;  ///< the largest last
  Ids known_;
  std::uint64_t looked_at_ = 0;  ///< the last one that was looked at among many
};

}  // namespace loopstate::http
