// What is known about a cluster, and which of its nodes a call goes to: decided here, without a socket or a
// clock.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "loopstate/clock.hpp"

namespace loopstate::dax {

/// A node is identified by where it is: what else the cluster says about it may change.
using NodeAddress = boost::asio::ip::tcp::endpoint;

struct ClusterNode {
  NodeAddress address;
  bool leader = false;
  friend bool operator==(const ClusterNode&, const ClusterNode&) = default;
};

enum class Purpose : std::uint8_t {
  Read,  ///< any node
  Write  ///< the leader; replicas merely pass writes on to it
};

/// How a node failed a call.
enum class NodeFailure : std::uint8_t {
  Unreachable,  ///< no connection: the next attempt would not succeed either
  Silent,       ///< no reply in time: whoever asks next would wait as long
  Broken        ///< a connection that ended early, or an invalid reply
};

struct ClusterTimes {
  /// How old the list of nodes may be before the cluster is asked for it again. Source: what the official
  /// clients do, as for the others here.
  std::chrono::milliseconds list_lasts{4'000};
  /// Never asked for more often than this, whatever happens.
  std::chrono::milliseconds list_pause{125};
  /// A node that is out is tried again this long after it failed, then after twice as long and so on, up to
  /// the second.
  std::chrono::milliseconds probe_pause{500};
  std::chrono::milliseconds probe_pause_max{5'000};
  /// Work that was handed out and has not ended by then is considered lost: its event loop may stand still.
  std::chrono::milliseconds work_lasts{5'000};
  /// After this many broken calls in a row a node is out.
  std::uint32_t broken_max = 5;
};

/// A node is up, or out after it failed; an answer of any kind brings it back. Not thread-safe.
class ClusterView {
 public:
  explicit ClusterView(ClusterTimes times = {}) : times_(times) {}

  /// Where a call goes next; `tried` are the nodes that failed it, which get it again only if there is no
  /// other. Nothing: no node is up. `random`: 0 to 1.
  std::optional<NodeAddress> route(Purpose purpose, std::span<const NodeAddress> tried, double random) const;

  void answered(const NodeAddress& node) noexcept;
  void failed(const NodeAddress& node, NodeFailure how, Deadline now);

  /// What there is to do besides calls; handed out once, to whoever asks first.
  struct Work {
    bool list = false;                ///< ask for the list of nodes
    std::vector<NodeAddress> probes;  ///< ask whether they answer
  };
  Work due(Deadline now);

  /// The cluster said who belongs to it: nodes that it did not name are gone. An empty list does not count.
  void learned(std::span<const ClusterNode> nodes, Deadline now);
  /// Nobody answered.
  void not_learned(Deadline now);
  /// The list may be wrong: it will soon be asked for.
  void doubt(Deadline now);

  /// Whether any list was ever learned.
  bool known() const noexcept { return learned_; }
  /// Whether asking for the list has failed, and it is too early to ask again.
  bool pausing(Deadline now) const noexcept { return list_failures_ > 0 && now < list_due_; }
  /// As the list last said.
  std::vector<ClusterNode> nodes() const;
  std::size_t up() const noexcept;

 private:
  struct Node {
    ClusterNode node;
    std::uint32_t broken = 0;    ///< in a row
    std::uint32_t failures = 0;  ///< since it went out; 0: it is up
    Deadline probe_due{};
    bool probing = false;
  };
  Node* find(const NodeAddress& address) noexcept;
  std::chrono::milliseconds pause_after(std::uint32_t failures) const noexcept;

  ClusterTimes times_;
  std::vector<Node> nodes_;
  bool learned_ = false;
  std::uint32_t list_failures_ = 0;
  Deadline list_asked_{};
  Deadline list_due_{};
};

}  // namespace loopstate::dax
