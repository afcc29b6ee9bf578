#include "crypto/hash.hpp"
#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

using ClaimState = ClaimOutcome::State;

class Claims : public StoreTest {
 protected:
  ClaimOutcome claim(std::string holder = "worker-1", LapsedPolicy policy = LapsedPolicy::Rerun,
                     std::string payload = "{}", CallOptions options = {}) {
    return must(run(store_.claim(txn(), std::move(payload), 60s, policy,
                                 ClaimOptions(std::move(options)).holder(std::move(holder)))));
  }
  ClaimOutcome claim_under(LapsedPolicy policy) { return claim("worker-2", policy); }
  Result<ProcessedTransaction> complete(const Claim& of, CallOptions options = {}) {
    return run(store_.complete(of, user(), 1250, "paid", std::move(options)));
  }
  Result<void> release(const Claim& of) { return run(store_.release(of)); }
  Result<Claim> extend(const Claim& of, std::chrono::seconds lease = 60s) {
    return run(store_.extend(of, lease));
  }
  // As the Rust crate marks: over whatever is there.
  void mark_as_rust() {
    place({store::processed_key("square:p1"),
           {{"user_pubkey", "U7"},
            {"cred_amount", table::Value::number(std::int64_t{9})},
            {"processed_at", table::Value::time(now())},
            {"ttl", table::Value::time(now() + 2'592'000s)}}});
  }
};
LOOPSTATE_STORE_SUITE(Claims);

TEST_P(Claims, AreFreshAtFirstInOneRequest) {
  const auto outcome = claim();
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_EQ(outcome.state(), ClaimState::Fresh);
  EXPECT_EQ(outcome.fence(), 1u);
  ASSERT_TRUE(outcome.claim());
  EXPECT_EQ(outcome.claim()->fence(), 1u);
  EXPECT_EQ(outcome.claim()->holder(), "worker-1");
  EXPECT_EQ(outcome.claim()->lease_until(), kStart + 60s);
}

TEST_P(Claims, HaveAnItemOfTheirOwnSoThatTheRustCrateNeverSeesWorkAsDone) {
  claim();
  EXPECT_FALSE(row(store::processed_key("square:p1")));
  const auto stored = row(store::claim_key("square:p1"));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->uint64("fence"), 1u);
  EXPECT_EQ(*stored->string("holder"), "worker-1");
  EXPECT_EQ(stored->time("lease_until"), kStart + 60s);
  EXPECT_EQ(*stored->string("payload_hash"), crypto::hex(crypto::sha256("{}")));
  EXPECT_EQ(stored->time("ttl"), kStart + 2'592'000s);
}

TEST_P(Claims, OfAnotherAreInProgressUntilTheirLeaseEnds) {
  claim();
  advance(59s);
  table_->take_calls();
  const auto outcome = claim("worker-2");
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_EQ(outcome.state(), ClaimState::InProgress);
  EXPECT_EQ(outcome.in_progress()->until, kStart + 60s);
  EXPECT_EQ(outcome.fence(), 1u);
  EXPECT_FALSE(outcome.claim());
}

TEST_P(Claims, CompletedAnswerDoneWithTheStoredResult) {
  const auto held = claim();
  const auto record = must(complete(*held.claim()));
  EXPECT_EQ(record.result, "paid");
  table_->take_calls();
  const auto outcome = claim("worker-2");
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_EQ(outcome.state(), ClaimState::Done);
  ASSERT_TRUE(outcome.done());
  EXPECT_EQ(outcome.done()->record.result, "paid");
  EXPECT_EQ(outcome.done()->record.user.text(), "U1");
  EXPECT_EQ(outcome.done()->record.cred_amount, 1250u);
  EXPECT_EQ(outcome.done()->record.payload_hash, crypto::hex(crypto::sha256("{}")));
  EXPECT_FALSE(outcome.claim());
}

TEST_P(Claims, CompletedAreMarkedForTheRustCrate) {
  must(complete(*claim().claim()));
  const auto marked = row(store::processed_key("square:p1"));
  ASSERT_TRUE(marked);
  EXPECT_EQ(*marked->string("user_pubkey"), "U1");
  EXPECT_EQ(marked->uint64("cred_amount"), 1250u);
  EXPECT_EQ(marked->time("ttl"), kStart + 2'592'000s);
  EXPECT_FALSE(must(run(store_.mark_processed(txn(), user(), 1))).first);
}

TEST_P(Claims, OfAnotherPayloadAreRefusedWhateverTheirState) {
  const auto held = claim();
  EXPECT_EQ(claim("w", LapsedPolicy::Rerun, "other").state(), ClaimState::OtherPayload);
  advance(60s);
  EXPECT_EQ(claim("w", LapsedPolicy::Rerun, "other").state(), ClaimState::OtherPayload);
  must(release(*held.claim()));
  EXPECT_EQ(claim("w", LapsedPolicy::Rerun, "other").state(), ClaimState::OtherPayload);
  must(complete(*claim().claim()));
  const auto done = claim("w", LapsedPolicy::Rerun, "other");
  EXPECT_EQ(done.state(), ClaimState::OtherPayload);
  EXPECT_FALSE(done.claim());
}

TEST_P(Claims, LapsedAreTakenOverUnderRerun) {
  claim();
  advance(60s);
  table_->take_calls();
  const auto outcome = claim_under(LapsedPolicy::Rerun);
  EXPECT_EQ(table_->take_calls(), 2u);
  EXPECT_EQ(outcome.state(), ClaimState::Fresh);
  EXPECT_EQ(outcome.fence(), 2u);
  ASSERT_TRUE(outcome.claim());
  EXPECT_EQ(outcome.claim()->holder(), "worker-2");
}

TEST_P(Claims, LapsedThatTheServiceRemovesMeanwhileAreMadeAnew) {
  claim();
  advance(61s);
  table_->before_next_call([this] { remove(store::claim_key("square:p1")); }, 1);
  const auto outcome = claim_under(LapsedPolicy::Rerun);
  EXPECT_EQ(outcome.state(), ClaimState::Fresh);
  EXPECT_EQ(outcome.fence(), 1u);
}

TEST_P(Claims, LapsedStayUntouchedUnderRefuse) {
  const auto held = claim();
  advance(60s);
  const auto outcome = claim_under(LapsedPolicy::Refuse);
  EXPECT_EQ(outcome.state(), ClaimState::Lapsed);
  EXPECT_EQ(outcome.fence(), 1u);
  EXPECT_FALSE(outcome.claim());
  must(complete(*held.claim()));
}

TEST_P(Claims, LapsedAreHandedOverWithAWarningUnderReconcile) {
  claim();
  advance(60s);
  const auto outcome = claim_under(LapsedPolicy::Reconcile);
  EXPECT_EQ(outcome.state(), ClaimState::Lapsed);
  ASSERT_TRUE(outcome.claim());
  EXPECT_EQ(outcome.claim()->fence(), 2u);
  EXPECT_EQ(claim().state(), ClaimState::InProgress);
  must(complete(*outcome.claim()));
}

TEST_P(Claims, HandedOverUnderReconcileWarnAgainWhenTheRequestIsRepeated) {
  claim();
  advance(60s);
  const auto first = claim("worker-2", LapsedPolicy::Reconcile, "{}", request("r"));
  const auto again = claim("worker-2", LapsedPolicy::Reconcile, "{}", request("r"));
  EXPECT_EQ(again.state(), ClaimState::Lapsed);
  ASSERT_TRUE(again.claim());
  EXPECT_EQ(again.claim()->fence(), first.claim()->fence());
}

TEST_P(Claims, ReleasedAreFreshForAnybodyUnderAHigherFence) {
  must(release(*claim().claim()));
  const auto outcome = claim_under(LapsedPolicy::Refuse);
  EXPECT_EQ(outcome.state(), ClaimState::Fresh);
  EXPECT_EQ(outcome.fence(), 2u);
}

TEST_P(Claims, AreExtendedByTheirHolder) {
  const auto held = claim();
  advance(50s);
  const auto longer = must(extend(*held.claim(), 100s));
  EXPECT_EQ(longer.lease_until(), kStart + 150s);
  EXPECT_EQ(longer.fence(), 1u);
  advance(99s);
  EXPECT_EQ(claim("worker-2").state(), ClaimState::InProgress);
  advance(1s);
  EXPECT_EQ(claim_under(LapsedPolicy::Refuse).state(), ClaimState::Lapsed);
  must(extend(longer));  // nobody took it over
  EXPECT_EQ(claim("worker-2").state(), ClaimState::InProgress);
}

TEST_P(Claims, TakenOverTellALateFinisherThatItWasSuperseded) {
  const auto late = claim();
  advance(60s);
  const auto current = claim_under(LapsedPolicy::Rerun);
  EXPECT_ERROR(complete(*late.claim()), Superseded);
  EXPECT_ERROR(extend(*late.claim()), Superseded);
  EXPECT_ERROR(release(*late.claim()), Superseded);
  EXPECT_FALSE(must(run(store_.is_processed(txn()))));
  must(complete(*current.claim()));
  EXPECT_ERROR(complete(*late.claim()), Superseded);
}

TEST_P(Claims, AreGoneOnWithByARestartedProgramFromTheirParts) {
  const auto granted = *claim().claim();
  const auto again = Claim::from_parts(granted.transaction(), granted.fence(), granted.holder(),
                                       granted.payload_hash(), granted.lease_until());
  EXPECT_EQ(again, granted);
  EXPECT_EQ(must(extend(again)).fence(), granted.fence());
  must(complete(again));
  EXPECT_TRUE(claim().done());
}

TEST_P(Claims, AreNotFinishedUnderAnothersName) {
  const auto granted = *claim().claim();
  const auto stolen =
      Claim::from_parts(granted.transaction(), granted.fence(), "somebody", granted.payload_hash());
  EXPECT_ERROR(complete(stolen), Superseded);
  EXPECT_ERROR(release(stolen), Superseded);
}

// The mark would have a hash that no later caller's payload has: the result could not be had any more.
TEST_P(Claims, AreNotFinishedForAnotherPayload) {
  const auto granted = *claim().claim();
  const auto mistaken = Claim::from_parts(granted.transaction(), granted.fence(), granted.holder(), "");
  EXPECT_ERROR(complete(mistaken), Superseded);
  must(complete(granted));
  EXPECT_TRUE(claim().done());
}

TEST_P(Claims, ReleasedAreNotFinished) {
  const auto held = claim();
  must(release(*held.claim()));
  EXPECT_ERROR(complete(*held.claim()), Superseded);
  EXPECT_ERROR(extend(*held.claim()), Superseded);
  must(release(*held.claim()));  // a repetition is harmless
}

TEST_P(Claims, CompletedTwiceByTheirHolderGiveTheRecordTwice) {
  const auto held = claim();
  const auto first = must(complete(*held.claim()));
  advance(5s);
  const auto second = must(complete(*held.claim()));
  EXPECT_EQ(second.processed_at, first.processed_at);
  EXPECT_EQ(second.result, "paid");
}

TEST_P(Claims, OfATransactionThatTheRustCrateMarkedAreDone) {
  place_rust_items();
  const auto outcome = must(run(store_.claim(txn("txn-U1"), "p", 60s, LapsedPolicy::Rerun)));
  EXPECT_EQ(outcome.state(), ClaimState::Done);
  EXPECT_EQ(outcome.done()->record.user.text(), "U1");
  EXPECT_FALSE(outcome.done()->record.result);
}

TEST_P(Claims, MarkedByTheRustCrateMeanwhileAreSuperseded) {
  const auto held = claim();
  mark_as_rust();
  EXPECT_EQ(claim("worker-2").state(), ClaimState::Done);
  EXPECT_ERROR(complete(*held.claim()), Superseded);
  EXPECT_EQ(must(run(store_.is_processed(txn())))->user.text(), "U7");
}

TEST_P(Claims, RacingWithTheRustCratesMarkAreDone) {
  table_->before_next_call([&] { mark_as_rust(); });
  EXPECT_EQ(claim().state(), ClaimState::Done);
  EXPECT_FALSE(row(store::claim_key("square:p1")));
}

TEST_P(Claims, TakenOverWhileTheHolderCompletesAreDone) {
  const auto held = claim();
  advance(60s);
  table_->before_next_call([&] { must(complete(*held.claim())); }, 1);
  EXPECT_EQ(claim_under(LapsedPolicy::Rerun).state(), ClaimState::Done);
}

TEST_P(Claims, ExtendedWhileTheyAreTakenOverStayWithTheirHolder) {
  const auto held = claim();
  advance(60s);
  table_->before_next_call([&] { must(extend(*held.claim())); }, 1);
  EXPECT_EQ(claim_under(LapsedPolicy::Rerun).state(), ClaimState::InProgress);
}

TEST_P(Claims, RacedBySixteenHaveOneWinner) {
  std::vector<Task<Result<ClaimOutcome>>> calls;
  for (int i = 0; i < 16; ++i) {
    calls.push_back(
        store_.claim(txn(), "{}", 60s, LapsedPolicy::Rerun, ClaimOptions().holder("w" + std::to_string(i))));
  }
  int fresh = 0;
  for (auto& answer : run_together(std::move(calls))) {
    const auto outcome = must(answer);
    if (outcome.state() == ClaimState::Fresh) {
      ++fresh;
    } else {
      EXPECT_EQ(outcome.state(), ClaimState::InProgress);
      EXPECT_EQ(outcome.in_progress()->until, kStart + 60s);
    }
  }
  EXPECT_EQ(fresh, 1);
}

TEST_P(Claims, LapsedAndRacedBySixteenHaveOneSuccessor) {
  claim();
  advance(60s);
  std::vector<Task<Result<ClaimOutcome>>> calls;
  for (int i = 0; i < 16; ++i) {
    calls.push_back(
        store_.claim(txn(), "{}", 60s, LapsedPolicy::Rerun, ClaimOptions().holder("w" + std::to_string(i))));
  }
  int fresh = 0;
  for (auto& answer : run_together(std::move(calls)))
    fresh += must(answer).state() == ClaimState::Fresh ? 1 : 0;
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(row(store::claim_key("square:p1"))->uint64("fence"), 2u);
}

TEST_P(Claims, ThatExpiredDoNotExist) {
  claim();
  advance(2'592'000s);
  const auto outcome = claim_under(LapsedPolicy::Refuse);
  EXPECT_EQ(outcome.state(), ClaimState::Fresh);
}

TEST_P(Claims, OfATransactionWhoseMarkExpiredAreFresh) {
  must(complete(*claim().claim()));
  advance(2'592'000s);
  EXPECT_EQ(claim().state(), ClaimState::Fresh);
}

TEST_P(Claims, WhoseReplyWasLostAreKnownAsTheirOwn) {
  table_->repeat_writes(true);
  const auto held = claim();
  EXPECT_EQ(held.state(), ClaimState::Fresh);
  const auto longer = must(extend(*held.claim()));
  must(complete(longer));
  EXPECT_EQ(claim().state(), ClaimState::Done);
}

TEST_P(Claims, TakenOverOrReleasedWithLostRepliesAreKnownAsTheirOwn) {
  table_->repeat_writes(true);
  claim();
  advance(60s);
  const auto held = claim_under(LapsedPolicy::Reconcile);
  EXPECT_EQ(held.state(), ClaimState::Lapsed);
  EXPECT_EQ(held.fence(), 2u);
  must(release(*held.claim()));
}

TEST_P(Claims, ReleasedBetweenAWriteAndItsRepetitionAreStillReleased) {
  const auto held = claim();
  table_->repeat_writes(true);
  table_->before_next_repetition([&] { EXPECT_EQ(claim("worker-2").state(), ClaimState::Fresh); });
  must(release(*held.claim()));
  EXPECT_EQ(claim("worker-3").state(), ClaimState::InProgress);
}

TEST_P(Claims, ExtendedBetweenAWriteAndItsRepetitionAreExtendedWhoeverTookThemSince) {
  const auto held = claim();
  table_->repeat_writes(true);
  table_->before_next_repetition([&] {
    advance(61s);
    EXPECT_EQ(claim("worker-2").state(), ClaimState::Fresh);
  });
  EXPECT_EQ(must(extend(*held.claim())).lease_until(), kStart + 60s);
}

TEST_P(Claims, CompletedBetweenAWriteAndItsRepetitionAreCompletedWhoeverMarkedThemSince) {
  const auto held = claim();
  table_->repeat_writes(true);
  table_->before_next_repetition([&] { mark_as_rust(); });
  EXPECT_EQ(must(complete(*held.claim())).result, "paid");
}

TEST_P(Claims, ReleasedTwiceAreReleased) {
  const auto held = claim();
  must(release(*held.claim()));
  must(release(*held.claim()));
}

TEST_P(Claims, RepeatedUnderTheirRequestIdAreHeldStill) {
  table_->lose_replies(1);
  EXPECT_ERROR(
      run(store_.claim(txn(), "{}", 60s, LapsedPolicy::Refuse, ClaimOptions(request("r-1")).holder("w"))),
      OutcomeUnknown);
  advance(10s);
  const auto again = claim("w", LapsedPolicy::Refuse, "{}", request("r-1"));
  EXPECT_EQ(again.state(), ClaimState::Fresh);
  EXPECT_EQ(again.fence(), 1u);
  EXPECT_EQ(again.claim()->lease_until(), kStart + 60s);
  must(complete(*again.claim()));
}

TEST_P(Claims, CompletedUnderARepeatedRequestAreCompletedOnce) {
  const auto held = claim();
  table_->lose_replies(1);
  EXPECT_ERROR(complete(*held.claim(), request("r-2")), OutcomeUnknown);
  EXPECT_EQ(must(complete(*held.claim(), request("r-2"))).result, "paid");
}

TEST_P(Claims, TakeLeasesHoldersAndResultsWithinBounds) {
  for (const auto lease : {0s, -1s, 86'401s}) {
    EXPECT_ERROR(run(store_.claim(txn(), "", lease, LapsedPolicy::Rerun)), InvalidArgument);
  }
  EXPECT_ERROR(run(store_.claim(txn(), "", 60s, LapsedPolicy::Rerun, ClaimOptions().holder(""))),
               InvalidArgument);
  EXPECT_ERROR(
      run(store_.claim(txn(), "", 60s, LapsedPolicy::Rerun, ClaimOptions().holder(std::string(201, 'h')))),
      InvalidArgument);
  const auto held =
      *must(run(store_.claim(txn(), std::string(1'000'000, 'p'), 86'400s, LapsedPolicy::Rerun))).claim();
  EXPECT_ERROR(extend(held, 86'401s), InvalidArgument);
  EXPECT_ERROR(run(store_.complete(held, user(), 1, std::string(65'537, 'r'))), InvalidArgument);
  EXPECT_ERROR(run(store_.complete(held, user(), 1, "\xFF")), InvalidArgument);
  must(run(store_.complete(held, user(), 1, std::string(65'536, 'r'))));
}

TEST_P(Claims, WhoseItemIsCorruptAreNamed) {
  place({store::claim_key("square:p1"), {{"fence", "one"}}});
  const auto answer = run(store_.claim(txn(), "{}", 60s, LapsedPolicy::Rerun));
  EXPECT_ERROR(answer, CorruptItem);
  EXPECT_NE(answer.error().message.find("TXN#square:p1|CLAIM"), std::string::npos);
}

TEST(ClaimState, HasTheNamesThatTheProgramPrints) {
  EXPECT_EQ(to_string(ClaimState::Fresh), "fresh");
  EXPECT_EQ(to_string(ClaimState::InProgress), "in_progress");
  EXPECT_EQ(to_string(ClaimState::Done), "done");
  EXPECT_EQ(to_string(ClaimState::OtherPayload), "other_payload");
  EXPECT_EQ(to_string(ClaimState::Lapsed), "lapsed");
}

}  // namespace
}  // namespace loopstate::testing
