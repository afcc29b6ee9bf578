// Spending an action when replies are lost and the session changes meanwhile: one call spends at most one,
// and never says that it spent none when it may have.
#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

class Authorizing : public StoreTest {
 protected:
  static const Session& session(std::uint32_t max_actions) {
    Session given;
    given.key_pubkey = "K";
    given.vault_pubkey = "V";
    given.scopes = {"read"};
    given.max_actions = max_actions;
    return named(std::move(given));
  }
  void keep(std::uint32_t max_actions) { must(run(store_.store_session(user(), session(max_actions)))); }
  Result<Authorization> authorize(CallOptions options = {}) {
    return run(store_.authorize(user(), "read", std::move(options)));
  }
  std::uint32_t left_after(CallOptions options = {}) {
    return must(authorize(std::move(options))).actions_left;
  }
  std::uint32_t used() { return must(run(store_.get_session(user()))).actions_used; }
  table::Item rust_session(std::string max_actions) {
    auto item = rust_item("SESSION");
    auto text = *item.string("session_data");
    text.replace(text.find("\"max_actions\":5"), 15, "\"max_actions\":" + max_actions);
    item.attributes.set("session_data", text);
    return item;
  }
  /// Another process, which has seen nothing yet.
  Store other_process() { return store::store_over(table_, {}, clock_); }
};
LOOPSTATE_STORE_SUITE(Authorizing);

TEST_P(Authorizing, WithALostReplyAcrossAReplacedSessionIsUnknownAndSpendsNothingInTheNext) {
  keep(3);
  table_->repeat_writes(true);
  table_->before_next_repetition([&] { keep(3); });
  const auto answer = authorize();
  EXPECT_ERROR(answer, OutcomeUnknown);
  EXPECT_FALSE(answer.error().retryable) << "a repetition would spend again";
  EXPECT_EQ(used(), 0u);
}

TEST_P(Authorizing, WithALostReplyAcrossARevokedSessionIsUnknown) {
  keep(3);
  table_->repeat_writes(true);
  table_->before_next_repetition([&] { must(run(store_.revoke_session(user()))); });
  EXPECT_ERROR(authorize(), OutcomeUnknown);
}

TEST_P(Authorizing, WithALostReplyAcrossASessionThatTheRustCrateReplacedIsUnknown) {
  place(rust_session("5"));
  table_->repeat_writes(true);
  table_->before_next_repetition([&] { place(rust_session("9")); });
  EXPECT_ERROR(authorize(), OutcomeUnknown);
  EXPECT_EQ(row(store::session_key("U1")), rust_session("9"));
}

TEST_P(Authorizing, WithALostReplyAcrossASessionThatEndedIsUnknown) {
  auto given = session(3);
  given.expires_at = kStart + 10s;
  must(run(store_.store_session(user(), given)));
  table_->repeat_writes(true);
  table_->before_next_repetition([&] { remove(store::session_key("U1")); });
  EXPECT_ERROR(authorize(), OutcomeUnknown);
}

TEST_P(Authorizing, AfterTheSessionWasReplacedSpendsInTheNewOneOnly) {
  keep(3);
  auto other = other_process();
  must(run(other.store_session(user(), session(9))));
  EXPECT_EQ(left_after(), 8u);
  table_->before_next_call([&] { must(run(other.store_session(user(), session(5)))); });
  EXPECT_EQ(left_after(), 4u);
  EXPECT_EQ(used(), 1u);
}

TEST_P(Authorizing, AfterTheSessionWasRevokedElsewhereIsNotFound) {
  keep(3);
  must(run(other_process().revoke_session(user())));
  EXPECT_ERROR(authorize(), NotFound);
}

TEST_P(Authorizing, InASessionThatWasNotSeenYetReadsItFirst) {
  keep(3);
  auto other = other_process();
  table_->take_calls();
  EXPECT_EQ(must(run(other.authorize(user(), "read"))).actions_left, 2u);
  EXPECT_THAT(table_->take_calls(), after_reading(2));
  EXPECT_EQ(must(run(other.authorize(user(), "read"))).actions_left, 1u);
  EXPECT_EQ(table_->take_calls(), 1u);
}

TEST_P(Authorizing, TellsNoTwoCallersTheSameNumberWhenRepliesAreLost) {
  keep(10);
  table_->repeat_writes(true);
  std::vector<std::uint32_t> told;
  table_->before_next_repetition([&] {
    told.push_back(left_after());
    told.push_back(left_after());
  });
  told.push_back(left_after());
  EXPECT_EQ(told, (std::vector<std::uint32_t>{8, 7, 9}));
}

TEST_P(Authorizing, KnowsItsOwnSpendBehindAsManyOthersAsTheRowRemembers) {
  keep(200);
  table_->repeat_writes(true);
  table_->before_next_repetition([&] {
    for (int i = 0; i < 32; ++i) left_after();
  });
  EXPECT_EQ(left_after(), 199u);
  EXPECT_EQ(used(), 33u);
}

TEST_P(Authorizing, BehindMoreOthersThanTheRowRemembersIsUnknownAndSpendsOnce) {
  keep(200);
  table_->repeat_writes(true);
  table_->before_next_repetition([&] {
    for (int i = 0; i < 70; ++i) left_after();
  });
  EXPECT_ERROR(authorize(), OutcomeUnknown);
  EXPECT_EQ(used(), 71u);
}

TEST_P(Authorizing, WithOthersSpendingMuchMeanwhileSpendsOnce) {
  keep(200);
  auto other = other_process();
  for (int i = 0; i < 100; ++i) must(run(other.authorize(user(), "read")));
  EXPECT_EQ(left_after(), 99u);
  EXPECT_EQ(used(), 101u);
}

TEST_P(Authorizing, UnderARequestIdAnswersTheSameWhateverHappenedSince) {
  keep(3);
  EXPECT_EQ(left_after(request("r-1")), 2u);
  left_after();
  EXPECT_EQ(left_after(request("r-1")), 2u);
  EXPECT_EQ(used(), 2u);
  keep(9);
  EXPECT_EQ(left_after(request("r-1")), 2u);
  EXPECT_EQ(used(), 0u);
  must(run(store_.revoke_session(user())));
  EXPECT_EQ(left_after(request("r-1")), 2u);
}

TEST_P(Authorizing, UnderARequestIdAcrossAReplacedSessionSpendsOneInAll) {
  keep(3);
  table_->repeat_writes(true);
  table_->before_next_repetition([&] { keep(9); });
  EXPECT_EQ(left_after(request("r-1")), 2u);
  EXPECT_EQ(used(), 0u);
}

TEST_P(Authorizing, UnderRequestIdsRacesForTheLastAction) {
  keep(1);
  std::vector<Task<Result<Authorization>>> calls;
  for (int i = 0; i < 8; ++i) {
    calls.push_back(store_.authorize(user(), "read", request("r-" + std::to_string(i))));
  }
  int passed = 0;
  for (const auto& answer : run_together(std::move(calls))) {
    passed += answer ? 1 : 0;
    if (!answer) {
      EXPECT_ERROR(answer, NoActionsLeft);
    }
  }
  EXPECT_EQ(passed, 1);
}

TEST_P(Authorizing, UnderOneRequestIdByManyAtOnceSpendsOne) {
  keep(9);
  std::vector<Task<Result<Authorization>>> calls;
  for (int i = 0; i < 8; ++i) calls.push_back(store_.authorize(user(), "read", request("r-1")));
  for (const auto& answer : run_together(std::move(calls))) EXPECT_EQ(must(answer).actions_left, 8u);
  EXPECT_EQ(used(), 1u);
}

TEST_P(Authorizing, UnderARequestIdOfTheRustCratesSessionAdoptsIt) {
  place(rust_session("5"));
  EXPECT_EQ(left_after(request("r-1")), 3u);
  EXPECT_EQ(left_after(request("r-1")), 3u);
  EXPECT_EQ(left_after(), 2u);
}

TEST_P(Authorizing, ThatWasDeniedLeavesItsRequestIdFree) {
  EXPECT_ERROR(authorize(request("r-1")), NotFound);
  keep(3);
  EXPECT_EQ(left_after(request("r-1")), 2u);
}

TEST_P(Authorizing, UnderTheRequestIdOfAnotherScopeIsRefused) {
  keep(3);
  left_after(request("r-1"));
  EXPECT_ERROR(run(store_.authorize(user(), "stake", request("r-1"))), RequestIdReused);
  EXPECT_EQ(used(), 1u);
}

}  // namespace
}  // namespace loopstate::testing
