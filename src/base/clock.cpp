#include "loopstate/clock.hpp"

namespace loopstate {
namespace {

class SystemClock final : public Clock {
 public:
  UnixSeconds now() const override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(since_epoch).count();
  }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace loopstate
