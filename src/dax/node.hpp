// One node of a cluster, for making calls on it: its connections, and what is known about its lists.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/single_flight.hpp"
#include "aws/credential_cache.hpp"
#include "dax/attribute_lists.hpp"
#include "dax/greeting.hpp"
#include "dax/method.hpp"
#include "dax/replies.hpp"
#include "http/client/connection_pools.hpp"
#include "loopstate/clock.hpp"
#include "loopstate/task.hpp"
#include "table/service/token_age.hpp"

namespace loopstate::dax {

/// What the nodes of a cluster share.
struct NodeSettings {
  http::ClientSettings connections;
  std::shared_ptr<http::TlsContext> tls;  ///< null for dax://
  std::string tls_name;                   ///< the name in every node's certificate
  std::shared_ptr<aws::CredentialCache> credentials;
  std::shared_ptr<Authorizer> authorizer;
  std::shared_ptr<const Clock> clock;  ///< null: this machine's
};

/// A call on a node. What it refers to must outlive it.
struct Request {
  Method method = Method::GetItem;
  /// The attributes of the items that go out, in the order in which `bytes` wants their lists' numbers.
  std::vector<const table::Attributes*> items;
  std::function<Result<std::string>(const std::vector<ListId>& lists)> bytes;
  /// For a transaction: those of its operations.
  std::vector<table::Key> keys;
  /// Takes what follows the empty list of errors. Called again from the beginning if `names` lacked
  /// a list.
  std::function<Result<void>(std::string_view values, ReplyNames& names)> read;
};

/// May be used from several threads and event loops; each loop has its own connections.
class Node : public std::enable_shared_from_this<Node> {
 public:
  /// Connects nothing yet.
  Node(http::Endpoint endpoint, std::shared_ptr<const NodeSettings> settings);
  /// Idle connections close now, the others when their calls end.
  ~Node();

  /// What a call that was not done shows about the node.
  enum class Word : std::uint8_t {
    None,         ///< nothing: the call did not get that far, or was cancelled
    Answered,     ///< it is well, whatever it answered
    Unreachable,  ///< no connection could be made
    Silent,       ///< the deadline passed before its reply
    Broken        ///< a connection ended too early, or the reply is invalid
  };
  struct Unfinished {
    Failure failure;
    Word word = Word::None;
  };
  template <typename Answer>
  using Told = std::expected<Answer, Unfinished>;
  using Outcome = Told<void>;

  /// Done, or not. Sent once more on a fresh connection if an idle one failed without a single byte of a
  /// reply (`sent_before` says so); asks for the numbers and names of lists as needed.
  Task<Outcome> call(const Request* request, table::service::MaySend may_send, Deadline deadline);

  /// Who belongs to the cluster, according to this node.
  Task<Told<std::vector<Endpoint>>> endpoints(Deadline deadline);

  const http::Endpoint& endpoint() const noexcept { return pools_->endpoint(); }

  // For visits.
  const NodeSettings& settings() const noexcept { return *settings_; }
  http::ConnectionPools& pools() noexcept { return *pools_; }
  const std::string& session() const noexcept { return session_; }
  AttributeLists& lists() noexcept { return lists_; }
  const std::shared_ptr<async::SingleFlight>& flights() const noexcept { return flights_; }
  /// There is only one connection to it, over all event loops.
  bool is_only_connection() const noexcept { return alive_->load(std::memory_order_relaxed) <= 1; }

 private:
  std::shared_ptr<const NodeSettings> settings_;
  std::shared_ptr<std::atomic<std::int64_t>> alive_ = std::make_shared<std::atomic<std::int64_t>>(0);
  std::shared_ptr<http::ConnectionPools> pools_;
  std::string session_;
  AttributeLists lists_;
  std::shared_ptr<async::SingleFlight> flights_ = std::make_shared<async::SingleFlight>();
};

}  // namespace loopstate::dax
