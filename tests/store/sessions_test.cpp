#include "loopstate/session.hpp"

#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

class Sessions : public StoreTest {
 protected:
  static const Session& session(std::uint32_t max_actions = 3) {
    Session given;
    given.key_pubkey = "K";
    given.vault_pubkey = "V";
    given.scopes = {"read", "capture"};
    given.max_actions = max_actions;
    return named(std::move(given));
  }
  Session keep(Session given, CallOptions options = {}) {
    return must(run(store_.store_session(user(), given, std::move(options))));
  }
  Result<Authorization> authorize(std::string scope = "capture", CallOptions options = {}) {
    return run(store_.authorize(user(), std::move(scope), std::move(options)));
  }
  std::uint32_t left_after(CallOptions options = {}) {
    return must(authorize("capture", std::move(options))).actions_left;
  }
  Result<Session> get() { return run(store_.get_session(user())); }
  std::size_t spends() {
    const auto stored = row(store::session_key("U1"));
    const auto* value = stored->find("spends");
    return value == nullptr ? 0 : value->list()->size();
  }
  // Stored by the Rust crate: 1 of 5 actions used, its time over before its row's.
  void place_rust_session() { place(rust_item("SESSION")); }
};
LOOPSTATE_STORE_SUITE(Sessions);

TEST_P(Sessions, AreStoredInOneRequestWithTimesFilledIn) {
  const auto stored = keep(session());
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_EQ(stored.created_at, kStart);
  EXPECT_EQ(stored.expires_at, kStart + 86'400s);
  EXPECT_EQ(must(get()), stored);
  EXPECT_EQ(table_->take_calls(), 1u);
}

TEST_P(Sessions, KeepTheRustCratesAttributesBesideOurs) {
  auto given = session();
  given.actions_used = 1;
  keep(given);
  const auto stored = row(store::session_key("U1"));
  ASSERT_TRUE(stored);
  EXPECT_EQ(*stored->string("session_data"),
            R"({"key_pubkey":"K","vault_pubkey":"V","scopes":["read","capture"],"expires_at":1795662300,)"
            R"("created_at":1795575900,"max_actions":3,"actions_used":1})");
  EXPECT_EQ(stored->time("expires_at"), kStart + 86'400s);
  EXPECT_EQ(stored->time("ttl"), kStart + 86'400s);
  EXPECT_EQ(stored->int64("actions_left"), 2);
  EXPECT_EQ(stored->find("scopes")->string_set()->values, (std::vector<std::string>{"capture", "read"}));
}

TEST_P(Sessions, LongerThanADayLiveToTheirEnd) {
  auto given = session();
  given.expires_at = kStart + 864'000s;
  keep(given);
  advance(777'600s);
  EXPECT_EQ(left_after(), 2u);
}

TEST_P(Sessions, SpendOneActionInOneRequest) {
  keep(session(3));
  table_->take_calls();
  EXPECT_EQ(left_after(), 2u);
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_EQ(must(get()).actions_used, 1u);
  EXPECT_EQ(left_after(), 1u);
  EXPECT_EQ(left_after(), 0u);
  EXPECT_ERROR(authorize(), NoActionsLeft);
  EXPECT_EQ(must(get()).actions_used, 3u);
}

TEST_P(Sessions, DenyOtherScopesWithoutSpending) {
  keep(session());
  EXPECT_ERROR(authorize("stake"), ScopeDenied);
  EXPECT_ERROR(authorize("cap"), ScopeDenied);
  EXPECT_EQ(must(get()).actions_used, 0u);
}

TEST_P(Sessions, WithoutScopesDenyAll) {
  auto given = session();
  given.scopes.clear();
  keep(given);
  EXPECT_ERROR(authorize("read"), ScopeDenied);
}

TEST_P(Sessions, OfNobodyAreNotFound) {
  EXPECT_ERROR(get(), NotFound);
  EXPECT_ERROR(authorize(), NotFound);
  EXPECT_FALSE(must(run(store_.revoke_session(user()))));
}

TEST_P(Sessions, EndAtTheirTime) {
  auto given = session();
  given.expires_at = kStart + 100s;
  keep(given);
  advance(99s);
  EXPECT_EQ(left_after(), 2u);
  advance(1s);
  EXPECT_ERROR(authorize(), NotFound);
  EXPECT_ERROR(get(), NotFound);
}

TEST_P(Sessions, WhoseRowIsStillSeenAreExpired) {
  place_rust_session();
  clock_.set(from_unix_seconds(1795579476));  // its end; the row itself goes a day after it was stored
  EXPECT_ERROR(get(), SessionExpired);
  EXPECT_ERROR(authorize("read"), SessionExpired);
  EXPECT_FALSE(must(run(store_.revoke_session(user()))));
  clock_.set(from_unix_seconds(1795662276));
  EXPECT_ERROR(get(), NotFound);
  EXPECT_ERROR(authorize("read"), NotFound);
}

TEST_P(Sessions, ThatExpiredAreNoObstacleToTheNext) {
  place_rust_session();
  clock_.set(from_unix_seconds(1795579476));
  keep(session());
  EXPECT_EQ(left_after(), 2u);
}

TEST_P(Sessions, AreReplacedWhole) {
  keep(session(3));
  left_after();
  auto next = session(9);
  next.scopes = {"stake"};
  keep(next);
  EXPECT_ERROR(authorize("capture"), ScopeDenied);
  EXPECT_EQ(must(authorize("stake")).actions_left, 8u);
}

TEST_P(Sessions, RevokedAreGone) {
  keep(session());
  table_->take_calls();
  EXPECT_TRUE(must(run(store_.revoke_session(user()))));
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_FALSE(must(run(store_.revoke_session(user()))));
  EXPECT_ERROR(authorize(), NotFound);
}

TEST_P(Sessions, RevokedWithALostReplyWereThere) {
  keep(session());
  table_->repeat_writes(true);
  EXPECT_TRUE(must(run(store_.revoke_session(user()))));
}

TEST_P(Sessions, OfTheRustCrateAreRead) {
  place_rust_session();
  const auto read = must(get());
  EXPECT_EQ(read.actions_used, 1u);
  EXPECT_EQ(read.max_actions, 5u);
  EXPECT_EQ(to_json(read), rust_text("SESSION", "session_data"));
}

TEST_P(Sessions, OfTheRustCrateAreAdoptedWithOneRequestMore) {
  place_rust_session();
  EXPECT_EQ(left_after(), 3u);
  EXPECT_THAT(table_->take_calls(), after_reading(2));
  EXPECT_EQ(must(get()).actions_used, 2u);
  table_->take_calls();
  EXPECT_EQ(left_after(), 2u);
  EXPECT_EQ(table_->take_calls(), 1u);
}

TEST_P(Sessions, OfTheRustCrateStayReadableForIt) {
  place_rust_session();
  left_after();
  const auto adopted = row(store::session_key("U1"));
  EXPECT_EQ(*adopted->string("session_data"),
            R"({"key_pubkey":"K","vault_pubkey":"V","scopes":["read","capture"],"expires_at":1795579476,)"
            R"("created_at":1795575876,"max_actions":5,"actions_used":2})");
  EXPECT_EQ(adopted->time("expires_at"), from_unix_seconds(1795579476));
  EXPECT_EQ(adopted->time("ttl"), from_unix_seconds(1795662276));
}

TEST_P(Sessions, OfTheRustCrateAreNotAdoptedForADeniedCall) {
  place_rust_session();
  EXPECT_ERROR(authorize("stake"), ScopeDenied);
  EXPECT_EQ(row(store::session_key("U1")), rust_item("SESSION"));
}

TEST_P(Sessions, OfTheRustCrateThatAreSpentHaveNoActionsLeft) {
  auto item = rust_item("SESSION");
  auto text = *item.string("session_data");
  text.replace(text.find("\"actions_used\":1"), 16, "\"actions_used\":6");
  item.attributes.set("session_data", text);
  place(item);
  EXPECT_ERROR(authorize(), NoActionsLeft);
}

TEST_P(Sessions, AdoptedByTwoAtOnceSpendOneEach) {
  place_rust_session();
  table_->before_next_call([&] { EXPECT_EQ(left_after(), 3u); }, 1);
  EXPECT_EQ(left_after(), 2u);
}

TEST_P(Sessions, ReplacedByTheRustCrateWhileTheyAreAdoptedAreAdoptedAnew) {
  place_rust_session();
  auto fresh = rust_item("SESSION");
  auto text = *fresh.string("session_data");
  text.replace(text.find("\"max_actions\":5"), 15, "\"max_actions\":9");
  fresh.attributes.set("session_data", text);
  table_->before_next_call([&] { place(fresh); }, 1);
  EXPECT_EQ(left_after(), 7u);
}

TEST_P(Sessions, WithOneActionLeftAndTwentyCallersLetOnePass) {
  keep(session(1));
  std::vector<Task<Result<Authorization>>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(store_.authorize(user(), "read"));
  int passed = 0;
  for (const auto& answer : run_together(std::move(calls))) {
    if (answer) {
      ++passed;
      EXPECT_EQ(answer->actions_left, 0u);
    } else {
      EXPECT_ERROR(answer, NoActionsLeft);
    }
  }
  EXPECT_EQ(passed, 1);
}

TEST_P(Sessions, OfTheRustCrateRacedByTwentyLetFourPass) {
  place_rust_session();
  std::vector<Task<Result<Authorization>>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(store_.authorize(user(), "read"));
  int passed = 0;
  for (const auto& answer : run_together(std::move(calls))) passed += answer ? 1 : 0;
  EXPECT_EQ(passed, 4);
  EXPECT_EQ(must(get()).actions_used, 5u);
}

TEST_P(Sessions, SpendOnceWhenTheReplyIsLost) {
  keep(session(3));
  table_->repeat_writes(true);
  EXPECT_EQ(left_after(), 2u);
  EXPECT_EQ(must(get()).actions_used, 1u);
}

TEST_P(Sessions, SpendOnceWhenAnotherCallerComesBeforeTheRepetition) {
  keep(session(3));
  table_->repeat_writes(true);
  table_->before_next_repetition([&] { EXPECT_EQ(left_after(), 1u); });
  EXPECT_EQ(left_after(), 2u) << "what remained when it was made";
  EXPECT_EQ(must(get()).actions_used, 2u);
}

TEST_P(Sessions, SpendTheLastActionOnceWhenTheReplyIsLost) {
  keep(session(1));
  table_->repeat_writes(true);
  EXPECT_EQ(left_after(), 0u);
  EXPECT_ERROR(authorize(), NoActionsLeft);
}

TEST_P(Sessions, AdoptedWithALostReplySpendOnce) {
  place_rust_session();
  table_->repeat_writes(true);
  EXPECT_EQ(left_after(), 3u);
  EXPECT_EQ(must(get()).actions_used, 2u);
}

TEST_P(Sessions, SpendOnceUnderARepeatedRequest) {
  keep(session(3));
  table_->lose_replies(1);
  EXPECT_ERROR(authorize("capture", request("r-1")), OutcomeUnknown);
  left_after();
  advance(3'600s);
  EXPECT_EQ(left_after(request("r-1")), 2u) << "what remained when it was made";
  EXPECT_EQ(must(get()).actions_used, 2u);
  EXPECT_EQ(left_after(request("r-2")), 0u);
}

TEST_P(Sessions, RememberABoundedNumberOfSpends) {
  keep(session(1000));
  for (int i = 0; i < 200; ++i) {
    left_after();
    EXPECT_LE(spends(), 64u);
  }
  EXPECT_EQ(must(get()).actions_used, 200u);
}

TEST_P(Sessions, TakeOneRequestMoreOnlyWhenTheOldestSpendsGo) {
  keep(session(1000));
  table_->take_calls();
  std::size_t with_two = 0;
  for (int i = 0; i < 98; ++i) {
    left_after();
    with_two += table_->take_calls() - 1;
  }
  EXPECT_EQ(with_two, 2u);
}

TEST_P(Sessions, AreNotStoredForAnErasedUser) {
  place_tombstone("U1");
  EXPECT_ERROR(run(store_.store_session(user(), session())), Erased);
  EXPECT_FALSE(row(store::session_key("U1")));
}

TEST_P(Sessions, StoredTwiceUnderOneRequestKeepWhatWasSpentSince) {
  table_->lose_replies(1);
  EXPECT_ERROR(run(store_.store_session(user(), session(3), request("r-1"))), OutcomeUnknown);
  left_after();
  EXPECT_EQ(keep(session(3), request("r-1")).actions_used, 0u) << "what was answered first";
  EXPECT_EQ(left_after(), 1u);
}

TEST_P(Sessions, StoredWithALostReplyAreStored) {
  table_->repeat_writes(true);
  EXPECT_EQ(keep(session(3)).actions_used, 0u);
}

TEST_P(Sessions, ThatCouldNeverBeUsedAreRefused) {
  auto given = session();
  given.expires_at = kStart;
  EXPECT_ERROR(run(store_.store_session(user(), given)), InvalidArgument);
  given = session(3);
  given.actions_used = 4;
  EXPECT_ERROR(run(store_.store_session(user(), given)), InvalidArgument);
  given = session();
  given.scopes = {"read", ""};
  EXPECT_ERROR(run(store_.store_session(user(), given)), InvalidArgument);
  given = session();
  given.key_pubkey = "\xFF";
  EXPECT_ERROR(run(store_.store_session(user(), given)), InvalidArgument);
  EXPECT_ERROR(authorize(""), InvalidArgument);
  EXPECT_EQ(table_->take_calls(), 0u);
}

TEST_P(Sessions, KeepMembersThatThisVersionDoesNotKnow) {
  place_rust_session();
  auto item = rust_item("SESSION");
  item.attributes.set("session_data", "{\"next\":1.10," + item.string("session_data")->substr(1));
  place(item);
  left_after();
  const auto stored = row(item.key);
  EXPECT_NE(stored->string("session_data")->find("\"next\":1.10"), std::string::npos);
}

TEST_P(Sessions, WhoseRowIsCorruptAreNamed) {
  auto item = rust_item("SESSION");
  item.attributes.set("session_data", "{\"key_pubkey\":1}");
  place(item);
  for (const auto& error : {get().error(), authorize().error()}) {
    EXPECT_EQ(error.code, ErrorCode::CorruptItem);
    EXPECT_EQ(error.message, "item USER#U1|SESSION: field key_pubkey: expected a string, found the number 1");
  }
}

}  // namespace
}  // namespace loopstate::testing
