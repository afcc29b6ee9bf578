#include "store/documents/check_document.hpp"

#include <gtest/gtest.h>

#include "base/json_text_access.hpp"
#include "times.hpp"

namespace loopstate::store {
namespace {

TEST(CheckDocument, LetsAGoodOnePass) {
  auto context = new_context(UserId{"U"}, from_unix_seconds(1));
  context.agent_memory["k"] = trusted_json("1");
  context.vault.unknown = {{"next", trusted_json("1")}};
  EXPECT_TRUE(check_document(context));
  EXPECT_TRUE(check_document(Session{}));
  EXPECT_TRUE(check_document(Capture{}));
}

TEST(CheckDocument, NamesATextThatIsNotUtf8) {
  auto context = new_context(UserId{"U"}, from_unix_seconds(1));
  context.recent_events.push_back({"e", from_unix_seconds(1), "\xFF", {}, {}});
  const auto result = check_document(context);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(result.error().message, "context field recent_events[0].summary: not valid UTF-8");

  Session session;
  session.scopes = {"a", "\xC0"};
  EXPECT_EQ(check_document(session).error().message, "session field scopes[1]: not valid UTF-8");

  context = new_context(UserId{"U"}, from_unix_seconds(1));
  context.agent_memory["\xFF"] = JsonText();
  EXPECT_FALSE(check_document(context));
}

TEST(CheckDocument, RefusesUnknownMembersThatWouldMakeTheTextUnreadable) {
  auto context = new_context(UserId{"U"}, from_unix_seconds(1));
  context.vault.unknown = {{"oxo_balance", JsonText()}};
  EXPECT_EQ(check_document(context).error().message,
            "context field vault: oxo_balance is not an unknown member");
  context.vault.unknown = {{"a", JsonText()}, {"a", JsonText()}};
  EXPECT_EQ(check_document(context).error().message,
            "context field vault: the unknown member a appears twice");
  context = new_context(UserId{"U"}, from_unix_seconds(1));
  context.unknown = {{"vault", JsonText()}};
  EXPECT_EQ(check_document(context).error().message, "context: vault is not an unknown member");
}

TEST(CheckDocument, RefusesAPlaceThatIsNoNumber) {
  Capture capture;
  capture.location = CaptureLocation{trusted_json("1.5"), trusted_json("[]"), trusted_json("1"), {}};
  EXPECT_EQ(check_document(capture).error().message,
            "capture field location.longitude: expected a number, found an array");
}

}  // namespace
}  // namespace loopstate::store
