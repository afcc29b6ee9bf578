#include "agent/bus_event.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace loopstate::agent {
namespace {

std::string yield_event(std::string_view detail) {
  return fmt::format(R"({{"source":"loop.staking","detail-type":"YieldThreshold","detail":{}}})", detail);
}

std::string refusal(std::string_view event) {
  const auto read = read_bus_event(event);
  if (read) return "";
  EXPECT_EQ(read.error().code, ErrorCode::InvalidArgument);
  return read.error().message;
}

TEST(BusEventTest, ADetailMayBeWrappedAsTheRustCrateDoes) {
  constexpr std::string_view fields =
      R"({"user_pubkey":"u","total_pending_yield":5,"threshold_reached":4,"positions":["a"]})";
  for (const auto& detail : {std::string(fields), fmt::format(R"({{"type":"Y","payload":{}}})", fields)}) {
    const auto read = read_bus_event(yield_event(detail));
    ASSERT_TRUE(read) << read.error().message;
    const auto& threshold = std::get<YieldThreshold>(read->what);
    EXPECT_EQ(threshold.user.text(), "u");
    EXPECT_EQ(threshold.positions.size(), 1u);
  }
}

TEST(BusEventTest, ARefusalNamesTheFieldAndWhatWasFound) {
  EXPECT_EQ(refusal(R"({"detail-type":"x","detail":{}})"), "event: source is missing; expected a string");
  EXPECT_EQ(refusal(R"({"source":"s","detail-type":7,"detail":{}})"),
            "event: detail-type is a number; expected a string");
  EXPECT_EQ(refusal(R"({"source":"s","detail-type":"t","detail":[]})"),
            "event: detail is an array; expected an object");
  EXPECT_EQ(refusal(R"({"source":"s","detail-type":"t","time":"noon","detail":{}})"),
            "event: time is not a time with a zone (RFC 3339)");
  EXPECT_EQ(refusal(yield_event(R"({"user_pubkey":"u","total_pending_yield":-1})")),
            "YieldThreshold: total_pending_yield is not an integer from 0 to 18446744073709551615");
  EXPECT_EQ(refusal(yield_event(R"({"user_pubkey":""})")),
            "YieldThreshold: user_pubkey cannot be used: " + UserId::parse("").error().message);
}

TEST(BusEventTest, OfSeveralFaultsTheFirstIsTold) {
  EXPECT_EQ(refusal(yield_event("{}")), "YieldThreshold: user_pubkey is missing; expected a string");
}

}  // namespace
}  // namespace loopstate::agent
