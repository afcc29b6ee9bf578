// What every call takes besides its subject.
#include "loopstate/options.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <type_traits>

#include "loopstate/documents.hpp"
#include "store/spine/core.hpp"

namespace loopstate {
namespace {

using namespace std::chrono_literals;

template <typename Options>
class EveryOptions : public ::testing::Test {};
using AllOptions =
    ::testing::Types<ReadOptions, InitOptions, PushOptions, WriteOptions, AddCaptureOptions, LinkOptions,
                     UnlinkOptions, ClaimOptions, LocationOptions, ClearLocationOptions, RecordOptions,
                     EraseOptions, DocumentOptions, AppendOptions, DocumentListOptions>;
TYPED_TEST_SUITE(EveryOptions, AllOptions);

TYPED_TEST(EveryOptions, IsMadeOfThoseOfAnyCallAndKeepsWhatTheySay) {
  const auto deadline = Deadline(1h);
  const auto any = CallOptions().deadline(deadline).timeout(2s).request_id("r-1");
  const TypeParam options = any;
  EXPECT_EQ(options.deadline(), deadline);
  EXPECT_EQ(options.timeout(), 2s);
  EXPECT_EQ(options.request_id(), "r-1");
}

// Aggregates are what GCC 12 destroys twice in an awaited expression.
TYPED_TEST(EveryOptions, IsNoAggregate) {
  static_assert(!std::is_aggregate_v<TypeParam>);
}

TYPED_TEST(EveryOptions, TakesBackWhatWasSet) {
  auto options = TypeParam().deadline(Deadline(1h)).timeout(2s).request_id("r-1");
  options.deadline(std::nullopt).timeout(std::nullopt).request_id(std::nullopt);
  EXPECT_FALSE(options.deadline() || options.timeout() || options.request_id());
}

TEST(Options, OfOneCallAreNotThoseOfAnother) {
  static_assert(!std::is_convertible_v<LinkOptions, UnlinkOptions>);
  static_assert(!std::is_convertible_v<WriteOptions, CallOptions>);
}

TEST(ADeadlineAndATimeout, EndACallAtWhicheverComesFirst) {
  const auto now = std::chrono::steady_clock::now();
  EXPECT_EQ(store::deadline_of(CallOptions()), std::nullopt);
  EXPECT_EQ(store::deadline_of(CallOptions().deadline(now)), now);
  EXPECT_EQ(store::deadline_of(CallOptions().deadline(now).timeout(1h)), now);
  const auto far = now + 1000h;
  EXPECT_LT(store::deadline_of(CallOptions().deadline(far).timeout(1ms)), far);
  EXPECT_GE(store::deadline_of(CallOptions().timeout(1h)), now + 1h);
}

}  // namespace
}  // namespace loopstate
