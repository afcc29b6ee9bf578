#include "loopstate/clock.hpp"

namespace loopstate {
namespace {

class SystemClock final : public Clock {
 public:
  Timestamp now() const override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

}  // namespace

const Clock& system_clock() {
  // Never destroyed: while the program ends, what is static may still make calls.
  static const Clock* const clock = new SystemClock();
  return *clock;
}

}  // namespace loopstate
