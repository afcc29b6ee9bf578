// warm_up, check_writable, and what a store counts.
#include <fmt/format.h>

#include <array>

#include "base/try.hpp"
#include "c/call.hpp"

namespace loopstate::c {
namespace {

Result<Reply> warm_up(OpenStore& open, Input& in) {
  auto options = in.read_call();
  TRY_OK(in.check());
  TRY_OK(open.store.warm_up(std::move(options)));
  return Reply{};
}

Result<Reply> check_writable(OpenStore& open, Input& in) {
  auto options = in.read_call();
  TRY_OK(in.check());
  TRY_OK(open.store.check_writable(std::move(options)));
  return Reply{};
}

Result<Reply> requests_sent(OpenStore& open, Input& in) {
  TRY_OK(in.check());
  return Reply{fmt::format("{}", open.store.store().requests_sent())};
}

Result<Reply> fallbacks(OpenStore& open, Input& in) {
  TRY_OK(in.check());
  return Reply{fmt::format("{}", open.store.store().fallbacks())};
}

Result<Reply> conflicts(OpenStore& open, Input& in) {
  TRY_OK(in.check());
  return Reply{fmt::format("{}", open.store.store().conflicts())};
}

Result<Reply> clock_correction(OpenStore& open, Input& in) {
  TRY_OK(in.check());
  return Reply{fmt::format("{}", open.store.store().clock_correction().count())};
}

Result<Reply> ring_losses(OpenStore& open, Input& in) {
  TRY_OK(in.check());
  const auto lost = loopstate::ring_losses(open.store.store());
  return Reply{fmt::format(R"({{"dropped":{},"expired":{}}})", lost.dropped, lost.expired)};
}

}  // namespace

std::span<const Call> store_calls() {
  static constexpr std::array kCalls{Call{"warm_up", warm_up},
                                     Call{"check_writable", check_writable},
                                     Call{"requests_sent", requests_sent},
                                     Call{"fallbacks", fallbacks},
                                     Call{"conflicts", conflicts},
                                     Call{"clock_correction", clock_correction},
                                     Call{"ring_losses", ring_losses}};
  return kCalls;
}

}  // namespace loopstate::c
