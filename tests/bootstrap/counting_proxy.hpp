// Stands between `bootstrap` and the DynamoDB server: counts requests, makes each as slow as a network would,
// and speaks TLS if told to.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fault_proxy/blocking_server.hpp"

namespace loopstate::function {

struct ProxyOptions {
  /// Added to each request, before it is passed on.
  std::chrono::milliseconds delay{0};
  /// A certificate and its key, in PEM; empty: plain HTTP.
  std::string certificate;
  std::string key;
};

class CountingProxy {
 public:
  explicit CountingProxy(const std::string& upstream_endpoint, ProxyOptions options = {});

  std::uint16_t port() const { return server_.port(); }
  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port()); }

  /// The operations since the last call, in the order they came: {"GetItem", "TransactWriteItems"}.
  std::vector<std::string> take_operations();
  /// The server's time since the last call, all requests together.
  std::chrono::duration<double, std::milli> take_upstream_time();
  int connections() const { return server_.connections(); }

 private:
  template <typename Stream>
  void serve(Stream& client);

  std::uint16_t upstream_port_;
  ProxyOptions options_;
  std::unique_ptr<boost::asio::ssl::context> tls_;
  std::mutex mutex_;
  std::vector<std::string> operations_;
  std::chrono::duration<double, std::milli> upstream_time_{0};
  testing_net::BlockingServer server_;
};

}  // namespace loopstate::function
