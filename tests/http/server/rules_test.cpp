#include "http/server/rules.hpp"

#include <boost/asio/ip/address.hpp>
#include <vector>

namespace loopstate::http {
namespace {

TEST(ServerRules, OnlyAClientThatBeganARequestIsToldThatItIsSlow) {
  EXPECT_EQ(status_of(ReadPhase::Idle, ReadFailure::TimedOut), 0);
  EXPECT_EQ(status_of(ReadPhase::Header, ReadFailure::TimedOut), 408);
  EXPECT_EQ(status_of(ReadPhase::Body, ReadFailure::TimedOut), 408);
  EXPECT_EQ(status_of(ReadPhase::Body, ReadFailure::Closed), 0);
}

TEST(ServerRules, EachLimitHasItsStatus) {
  EXPECT_EQ(status_of(ReadPhase::Header, ReadFailure::HeaderTooLarge), 431);
  EXPECT_EQ(status_of(ReadPhase::Body, ReadFailure::BodyTooLarge), 413);
  EXPECT_EQ(status_of(ReadPhase::Header, ReadFailure::Malformed), 400);
}

TEST(ServerRules, OnlyHttp11NeedsAHost) {
  ServerRequest request;
  EXPECT_EQ(check_request(11, request), 400);
  EXPECT_EQ(check_request(10, request), 0);
  request.headers = {{"HOST", "x"}};
  EXPECT_EQ(check_request(11, request), 0);
}

using Doing = Activity::Doing;

Activity activity(Doing doing, int since_ms) {
  return {doing, std::chrono::steady_clock::time_point(std::chrono::milliseconds(since_ms))};
}

std::optional<std::size_t> chosen_at(int now_ms, std::vector<Activity> connections) {
  return which_makes_room(connections,
                          std::chrono::steady_clock::time_point(std::chrono::milliseconds(now_ms)));
}

TEST(ServerRules, TheOneThatIsIdleLongestMakesRoom) {
  EXPECT_EQ(chosen_at(100'000, {activity(Doing::Serving, 1), activity(Doing::Waiting, 900),
                                activity(Doing::Waiting, 800), activity(Doing::Receiving, 2)}),
            2u);
  EXPECT_EQ(chosen_at(0, {}), std::nullopt);
}

TEST(ServerRules, ARequestThatDribblesInMakesRoomOnlyWhereNobodyIsIdle) {
  EXPECT_EQ(chosen_at(3'000, {activity(Doing::Receiving, 1'500), activity(Doing::Receiving, 1'400)}), 1u);
  EXPECT_EQ(chosen_at(3'000, {activity(Doing::Receiving, 2'500), activity(Doing::Receiving, 2'000)}),
            std::nullopt);
  EXPECT_EQ(chosen_at(3'000, {activity(Doing::Receiving, 1'000), activity(Doing::Waiting, 2'999)}), 1u);
}

TEST(ServerRules, AnAnswerThatIsNotTakenMakesRoomAsASlowRequestDoes) {
  EXPECT_EQ(chosen_at(3'000, {activity(Doing::Receiving, 1'500), activity(Doing::Sending, 1'400)}), 1u);
  EXPECT_EQ(chosen_at(3'000, {activity(Doing::Serving, 0), activity(Doing::Sending, 2'000)}), std::nullopt);
}

TEST(ServerRules, ARequestThatIsServedNeverMakesRoom) {
  EXPECT_EQ(chosen_at(1'000'000, {activity(Doing::Serving, 0), activity(Doing::Serving, 1)}), std::nullopt);
}

PeerKey peer(std::string_view text) {
  const auto address = boost::asio::ip::make_address(std::string(text));
  const auto wide = address.is_v6()
                        ? address.to_v6()
                        : boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, address.to_v4());
  return peer_key(wide.to_bytes());
}

TEST(ServerRules, APeerIsAnIpv4AddressOrAnIpv6NetworkOf64Bits) {
  EXPECT_EQ(peer("192.0.2.1"), peer("::ffff:192.0.2.1"));
  EXPECT_NE(peer("192.0.2.1"), peer("192.0.2.2"));
  EXPECT_EQ(peer("2001:db8:1:2::1"), peer("2001:db8:1:2:ffff::9"));
  EXPECT_NE(peer("2001:db8:1:2::1"), peer("2001:db8:1:3::1"));
  EXPECT_NE(peer("0.0.0.0"), peer("::"));
}

TEST(ServerRules, ExpectationsOfHttp10AreIgnored) {
  ServerRequest request;
  request.headers = {{"Host", "x"}, {"Expect", "100-Continue"}};
  EXPECT_TRUE(expects_continue(11, request));
  EXPECT_FALSE(expects_continue(10, request));
}

TEST(ServerRules, HeaderNamesMatchInAnyCase) {
  ServerRequest request;
  request.headers = {{"x-fidel-SIGNATURE", "a"}, {"X-Fidel-Signature", "b"}};
  EXPECT_EQ(request.header("X-FIDEL-signature"), "a");
  EXPECT_EQ(request.header("x-fidel"), std::nullopt);
}

TEST(ServerRules, ThePathHasNoQuery) {
  ServerRequest request;
  request.target = "/a/b?c=/d";
  EXPECT_EQ(request.path(), "/a/b");
}

TEST(ServerRules, DatesAreOfTheHttpForm) {
  EXPECT_EQ(http_date(1'764'058'800), "Tue, 25 Nov 2025 08:20:00 GMT");
}

}  // namespace
}  // namespace loopstate::http
