#include "bootstrap/counting_proxy.hpp"

#include <sys/prctl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <thread>

namespace loopstate::function {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using testing_net::Message;
using testing_net::read_message;
using testing_net::tcp;

namespace {

std::string operation_of(const std::string& head) {
  static constexpr std::string_view kTarget = "X-Amz-Target: DynamoDB_20120810.";
  const std::size_t at = head.find(kTarget);
  if (at == std::string::npos) return "?";
  const std::size_t start = at + kTarget.size();
  return head.substr(start, head.find('\r', start) - start);
}

std::unique_ptr<ssl::context> make_tls(const ProxyOptions& options) {
  if (options.certificate.empty()) return nullptr;
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  context->use_certificate(asio::buffer(options.certificate), ssl::context::pem);
  context->use_private_key(asio::buffer(options.key), ssl::context::pem);
  return context;
}

}  // namespace

CountingProxy::CountingProxy(const std::string& upstream_endpoint, ProxyOptions options)
    : upstream_port_(
          static_cast<std::uint16_t>(std::stoi(upstream_endpoint.substr(upstream_endpoint.rfind(':') + 1)))),
      options_(std::move(options)),
      tls_(make_tls(options_)),
      server_([this](tcp::socket& client, int) {
        client.set_option(tcp::no_delay(true));
        if (!tls_) return serve(client);
        ssl::stream<tcp::socket&> stream(client, *tls_);
        boost::system::error_code error;
        stream.handshake(ssl::stream_base::server, error);
        if (!error) serve(stream);
      }) {}

std::vector<std::string> CountingProxy::take_operations() {
  const std::lock_guard lock(mutex_);
  return std::exchange(operations_, {});
}

std::chrono::duration<double, std::milli> CountingProxy::take_upstream_time() {
  const std::lock_guard lock(mutex_);
  return std::exchange(upstream_time_, {});
}

template <typename Stream>
void CountingProxy::serve(Stream& client) {
  ::prctl(PR_SET_TIMERSLACK, 1);  // ns: the delay is as requested, not 0.05 ms longer
  asio::io_context io;
  tcp::socket upstream(io);
  boost::system::error_code error;
  upstream.connect({asio::ip::address_v4::loopback(), upstream_port_}, error);
  if (error) return;
  upstream.set_option(tcp::no_delay(true));
  std::string from_client;
  std::string from_upstream;
  while (auto request = read_message(client, from_client)) {
    {
      const std::lock_guard lock(mutex_);
      operations_.push_back(operation_of(request->head));
    }
    // The network's share, not a wait for something to happen.
    if (options_.delay.count() > 0) std::this_thread::sleep_for(options_.delay);
    const auto begun = std::chrono::steady_clock::now();
    asio::write(upstream, asio::buffer(request->head + request->body), error);
    if (error) return;
    const auto reply = read_message(upstream, from_upstream);
    if (!reply) return;
    {
      const std::lock_guard lock(mutex_);
      upstream_time_ += std::chrono::steady_clock::now() - begun;
    }
    asio::write(client, asio::buffer(reply->head + reply->body), error);
    if (error) return;
  }
}

}  // namespace loopstate::function
