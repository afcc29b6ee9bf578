#include "loopstate/names.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "base/name_access.hpp"

namespace loopstate {
namespace {

TEST(Names, AreWrittenAsLiteralsOrParsedFromText) {
  const UserId user{"shopper-1"};
  EXPECT_EQ(user.text(), "shopper-1");
  EXPECT_EQ(UserId::parse("shopper-1").value(), user);
  EXPECT_EQ(Fingerprint{"K\xC3\xB6ln"}.text(), "K\xC3\xB6ln");
}

TEST(Names, ThatAreBadTextAreInvalidArgumentsByField) {
  const auto message = [](std::string_view text) {
    const auto user = UserId::parse(text);
    EXPECT_FALSE(user);
    EXPECT_EQ(user.error().code, ErrorCode::InvalidArgument);
    return user.error().message;
  };
  EXPECT_EQ(message(""), "user is empty");
  EXPECT_EQ(message(std::string(201, 'u')), "user is 201 bytes long; at most 200 are allowed");
  EXPECT_EQ(message("ab\xC3"), "user is not valid UTF-8 at byte 2");
  EXPECT_EQ(message("ab\n"), "user has a control character at byte 2");
  EXPECT_EQ(message("\xC2\x85"), "user has a control character at byte 0");
  EXPECT_TRUE(UserId::parse(std::string(200, 'u')));
}

TEST(Names, NameNothingUntilTheyAreGivenSomething) {
  UserId user;
  EXPECT_TRUE(user.empty());
  EXPECT_EQ(user, UserId());
  user = UserId{"shopper-1"};
  EXPECT_FALSE(user.empty());
}

TEST(Names, OfOneKindAreNeverTakenForAnother) {
  static_assert(!std::is_constructible_v<UserId, Fingerprint>);
  static_assert(!std::is_assignable_v<UserId&, Fingerprint>);
  static_assert(!std::is_convertible_v<const char*, UserId>);
  static_assert(!std::is_convertible_v<std::string, UserId>);
  static_assert(!std::is_constructible_v<UserId, std::string>);
  static_assert(!std::is_convertible_v<NameLiteral, UserId>);
}

TEST(Names, ThatAreReadFromTheTableMayBeLongerThanAnyThatIsParsed) {
  const auto name = stored_name<MerchantId>(std::string(300, 'm'));
  EXPECT_EQ(name.text().size(), 300u);
}

}  // namespace
}  // namespace loopstate
