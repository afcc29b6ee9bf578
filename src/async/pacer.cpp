#include "async/pacer.hpp"

#include <boost/asio/awaitable.hpp>

#include "async/backoff.hpp"
#include "async/sleep.hpp"

namespace loopstate::async {
namespace {

class SystemPacer final : public Pacer {
 public:
  Deadline now() const override { return std::chrono::steady_clock::now(); }
  Task<void> wait(std::chrono::milliseconds duration) const override { co_await sleep_for(duration); }
  double random() const override { return jitter(); }
};

}  // namespace

const Pacer& system_pacer() {
  static const SystemPacer pacer;
  return pacer;
}

}  // namespace loopstate::async
