// Who holds the server's places, so that when one is needed it is quickly known which to consider.
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

/// Connections by number, in the order in which they arrived. One is a stranger until a request of its own
/// has been answered with success; a flood is many strangers from few peers. Every call takes
/// O(log n). For one thread at a time.
class Places {
 public:
  void take(std::uint64_t id, const PeerKey& peer);
  /// It has had its first success.
  void know(std::uint64_t id);
  void give_back(std::uint64_t id);

  std::size_t taken() const noexcept { return holders_.size(); }
  std::size_t taken_by(const PeerKey& peer) const noexcept;

  /// Some connections of which one may make room, and how long a request of theirs may have been arriving.
  struct Candidates {
    std::vector<std::uint64_t> ids;
    std::chrono::milliseconds patience = kSlowRequest;
  };

  /// For one more from a peer that has reached its limit: its strangers, then its others.
  std::vector<Candidates> of_peer(const PeerKey& peer);
  /// For one more when all places are taken (nothing: unknown from whom): strangers of the peers with most of
  /// them, then known connections. A crowd of strangers gets no time to send its requests while another peer
  /// waits.
  std::vector<Candidates> of_all(const std::optional<PeerKey>& newcomer);

  /// Candidates of one group at most; of more connections a part is considered, a different part each time.
  static constexpr std::size_t kLookedAtMax = 64;
  /// More strangers than this from one peer are a crowd.
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
  /// How many strangers, the age of the oldest (counting down), and whose they are.
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
  std::uint64_t looked_at_ = 0;  ///< the last one considered among many
};

}  // namespace loopstate::http
