#include "store/stale_callers.hpp"

namespace loopstate::testing {

LOOPSTATE_STORE_SUITE(CallersOnStaleReads);

TEST_P(CallersOnStaleReads, LoseNothingDoNothingTwiceAndAreToldNothingWrong) {
  race_for(40);
  expect_that_everything_is_accounted_for();
}

}  // namespace loopstate::testing
