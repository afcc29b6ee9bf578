// Functions that a caller passed in.
#pragma once

#include <utility>

#include "loopstate/error.hpp"

namespace loopstate::store {

/// What the caller's function answers. If it used `or_throw`, the Error that this threw; any other exception
/// is the caller's own, and passes through.
template <typename Function>
Result<void> ask(Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (const Exception& thrown) {
    return std::unexpected(thrown.error());
  }
}

}  // namespace loopstate::store
