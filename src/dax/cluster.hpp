// A cluster's nodes as they are now: the view, kept up to date by asking, and a node for each call.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "async/single_flight.hpp"
#include "dax/cluster_view.hpp"
#include "dax/node.hpp"
#include "dax/seeds.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/error.hpp"
#include "loopstate/task.hpp"

namespace loopstate::dax {

struct ClusterSettings {
  Seeds seeds;
  NodeSettings node;
  ClusterTimes times;
  /// For a node's answer to the question who belongs to the cluster, including connecting.
  std::chrono::milliseconds question_timeout{1'000};
  /// The same for a seed, whose name must be looked up.
  std::chrono::milliseconds seed_timeout{4'000};
  /// 0 to 1; null: this thread's own generator.
  std::function<double()> random;
};

/// May be used from several threads and event loops. Questions besides calls are asked on the event
/// loop of the call that finds them due, while that call is in progress: without calls, nothing is asked.
class Cluster : public std::enable_shared_from_this<Cluster> {
 public:
  explicit Cluster(ClusterSettings settings);

  struct Stop {
    NodeAddress address;
    std::shared_ptr<Node> node;
  };
  /// Where a call goes next, as ClusterView::route. Waits only for the first list of nodes. ConnectionFailed:
  /// no node is up; DeadlineExceeded, Cancelled; and, until a list was received, the reason for that.
  Task<Result<Stop>> route(Purpose purpose, const std::vector<NodeAddress>* tried, Deadline deadline);

  /// What a call showed about the node.
  void heard(const NodeAddress& node, Node::Word word);
  /// A node says that the cluster is about to change.
  void doubt();
  /// The service says that they are not valid: the next ones are fetched.
  void refuse_credentials() { settings_->node.credentials->refuse(); }

  /// Asks for the list of nodes now.
  Task<Result<void>> learn(Deadline deadline);

  struct Member {
    ClusterNode node;
    std::shared_ptr<Node> connections;
  };
  /// As the cluster last said.
  std::vector<Member> members() const;
  const Seeds& seeds() const noexcept { return settings_->seeds; }
  double random() const;

 private:
  using Nodes = Result<std::vector<ClusterNode>>;
  std::optional<Stop> find(Purpose purpose, const std::vector<NodeAddress>& tried);
  /// Empty: the list has not been asked for yet.
  std::optional<Error> why_none() const;
  Task<Nodes> ask(Deadline deadline);
  Task<Nodes> ask_one(std::shared_ptr<Node> node, std::chrono::milliseconds timeout, Deadline deadline,
                      std::optional<NodeAddress> known);
  std::optional<Stop> any_node();
  Error explained(Error error) const;
  void take(const Nodes& nodes);
  static Task<void> refresh(std::shared_ptr<Cluster> self);
  static Task<void> probe(std::shared_ptr<Cluster> self, Stop stop);

  std::shared_ptr<const ClusterSettings> settings_;
  std::shared_ptr<const NodeSettings> node_settings_;
  std::shared_ptr<async::SingleFlight> flights_ = std::make_shared<async::SingleFlight>();

  mutable std::mutex mutex_;
  ClusterView view_;
  std::map<NodeAddress, std::shared_ptr<Node>> nodes_;
  std::optional<Error> last_error_;  ///< from asking for the list
};

/// What a call that had until `limit` shows about its node. A loop that stood still, because its program runs
/// it only now and then or was frozen, leaves calls behind that no node is to blame for.
Node::Word word_of(const Node::Unfinished& unfinished, Deadline limit);

}  // namespace loopstate::dax
