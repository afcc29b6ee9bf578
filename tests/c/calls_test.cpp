// What goes into a call and comes out of it: names, JSON, buffers, and what is said about bad ones.
#include <gtest/gtest.h>

#include <thread>

#include "c/library.hpp"

namespace loopstate::c {
namespace {

class CCall : public testing::Test {
 protected:
  Answer call(const char* name, std::string_view json, const std::vector<std::string>& buffers = {}) const {
    return store_.call(name, json, buffers);
  }
  /// Of a call that must be refused.
  std::string refusal(const char* name, std::string_view json,
                      const std::vector<std::string>& buffers = {}) const {
    const auto answer = call(name, json, buffers);
    EXPECT_EQ(answer.code(), "InvalidArgument") << name << json;
    EXPECT_EQ(answer.member("retryable"), "false");
    EXPECT_EQ(answer.buffers(), 0u);
    return answer.message();
  }

  TestStore store_;
};

TEST(CLibrary, SaysWhichItIs) {
  EXPECT_STREQ(loopstate_version(), LOOPSTATE_TEST_VERSION);
  EXPECT_EQ(loopstate_interface(), static_cast<std::uint32_t>(LOOPSTATE_INTERFACE));
  loopstate_free(nullptr);
}

TEST_F(CCall, AnUnknownNameIsToldTheOneThatWasMeant) {
  EXPECT_EQ(refusal("lookp", "{}"), R"(there is no call "lookp"; did you mean "lookup"?)");
  EXPECT_EQ(refusal("documents.gett", "{}"),
            R"(there is no call "documents.gett"; did you mean "documents.get"?)");
  EXPECT_EQ(refusal("", "{}"), R"(there is no call "")");
  EXPECT_EQ(refusal("\xFF\xFE", "{}"), R"(there is no call "")");
  EXPECT_EQ(refusal(std::string(10'000, 'x').c_str(), "{}").size(),
            std::string(R"(there is no call "")").size() + 60);
  EXPECT_EQ(refusal("update", R"({"user":"U1"})").substr(0, 16), "there is no call");
}

TEST_F(CCall, WhatIsNoJsonObjectIsRefusedWithThePlace) {
  EXPECT_EQ(refusal("lookup", R"({"fingerprint":)"),
            "the parameters are not a JSON object: expected a value, found the end of the text at byte 15");
  EXPECT_EQ(refusal("lookup", R"("text")").substr(0, 60),
            "the parameters are not a JSON object: expected an object, fo");
  EXPECT_NE(refusal("lookup", "{\"fingerprint\":\"\xFF\"}").find("UTF-8"), std::string::npos);
  EXPECT_NE(refusal("lookup", R"({"fingerprint":"a","fingerprint":"b"})").find("twice"), std::string::npos);
  EXPECT_NE(refusal("lookup", R"({"fingerprint":"a"} trailing)").find("at byte 20"), std::string::npos);
  EXPECT_NE(refusal("lookup", std::string(200, '[')).find("expected an object"), std::string::npos);
}

TEST_F(CCall, ProblemsNameTheParameter) {
  EXPECT_EQ(refusal("lookup", ""), "fingerprint is missing; expected a string");
  EXPECT_EQ(refusal("lookup", R"({"fingerprint":null})"), "fingerprint is missing; expected a string");
  EXPECT_EQ(refusal("lookup", R"({"fingerprint":5})"), "fingerprint is 5; expected a string");
  EXPECT_EQ(refusal("lookup", R"({"fingerprint":["a"]})"), "fingerprint is an array; expected a string");
  EXPECT_EQ(refusal("lookup", R"({"fingerprint":""})"), "fingerprint is empty");
  EXPECT_EQ(refusal("lookup", R"({"fingerprint":"a","may_be_stale":"yes"})"),
            "may_be_stale is \"yes\"; expected true or false");
  EXPECT_EQ(refusal("lookup", R"({"fingerprint":"a","colour":1})"), "colour is no parameter of this call");
  EXPECT_EQ(refusal("lookup", R"({"fingerprint":"a","colour":null})"), "colour is no parameter of this call");
  EXPECT_EQ(refusal("documents.list", R"({"user":"U1","collection":"c","limit":0})"),
            "limit is 0; expected a whole number from 1 to 1000");
  EXPECT_EQ(refusal("documents.list", R"({"user":"U1","collection":"c","limit":1.5})"),
            "limit is 1.5; expected a whole number from 1 to 1000");
  EXPECT_EQ(refusal("documents.list", R"({"user":"U1","collection":"c","limit":"5"})"),
            "limit is \"5\"; expected a whole number from 1 to 1000");
  EXPECT_EQ(refusal("documents.keep_last", R"({"user":"U1","collection":"c","count":-1})"),
            "count is -1; expected a whole number, 0 or more");
  EXPECT_EQ(refusal("claim", R"({"transaction":"t","payload":"p","lease":60,"policy":"always"})"),
            R"(policy is "always"; expected one of "rerun", "refuse", "reconcile")");
}

TEST_F(CCall, ProblemsInsideAnObjectNameThePath) {
  EXPECT_EQ(refusal("patch", R"({"user":"U1","changes":[{"path":"a","value":1},{"value":2}]})"),
            "changes[1].path is missing; expected a string");
  EXPECT_EQ(refusal("patch", R"({"user":"U1","changes":[{"path":"a","val":1}]})"),
            "changes[0].val is no parameter of this call");
  EXPECT_EQ(refusal("patch", R"({"user":"U1","changes":[1]})").substr(0, 15), "changes[0] is 1");
  EXPECT_EQ(refusal("fetch_many", R"({"users":["U1",2]})"), "users[1] is 2; expected a string");
  EXPECT_EQ(refusal("fetch_many", R"({"users":["U1",""]})").substr(0, 8), "users[1]");
  EXPECT_EQ(refusal("record_refund",
                    R"({"refund":{"refund":"r","payment":"p","amount_cents":1,"currency":"euro"}})")
                .substr(0, 15),
            "refund.currency");
  EXPECT_EQ(refusal("add_capture", R"({"user":"U1","capture":{"merchant_id":"m"}})").substr(0, 8),
            "capture:");
  EXPECT_EQ(refusal("add_capture", R"({"user":"U1","capture":{"id":"x","merchant_id":"m","amount_cents":1}})")
                .substr(0, 8),
            "capture:");
  EXPECT_EQ(refusal("push", R"({"changed":{"pubkey":5}})").substr(0, 8), "changed:");
}

TEST_F(CCall, ATimeoutIsANumberOfSeconds) {
  EXPECT_TRUE(call("cards_of", R"({"user":"U1","timeout":0.25})").ok());
  EXPECT_TRUE(call("cards_of", R"({"user":"U1","timeout":60})").ok());
  for (const auto* wrong : {"-1", "1e400", "\"5\"", "true", "315360001"}) {
    EXPECT_EQ(refusal("cards_of", R"({"user":"U1","timeout":)" + std::string(wrong) + "}"),
              "timeout is " + std::string(wrong) + "; expected a number of seconds from 0 to 315360000");
  }
}

TEST_F(CCall, BuffersMustBeAsManyAsTheCallTakes) {
  EXPECT_EQ(refusal("lookup", R"({"fingerprint":"a"})", {"x"}), "the call takes 0 buffers, and 1 were given");
  EXPECT_EQ(refusal("documents.put", R"({"user":"U1","collection":"c","key":"k"})"),
            "the call takes 1 buffers, and 0 were given");
  EXPECT_EQ(refusal("documents.append", R"({"user":"U1","collection":"c","documents":[{}]})", {"a", "b"}),
            "the call takes 1 buffers, and 2 were given");
}

TEST_F(CCall, NullPointersAreRefused) {
  const auto handle = store_.handle();
  EXPECT_EQ(Answer(loopstate_call(handle, nullptr, {nullptr, 0}, nullptr, 0)).message(),
            "name is a null pointer");
  EXPECT_EQ(Answer(loopstate_call(handle, "lookup", {nullptr, 3}, nullptr, 0)).message(),
            "json is a null pointer");
  EXPECT_EQ(Answer(loopstate_call(handle, "lookup", {nullptr, 0}, nullptr, 2)).message(),
            "buffers has a null pointer");
  const loopstate_bytes hollow{nullptr, 7};
  EXPECT_EQ(Answer(loopstate_call(handle, "lookup", {nullptr, 0}, &hollow, 1)).message(),
            "buffers has a null pointer");
}

TEST_F(CCall, AnEmptyBodyMayBeANullPointer) {
  const loopstate_bytes empty{nullptr, 0};
  const auto json = bytes_of(R"({"user":"U1","collection":"c","key":"k"})");
  ASSERT_TRUE(Answer(loopstate_call(store_.handle(), "documents.put", json, &empty, 1)).ok());
  const auto got = call("documents.get", R"({"user":"U1","collection":"c","key":"k"})");
  EXPECT_EQ(got.member("size"), "0");
  EXPECT_EQ(got.buffers(), 1u);
  EXPECT_EQ(got.buffer(), "");
}

TEST_F(CCall, TheTextOfAnAnswerEndsWithANullCharacter) {
  const auto answer = call("cards_of", R"({"user":"U1"})");
  const auto json = loopstate_json(answer.get());
  EXPECT_EQ(std::string(static_cast<const char*>(json.data)), "[]");
  EXPECT_EQ(json.size, 2u);
}

TEST_F(CCall, ABufferThatIsNotThereIsNoBytes) {
  const auto answer = call("cards_of", R"({"user":"U1"})");
  EXPECT_EQ(loopstate_buffer(answer.get(), 0).size, 0u);
  EXPECT_EQ(loopstate_buffer(answer.get(), SIZE_MAX).data, nullptr);
}

TEST_F(CCall, AConflictComesWithTheStoredContextAndThePathsThatBothChanged) {
  const auto read = call("get_or_init", R"({"user":"U1"})").json();
  ASSERT_TRUE(call("patch", R"({"user":"U1","changes":[{"path":"vault.cred_balance","value":7}]})").ok());
  auto changed = read;
  changed.replace(changed.find("\"cred_balance\":0"), 16, "\"cred_balance\":9");
  const auto answer = call("push", R"({"changed":)" + changed + R"(,"base":)" + read + "}");
  EXPECT_EQ(answer.code(), "VersionConflict");
  const auto text = answer.json();
  const auto conflict = json::View(text).find("conflict");
  ASSERT_TRUE(conflict);
  EXPECT_EQ(conflict->find("paths")->text(), R"(["vault.cred_balance"])");
  EXPECT_EQ(conflict->find({"current", "vault", "cred_balance"})->text(), "7");
}

TEST_F(CCall, APatchsNullIsAValueAndAMissingOneUnsets) {
  ASSERT_TRUE(call("get_or_init", R"({"user":"U1"})").ok());
  ASSERT_TRUE(call("patch", R"({"user":"U1","changes":[{"path":"agent_memory.x","value":null}]})").ok());
  EXPECT_EQ(call("recall", R"({"user":"U1","key":"x"})").json(), "null");
  ASSERT_TRUE(call("patch", R"({"user":"U1","changes":[{"path":"agent_memory.x"}]})").ok());
  EXPECT_EQ(call("recall", R"({"user":"U1","key":"x"})").code(), "NotFound");
}

TEST_F(CCall, AContextThatIsGivenNeedsOnlyItsUser) {
  const auto pushed = call(
      "push", R"({"changed":{"pubkey":"U1","preferences":{"notifications":{"on_stake":true}},"more":1}})");
  ASSERT_TRUE(pushed.ok()) << pushed.json();
  const auto text = pushed.json();
  const json::View context(text);
  EXPECT_EQ(context.find({"preferences", "notifications", "on_stake"})->text(), "true");
  EXPECT_EQ(context.find({"preferences", "auto_stake"})->text(), "true");
  EXPECT_EQ(context.find("version")->text(), "1");
  EXPECT_EQ(context.find("more")->text(), "1");
  const auto refused = call("push", R"({"changed":{"pubkey":"U1","vault":{"oxo_balance":"x"}}})");
  EXPECT_EQ(refused.code(), "InvalidArgument");
  EXPECT_EQ(refused.message().substr(0, 32), "changed: field vault.oxo_balance");
}

TEST_F(CCall, NumbersAndTextsKeepEveryDigitAndByte) {
  ASSERT_TRUE(call("get_or_init", R"({"user":"U1"})").ok());
  const std::string value =
      R"({"big":18446744073709551616.000000000000000001,"text":"\u0000\u00e9 \ud83d\ude00"})";
  ASSERT_TRUE(call("remember", R"({"user":"U1","key":"k","value":)" + value + "}").ok());
  EXPECT_EQ(call("recall", R"({"user":"U1","key":"k"})").json(), value);
  ASSERT_TRUE(
      call("patch", R"({"user":"U1","changes":[{"path":"vault.oxo_balance","value":18446744073709551615}]})")
          .ok());
  EXPECT_NE(call("fetch", R"({"user":"U1"})").json().find("\"oxo_balance\":18446744073709551615"),
            std::string::npos);
}

TEST_F(CCall, ARepetitionUnderARequestIdIsToldAndAnotherWriteUnderItIsRefused) {
  const auto* const link = R"({"fingerprint":"card","user":"U1","last4":"4242","request_id":"r-1"})";
  const auto first = call("link", link).json();
  EXPECT_EQ(call("link", link).json(), first);
  EXPECT_EQ(call("link", R"({"fingerprint":"card","user":"U2","last4":"","request_id":"r-1"})").code(),
            "RequestIdReused");
}

}  // namespace
}  // namespace loopstate::c
