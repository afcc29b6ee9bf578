#include "dax/seeds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loopstate::dax {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

std::vector<std::string> urls(std::string_view text) {
  const Result<Seeds> seeds = parse_seeds(text);
  if (!seeds) return {seeds.error().message};
  std::vector<std::string> out;
  for (const http::Endpoint& host : seeds->hosts) out.push_back(url_of(host));
  return out;
}

std::string refusal(std::string_view text) {
  const Result<Seeds> seeds = parse_seeds(text);
  EXPECT_FALSE(seeds.has_value()) << text;
  if (seeds) return "";
  EXPECT_EQ(seeds.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(seeds.error().message, HasSubstr("DAX_ENDPOINT"));
  return seeds.error().message;
}

using Urls = std::vector<std::string>;

}  // namespace

TEST(DaxSeeds, EachSchemeHasItsPort) {
  EXPECT_EQ(urls("dax://cluster.example"), Urls{"dax://cluster.example:8111"});
  EXPECT_EQ(urls("daxs://cluster.example"), Urls{"daxs://cluster.example:9111"});
}

TEST(DaxSeeds, AGivenPortCounts) {
  EXPECT_EQ(urls("dax://cluster.example:18111/"), Urls{"dax://cluster.example:18111"});
  EXPECT_EQ(urls("dax://[::1]:18111"), Urls{"dax://[::1]:18111"});
}

TEST(DaxSeeds, AHostWithAPortMeansDax) {
  EXPECT_EQ(urls("cluster.example:8111"), Urls{"dax://cluster.example:8111"});
}

TEST(DaxSeeds, AHostAloneIsRefused) {
  EXPECT_THAT(refusal("cluster.example"), HasSubstr("needs a port"));
}

TEST(DaxSeeds, SeveralPlainOnesAreAllowed) {
  EXPECT_EQ(urls("dax://a:1, b:2"), (Urls{"dax://a:1", "dax://b:2"}));
}

TEST(DaxSeeds, SeveralEncryptedOnesAreRefused) {
  EXPECT_THAT(refusal("daxs://a,daxs://b"), HasSubstr("more than one daxs://"));
}

TEST(DaxSeeds, TwoSchemesAreRefused) {
  EXPECT_THAT(refusal("daxs://a,dax://b"), HasSubstr("one scheme"));
}

TEST(DaxSeeds, WhatIsNoUrlIsRefusedAndNotRepeated) {
  for (const char* text : {"https://secret", "dax://", "dax://secret:0", "dax://secret:65536", "dax://[::1",
                           "dax://a/secret", "dax://user:secret@a", ",", "dax://a,", "dax://a b"}) {
    EXPECT_THAT(refusal(text), AllOf(HasSubstr("dax://HOST"), Not(HasSubstr("secret")))) << text;
  }
}

}  // namespace loopstate::dax
