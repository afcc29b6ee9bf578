#include "agent/pacer.hpp"

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "crypto/random.hpp"

namespace loopstate::agent {
namespace asio = boost::asio;

namespace {

class SystemPacer final : public Pacer {
 public:
  Deadline now() const override { return std::chrono::steady_clock::now(); }

  Task<void> wait(std::chrono::milliseconds duration) const override {
    asio::steady_timer timer(co_await asio::this_coro::executor, duration);
    boost::system::error_code ignored;  // cancelled: the caller's next step says so
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  std::uint64_t random() const override {
    std::array<std::byte, sizeof(std::uint64_t)> bytes{};
    crypto::random_bytes(bytes);
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), sizeof(value));
    return value;
  }
};

}  // namespace

const Pacer& system_pacer() {
  static const SystemPacer pacer;
  return pacer;
}

}  // namespace loopstate::agent
