// Stands between the engine and the DynamoDB server, and does what networks do and what that server never
// does.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "fault_proxy/blocking_server.hpp"

namespace loopstate::dynamodb {

enum class Fault : std::uint8_t {
  None,
  CutBefore,        ///< closes instead of passing the request on
  DropReply,        ///< the request is applied; then the connection is closed
  HalfReply,        ///< the request is applied; the reply ends halfway
  WrongChecksum,    ///< the request is applied; the reply's checksum is wrong
  NoChecksum,       ///< the reply has no checksum
  Garble,           ///< the request is applied; the reply is not HTTP
  NotJson,          ///< the request is applied; the body is something else
  ErrorBefore,      ///< a 500 that did not apply the request
  ErrorAfter,       ///< a 500 that did
  Throttle,         ///< without reasons
  ThrottleReasons,  ///< with reasons, and a hint when to retry
  Conflict,         ///< of a single write or a transaction with another transaction
  InProgress,       ///< TransactionInProgressException
  ThrottledTransaction,
  Unprocessed,  ///< half of a batch is left unprocessed; all of it, if it has only one part
  EmptyPage,    ///< for a query or scan: nothing, and where to continue
  Hang,         ///< the request is applied; no reply comes
  CloseAfter    ///< a good reply, and then the connection is closed silently
};

/// What arrived.
struct SeenRequest {
  std::string_view operation;  ///< "GetItem"
  std::string_view body;
  int connection = 0;
};

class FaultProxy {
 public:
  /// `plan` says for each request what happens to it; called on any thread.
  FaultProxy(std::string upstream_endpoint, std::function<Fault(const SeenRequest&)> plan);

  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  int connections() const { return server_.connections(); }
  int requests() const { return requests_; }
  void cut_all() { server_.cut_all(); }

 private:
  void serve(testing_net::tcp::socket& client, int number);

  std::uint16_t upstream_port_;
  std::function<Fault(const SeenRequest&)> plan_;
  std::atomic<int> requests_{0};
  testing_net::BlockingServer server_;
};

}  // namespace loopstate::dynamodb
