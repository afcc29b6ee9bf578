// Which time work on whole tables uses.
#include "table/service_time.hpp"

#include <gtest/gtest.h>

#include "port/model_table.hpp"
#include "port/runner.hpp"

namespace loopstate::table {
namespace {

constexpr Timestamp kMachines{std::chrono::seconds{1'000'000}};
constexpr std::chrono::seconds kWrongBy = std::chrono::days(400);

struct WrongClock final : Clock {
  Timestamp now() const override { return kMachines; }
};

/// Its first reply shows that the machine's clock is wrong.
class Server final : public ModelTable {
 public:
  Task<Result<std::optional<Item>>> get(Key key, Call call) override {
    asked = true;
    co_return co_await ModelTable::get(std::move(key), call);
  }
  std::chrono::seconds clock_offset() const noexcept override {
    return asked ? -kWrongBy : std::chrono::seconds::zero();
  }

  bool asked = false;
};

TEST(ServiceTime, IsLearntBeforeTheFirstRequestThatCounts) {
  Runner runner{1};
  const WrongClock clock;
  const auto server = std::make_shared<Server>();
  const ServiceTime time({std::make_shared<ModelTable>(), server}, clock);
  EXPECT_EQ(time.now(), kMachines);
  EXPECT_EQ(runner.run(time.learn(Deadline::max())), kMachines - kWrongBy);
  EXPECT_EQ(time.now(), kMachines - kWrongBy);
}

TEST(ServiceTime, IsTheMachinesWhereThereIsNoServer) {
  Runner runner{1};
  const WrongClock clock;
  const ServiceTime time({std::make_shared<ModelTable>()}, clock);
  EXPECT_EQ(runner.run(time.learn(Deadline::max())), kMachines);
}

}  // namespace
}  // namespace loopstate::table
