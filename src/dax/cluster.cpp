#include "dax/cluster.hpp"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstring>
#include <utility>

#include "async/backoff.hpp"
#include "base/try.hpp"

namespace loopstate::dax {

namespace asio = boost::asio;
using async::SingleFlight;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds kLoopLagMax{500};

std::optional<ClusterNode> node_of(const Endpoint& endpoint) {
  ClusterNode out;
  out.leader = endpoint.role == Endpoint::Role::Leader;
  if (asio::ip::address_v4::bytes_type four; endpoint.address.size() == four.size()) {
    std::memcpy(four.data(), endpoint.address.data(), four.size());
    out.address = {asio::ip::make_address_v4(four), endpoint.port};
  } else if (asio::ip::address_v6::bytes_type sixteen; endpoint.address.size() == sixteen.size()) {
    std::memcpy(sixteen.data(), endpoint.address.data(), sixteen.size());
    out.address = {asio::ip::make_address_v6(sixteen), endpoint.port};
  } else {
    return std::nullopt;
  }
  return out;
}

std::optional<NodeFailure> failure_of(Node::Word word) {
  switch (word) {
    case Node::Word::Unreachable:
      return NodeFailure::Unreachable;
    case Node::Word::Silent:
      return NodeFailure::Silent;
    case Node::Word::Broken:
      return NodeFailure::Broken;
    default:
      return std::nullopt;
  }
}

/// By then a call that had until `limit` would have ended, unless its event loop stood still.
bool stood_still(Deadline limit) {
  return steady_clock::now() > limit + kLoopLagMax;
}

}  // namespace

Node::Word word_of(const Node::Unfinished& unfinished, Deadline limit) {
  const bool silent = unfinished.word == Node::Word::Silent;
  return silent && stood_still(limit) ? Node::Word::None : unfinished.word;
}

Cluster::Cluster(ClusterSettings settings)
    : settings_(std::make_shared<const ClusterSettings>(std::move(settings))),
      node_settings_(settings_, &settings_->node),
      view_(settings_->times) {}

double Cluster::random() const {
  return settings_->random ? settings_->random() : async::jitter();
}

Task<Result<Cluster::Stop>> Cluster::route(Purpose purpose, const std::vector<NodeAddress>* tried,
                                           Deadline deadline) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  ClusterView::Work work;
  std::vector<Stop> probes;
  {
    const std::lock_guard lock(mutex_);
    if (view_.known()) work = view_.due(steady_clock::now());
    for (const NodeAddress& address : work.probes) probes.push_back({address, nodes_.at(address)});
  }
  if (work.list) asio::co_spawn(http::loop_of(executor), refresh(shared_from_this()), asio::detached);
  for (Stop& stop : probes) {
    asio::co_spawn(http::loop_of(executor), probe(shared_from_this(), std::move(stop)), asio::detached);
  }
  while (true) {
    if (std::optional<Stop> stop = find(purpose, *tried)) co_return std::move(*stop);
    if (std::optional<Error> error = why_none()) co_return std::unexpected(std::move(*error));
    SingleFlight::Joined joined = co_await flights_->join("list", deadline);
    if (joined.part == SingleFlight::Part::Late) {
      co_return fail(ErrorCode::DeadlineExceeded,
                     "the deadline passed while the DAX cluster was being asked for its nodes", true);
    }
    if (joined.part == SingleFlight::Part::Cancelled) {
      co_return fail(ErrorCode::Cancelled, "the call was cancelled");
    }
    if (joined.part == SingleFlight::Part::Landed || find(purpose, *tried) || why_none()) continue;
    CO_TRY_OK(co_await learn(deadline));
  }
}

std::optional<Cluster::Stop> Cluster::find(Purpose purpose, const std::vector<NodeAddress>& tried) {
  const double chance = random();
  const std::lock_guard lock(mutex_);
  const std::optional<NodeAddress> address = view_.route(purpose, tried, chance);
  if (!address) return std::nullopt;
  return Stop{*address, nodes_.at(*address)};
}

std::optional<Error> Cluster::why_none() const {
  const std::lock_guard lock(mutex_);
  if (view_.known()) {
    return Error{ErrorCode::ConnectionFailed,
                 fmt::format("none of the {} known nodes of the DAX cluster answers", nodes_.size()), true,
                 nullptr};
  }
  if (view_.pausing(steady_clock::now())) return last_error_;
  return std::nullopt;
}

void Cluster::heard(const NodeAddress& node, Node::Word word) {
  if (word == Node::Word::None) return;
  const std::lock_guard lock(mutex_);
  if (const auto failure = failure_of(word)) {
    view_.failed(node, *failure, steady_clock::now());
  } else {
    view_.answered(node);
  }
}

void Cluster::doubt() {
  const std::lock_guard lock(mutex_);
  view_.doubt(steady_clock::now());
}

std::vector<Cluster::Member> Cluster::members() const {
  const std::lock_guard lock(mutex_);
  std::vector<Member> out;
  for (const ClusterNode& node : view_.nodes()) out.push_back({node, nodes_.at(node.address)});
  return out;
}

Task<Result<void>> Cluster::learn(Deadline deadline) {
  Nodes nodes = co_await ask(deadline);
  take(nodes);
  if (!nodes) co_return std::unexpected(std::move(nodes.error()));
  co_return Result<void>();
}

void Cluster::take(const Nodes& told) {
  std::vector<std::shared_ptr<Node>> gone;  // destroyed without the lock: their connections close
  const std::lock_guard lock(mutex_);
  const Deadline now = steady_clock::now();
  if (!told) {
    // The caller's own end says nothing about the cluster.
    const ErrorCode code = told.error().code;
    if (code == ErrorCode::Cancelled || code == ErrorCode::DeadlineExceeded) return;
    last_error_ = told.error();
    view_.not_learned(now);
    return;
  }
  last_error_.reset();
  view_.learned(*told, now);
  std::map<NodeAddress, std::shared_ptr<Node>> next;
  for (const ClusterNode& each : *told) {
    std::shared_ptr<Node>& node = next[each.address];
    const auto known = nodes_.find(each.address);
    if (known != nodes_.end()) {
      node = known->second;
      continue;
    }
    http::Endpoint endpoint{settings_->seeds.tls, each.address.address().to_string(), each.address.port()};
    node = std::make_shared<Node>(std::move(endpoint), node_settings_);
  }
  for (auto& [address, node] : nodes_) gone.push_back(std::move(node));
  nodes_ = std::move(next);
}

Error Cluster::explained(Error error) const {
  const std::string url = url_of(settings_->seeds.hosts.front());
  if (error.code == ErrorCode::ProtocolError) {
    error.message = fmt::format(
        "what answers at DAX_ENDPOINT, {}, is not a DAX cluster ({}); check its host, port and scheme", url,
        error.message);
    error.retryable = false;
  } else if (error.code == ErrorCode::TlsFailed && !error.retryable) {
    error.message += error.message.find("mismatch") != std::string::npos
                         ? "; DAX_ENDPOINT must be the name that the cluster's certificate is for"
                         : "; AWS_CA_BUNDLE names the authorities that the cluster's certificate may be from";
  }
  return error;
}

std::optional<Cluster::Stop> Cluster::any_node() {
  const double chance = random();
  const std::lock_guard lock(mutex_);
  const std::optional<NodeAddress> address = view_.route(Purpose::Read, {}, chance);
  if (!address) return std::nullopt;
  return Stop{*address, nodes_.at(*address)};
}

Task<Cluster::Nodes> Cluster::ask(Deadline deadline) {
  if (const std::optional<Stop> stop = any_node()) {
    Nodes nodes = co_await ask_one(stop->node, settings_->question_timeout, deadline, stop->address);
    if (nodes || nodes.error().code == ErrorCode::Cancelled) co_return nodes;
  }
  const std::vector<http::Endpoint>& hosts = settings_->seeds.hosts;
  const auto first = static_cast<std::size_t>(random() * static_cast<double>(hosts.size()));
  Nodes nodes;
  for (std::size_t at = 0; at < hosts.size(); ++at) {
    // A separate node, whose connections go with it: after this, nodes are asked.
    const auto seed = std::make_shared<Node>(hosts[(first + at) % hosts.size()], node_settings_);
    nodes = co_await ask_one(seed, settings_->seed_timeout, deadline, std::nullopt);
    if (nodes || nodes.error().code == ErrorCode::Cancelled) co_return nodes;
    nodes = std::unexpected(explained(std::move(nodes.error())));
  }
  co_return nodes;
}

Task<Cluster::Nodes> Cluster::ask_one(std::shared_ptr<Node> node, milliseconds timeout, Deadline deadline,
                                      std::optional<NodeAddress> known) {
  const Deadline limit = std::min(deadline, steady_clock::now() + timeout);
  Node::Told<std::vector<Endpoint>> told = co_await node->endpoints(limit);
  if (!told && told.error().failure.again == Again::Credentials) {
    settings_->node.credentials->refuse();
    told = co_await node->endpoints(limit);
  }
  if (known) heard(*known, told ? Node::Word::Answered : word_of(told.error(), limit));
  if (!told) {
    Error error = std::move(told.error().failure.error);
    if (!known && !settings_->seeds.tls && told.error().word == Node::Word::Broken &&
        error.code == ErrorCode::ConnectionFailed) {
      error.message += "; if the cluster encrypts in transit, DAX_ENDPOINT begins with daxs://";
    }
    if (error.code == ErrorCode::DeadlineExceeded && steady_clock::now() < deadline && !stood_still(limit)) {
      error.code = ErrorCode::ConnectionFailed;
      error.message =
          fmt::format("{} did not answer within {} ms", url_of(node->endpoint()), timeout.count());
    }
    co_return std::unexpected(std::move(error));
  }
  std::vector<ClusterNode> nodes;
  for (const Endpoint& endpoint : *told) {
    if (const auto each = node_of(endpoint)) nodes.push_back(*each);
  }
  if (nodes.empty()) {
    co_return fail(ErrorCode::ProtocolError, "the cluster does not name any node with an address");
  }
  co_return nodes;
}

Task<void> Cluster::refresh(std::shared_ptr<Cluster> self) {
  const Deadline deadline = steady_clock::now() + self->settings_->times.work_lasts;
  Nodes nodes = co_await self->ask(deadline);
  self->take(nodes);
}

Task<void> Cluster::probe(std::shared_ptr<Cluster> self, Stop stop) {
  const Deadline deadline = steady_clock::now() + self->settings_->question_timeout;
  const auto told = co_await stop.node->endpoints(deadline);
  self->heard(stop.address, told ? Node::Word::Answered : word_of(told.error(), deadline));
}

}  // namespace loopstate::dax
