#include "dax/node.hpp"

#include <boost/asio/awaitable.hpp>
#include <utility>

#include "crypto/random.hpp"
#include "dax/node_connection.hpp"
#include "dax/requests.hpp"
#include "dax/seeds.hpp"
#include "dax/visit.hpp"

namespace loopstate::dax {

namespace {

/// A connection that is counted for as long as it exists.
class CountedConnection final : public NodeConnection {
 public:
  CountedConnection(const boost::asio::any_io_executor& executor, std::shared_ptr<http::TlsContext> tls,
                    std::shared_ptr<std::atomic<std::int64_t>> alive)
      : NodeConnection(executor, std::move(tls)), alive_(std::move(alive)) {
    alive_->fetch_add(1, std::memory_order_relaxed);
  }
  ~CountedConnection() override { alive_->fetch_sub(1, std::memory_order_relaxed); }

 private:
  std::shared_ptr<std::atomic<std::int64_t>> alive_;
};

}  // namespace

Node::Node(http::Endpoint endpoint, std::shared_ptr<const NodeSettings> settings)
    : settings_(std::move(settings)), session_(crypto::random_text(kSessionBytes)) {
  http::Peer peer{url_of(endpoint), settings_->tls_name};
  auto make = [alive = alive_](const boost::asio::any_io_executor& executor,
                               const std::shared_ptr<http::TlsContext>& tls) {
    return std::make_unique<CountedConnection>(executor, tls, alive);
  };
  pools_ = std::make_shared<http::ConnectionPools>(std::move(endpoint), std::move(peer),
                                                   settings_->connections, settings_->tls, std::move(make));
}

Node::~Node() {
  pools_->retire();
}

Task<Node::Outcome> Node::call(const Request* request, table::service::MaySend may_send, Deadline deadline) {
  Visit visit(shared_from_this(), deadline, std::move(may_send));
  co_return co_await visit.call(request);
}

Task<Node::Told<std::vector<Endpoint>>> Node::endpoints(Deadline deadline) {
  Visit visit(shared_from_this(), deadline);
  std::string bytes = endpoints_call();
  co_return co_await visit.control<std::vector<Endpoint>>(Method::Endpoints, std::move(bytes),
                                                          &read_endpoints);
}

}  // namespace loopstate::dax
