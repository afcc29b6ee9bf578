// A call's stay on one connection of a node: what must be asked before it, the call itself, and what must
// be asked to read its reply.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dax/node.hpp"
#include "dax/node_connection.hpp"

namespace loopstate::dax {

/// Holds one connection at a time, which goes back to its pool if everything sent on it was answered. An idle
/// connection may have ended unnoticed: if the first thing sent on it brings not a single byte
/// of a reply, everything is done again on a new one, and `sent_before` says so. A call that a node refuses
/// because it no longer accepts the connection's authorization is made once more with a new one.
class Visit {
 public:
  using Unfinished = Node::Unfinished;
  template <typename Answer>
  using Told = Node::Told<Answer>;
  template <typename Answer>
  using Read = Result<Answer> (*)(std::string_view values);

  /// `may_send`: of the call itself.
  Visit(std::shared_ptr<Node> node, Deadline deadline, table::service::MaySend may_send = nullptr)
      : node_(std::move(node)), deadline_(deadline), may_send_(std::move(may_send)) {}

  Task<Node::Outcome> call(const Request* request);
  /// A call that changes nothing and needs nothing.
  template <typename Answer>
  Task<Told<Answer>> control(Method method, std::string bytes, Read<Answer> reader);

 private:
  Task<Result<void>> arrive(bool fresh);
  Task<Node::Outcome> call_once(const Request* request, bool fresh);
  /// On the connection that is held.
  Task<Node::Outcome> make(const Request* request, const std::string* bytes);
  /// On the connection that is held.
  template <typename Answer>
  Task<Told<Answer>> ask(Method method, std::string bytes, Read<Answer> reader);
  /// The reply is good until the next exchange. `bytes` outlives it.
  Task<Told<std::string_view>> exchange(Method method, const std::string* bytes,
                                        const table::service::MaySend* may_send = nullptr);
  Task<Node::Outcome> number_list(const table::Attributes* attributes, ListId* id);
  Task<Node::Outcome> learn_names(ListId id);
  Task<Node::Outcome> read(const Request* request, std::string_view reply);
  std::unexpected<Unfinished> refused(Failure failure);
  /// A reply that is not one to this call: what comes next on the connection may not be either.
  std::unexpected<Unfinished> broken(Failure failure);
  NodeConnection& connection() const { return static_cast<NodeConnection&>(*lease_->connection()); }
  void leave();

  std::shared_ptr<Node> node_;
  Deadline deadline_;
  table::service::MaySend may_send_;
  std::optional<http::Lease> lease_;
  bool proven_ = false;  ///< the connection is new, or has answered something in this visit
  bool usable_ = false;  ///< it can take another call
  bool lost_ = false;    ///< it had ended before this visit
  /// The authorization that went out with the exchange, or without one the lack of it, is not why it was
  /// refused: an earlier one is not accepted any longer.
  bool lapsed_ = false;
  bool authorized_now_ = false;  ///< an authorization went out with the last exchange
};

}  // namespace loopstate::dax
