// Which time a rule uses.
#include <gtest/gtest.h>

#include "store/hooked_table.hpp"
#include "store/spine/core.hpp"
#include "times.hpp"

namespace loopstate::testing {
namespace {

constexpr std::chrono::seconds kOffset = -std::chrono::days(400);

/// Its server's replies show this machine's clock to be wrong.
struct CorrectingTable final : HookedTable {
  CorrectingTable() : HookedTable(nullptr) {}
  std::chrono::seconds clock_offset() const noexcept override { return kOffset; }
};

struct SetClock final : Clock {
  Timestamp now() const override { return from_unix_seconds(1'000'000); }
};

TEST(RulesClockTest, IsTheMachinesCorrectedByWhatTheServiceShows) {
  const store::Core core{std::make_shared<CorrectingTable>(), {}, system_clock(), 0, 0, 0, {}, {}};
  const Timestamp before = system_clock().now();
  const Timestamp read = store::begin_read(core, CallOptions()).now;
  EXPECT_GE(read, before + kOffset);
  EXPECT_LE(read, system_clock().now() + kOffset);
  EXPECT_GE(store::begin_write(core, {})->call.now, read);
}

TEST(RulesClockTest, IsNotCorrectedWhereACallerBroughtIt) {
  const SetClock clock;
  const store::Core core{std::make_shared<CorrectingTable>(), {}, clock, 0, 0, 0, {}, {}};
  EXPECT_EQ(store::begin_read(core, CallOptions()).now, from_unix_seconds(1'000'000));
  EXPECT_EQ(store::begin_write(core, {})->call.now, from_unix_seconds(1'000'000));
}

}  // namespace
}  // namespace loopstate::testing
