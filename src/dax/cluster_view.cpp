#include "dax/cluster_view.hpp"

#include <algorithm>

namespace loopstate::dax {

namespace {

bool is_among(std::span<const NodeAddress> nodes, const NodeAddress& node) {
  return std::ranges::find(nodes, node) != nodes.end();
}

}  // namespace

std::optional<NodeAddress> ClusterView::route(Purpose purpose, std::span<const NodeAddress> tried,
                                              double random) const {
  for (const bool again : {false, true}) {
    const auto is_candidate = [&](const Node& node) {
      return node.failures == 0 && (again || !is_among(tried, node.node.address));
    };
    const auto count = static_cast<std::size_t>(std::ranges::count_if(nodes_, is_candidate));
    if (count == 0) continue;
    auto left = std::min(static_cast<std::size_t>(random * static_cast<double>(count)), count - 1);
    const Node* chosen = nullptr;
    for (const Node& node : nodes_) {
      if (!is_candidate(node)) continue;
      if (purpose == Purpose::Write && node.node.leader) return node.node.address;
      if (left-- == 0) chosen = &node;
    }
    return chosen->node.address;
  }
  return std::nullopt;
}

void ClusterView::answered(const NodeAddress& address) noexcept {
  Node* const node = find(address);
  if (node == nullptr) return;
  node->broken = 0;
  node->failures = 0;
  node->probing = false;
}

void ClusterView::failed(const NodeAddress& address, NodeFailure how, Deadline now) {
  Node* const node = find(address);
  if (node == nullptr) return;
  const bool was_up = node->failures == 0;
  ++node->broken;
  if (was_up && how == NodeFailure::Broken && node->broken < times_.broken_max) return;
  // Each call that was in progress when the node failed says the same once more.
  if (was_up || node->probing) ++node->failures;
  node->probing = false;
  node->probe_due = now + pause_after(node->failures);
  if (was_up) doubt(now);
}

ClusterView::Work ClusterView::due(Deadline now) {
  Work work;
  if (now >= list_due_) {
    work.list = true;
    list_asked_ = now;
    list_due_ = now + times_.work_lasts;
  }
  for (Node& node : nodes_) {
    if (node.failures == 0 || now < node.probe_due) continue;
    work.probes.push_back(node.node.address);
    node.probe_due = now + times_.work_lasts;
    node.probing = true;
  }
  return work;
}

void ClusterView::learned(std::span<const ClusterNode> nodes, Deadline now) {
  if (nodes.empty()) return not_learned(now);
  std::vector<Node> next;
  next.reserve(nodes.size());
  for (const ClusterNode& named : nodes) {
    const Node* const known = find(named.address);
    next.push_back(known != nullptr ? *known : Node());
    next.back().node = named;
  }
  nodes_ = std::move(next);
  learned_ = true;
  list_failures_ = 0;
  list_due_ = now + times_.list_lasts;
}

void ClusterView::not_learned(Deadline now) {
  ++list_failures_;
  list_due_ = now + pause_after(list_failures_);
}

void ClusterView::doubt(Deadline now) {
  if (list_failures_ > 0) return;  // it is already asked for as often as makes sense
  list_due_ = std::min(list_due_, std::max(now, list_asked_ + times_.list_pause));
}

std::vector<ClusterNode> ClusterView::nodes() const {
  std::vector<ClusterNode> out;
  out.reserve(nodes_.size());
  for (const Node& node : nodes_) out.push_back(node.node);
  return out;
}

std::size_t ClusterView::up() const noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(nodes_, [](const Node& node) { return node.failures == 0; }));
}

ClusterView::Node* ClusterView::find(const NodeAddress& address) noexcept {
  const auto at =
      std::ranges::find_if(nodes_, [&](const Node& node) { return node.node.address == address; });
  return at == nodes_.end() ? nullptr : &*at;
}

std::chrono::milliseconds ClusterView::pause_after(std::uint32_t failures) const noexcept {
  std::chrono::milliseconds pause = times_.probe_pause;
  for (std::uint32_t n = 1; n < failures && pause < times_.probe_pause_max; ++n) pause *= 2;
  return std::min(pause, times_.probe_pause_max);
}

}  // namespace loopstate::dax
