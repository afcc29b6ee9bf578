#include "json/view.hpp"

#include <gtest/gtest.h>

namespace loopstate::json {
namespace {

constexpr std::string_view kDocument =
    R"({"type":"payment","data":{"amount":125,"big":18446744073709551616,"tags":["a","b\u00e9"],"ok":true,"no":null}})";

TEST(JsonView, FindsMembersByName) {
  const View view(kDocument);
  EXPECT_EQ(string_member(view, "type"), "payment");
  EXPECT_EQ(view.find({"data", "amount"})->unsigned_integer(), 125u);
  EXPECT_EQ(view.find({"data", "amount"})->signed_integer(), 125);
  EXPECT_EQ(view.find({"data", "ok"})->boolean(), true);
  EXPECT_TRUE(view.find({"data", "no"})->is_null());
}

TEST(JsonView, FindsNothingWhereNothingIs) {
  const View view(kDocument);
  EXPECT_FALSE(view.find("absent"));
  EXPECT_FALSE(view.find({"type", "inner"}));
  EXPECT_FALSE(view.find({"data", "absent", "deeper"}));
  EXPECT_FALSE(string_member(*view.find("data"), "amount"));
}

TEST(JsonView, GivesNothingForAnotherKindOrAValueThatDoesNotFit) {
  const View data = *View(kDocument).find("data");
  EXPECT_FALSE(data.find("big")->unsigned_integer());
  EXPECT_EQ(data.find("big")->number(), "18446744073709551616");
  EXPECT_FALSE(data.find("ok")->string());
  EXPECT_FALSE(data.find("tags")->boolean());
  EXPECT_FALSE(data.string());
}

TEST(JsonView, ListsMembersAndElementsInOrder) {
  const View view(kDocument);
  const auto members = view.members();
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[1].first, "data");
  const auto tags = view.find({"data", "tags"})->elements();
  ASSERT_EQ(tags.size(), 2u);
  EXPECT_EQ(tags[1].string(), "bé");
  EXPECT_TRUE(view.elements().empty());
}

}  // namespace
}  // namespace loopstate::json
