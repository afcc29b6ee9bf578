// HTTP over one connection: one request after another.
#pragma once

#include <string>

#include "http/client/connection.hpp"
#include "http/client/message.hpp"
#include "http/client/reply_reader.hpp"

namespace loopstate::http {

class ClientConnection final : public Connection {
 public:
  ClientConnection(const boost::asio::any_io_executor& executor, std::shared_ptr<TlsContext> tls,
                   std::size_t reply_bytes_max)
      : Connection(executor, std::move(tls)), reader_(reply_bytes_max) {}

  /// What became of a request. `sent`: the server may have acted on it.
  struct Exchange {
    Result<ClientReply> reply;
    bool sent = false;
    bool reply_started = false;
    bool usable = false;  ///< the connection can take another request
  };
  /// `request`: all of its bytes; outlives the call. `to_head`: no body follows the reply's headers.
  Task<Exchange> exchange(const std::string* request, bool to_head);

 private:
  ReplyReader reader_;
};

}  // namespace loopstate::http
