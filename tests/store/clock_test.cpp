// Which time a rule goes by.
#include <gtest/gtest.h>

#include "store/core.hpp"
#include "store/hooked_table.hpp"

namespace loopstate::testing {
namespace {

constexpr UnixSeconds kOffset = -400 * 86'400;

/// Its server's replies show this machine's clock to be wrong.
struct CorrectingTable final : HookedTable {
  CorrectingTable() : HookedTable(nullptr) {}
  UnixSeconds clock_offset() const noexcept override { return kOffset; }
};

struct SetClock final : Clock {
  UnixSeconds now() const override { return 1'000'000; }
};

TEST(RulesClockTest, IsTheMachinesCorrectedByWhatTheServiceShows) {
  const store::Core core{std::make_shared<CorrectingTable>(), {}, system_clock(), 0};
  const UnixSeconds before = system_clock().now();
  const UnixSeconds read = store::begin_read(core, {}).now;
  EXPECT_GE(read, before + kOffset);
  EXPECT_LE(read, system_clock().now() + kOffset);
  EXPECT_GE(store::begin_write(core, {})->call.now, read);
}

TEST(RulesClockTest, IsNotCorrectedWhereACallerBroughtIt) {
  const SetClock clock;
  const store::Core core{std::make_shared<CorrectingTable>(), {}, clock, 0};
  EXPECT_EQ(store::begin_read(core, {}).now, 1'000'000);
  EXPECT_EQ(store::begin_write(core, {})->call.now, 1'000'000);
}

}  // namespace
}  // namespace loopstate::testing
