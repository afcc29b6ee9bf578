// Writes about cards, sessions, claims and locations, repeated under their request id: nothing changes, and
// the answer is the first one, whatever other writers did in between.
#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

class AccessRepeats : public StoreTest {
 protected:
  Result<Card> link(std::string_view to, CallOptions options = {}, bool transfer = false,
                    std::string last4 = "4242") {
    return run(
        store_.link(card(), user(to), std::move(last4), LinkOptions(std::move(options)).transfer(transfer)));
  }
  Result<Card> transfer(std::string_view to, CallOptions options = {}) {
    return link(to, std::move(options), true);
  }
  std::string owner() {
    const auto linked = run(store_.lookup(card()));
    return linked ? linked->user.text() : "";
  }
  static Session session(std::uint32_t max_actions = 3) {
    Session given;
    given.key_pubkey = "K";
    given.vault_pubkey = "V";
    given.scopes = {"read"};
    given.max_actions = max_actions;
    return given;
  }
  Result<Session> keep(Session given, CallOptions options = {}) {
    return run(store_.store_session(user(), given, std::move(options)));
  }
  Result<bool> revoke(CallOptions options = {}) {
    return run(store_.revoke_session(user(), std::move(options)));
  }
  ClaimOutcome claim(CallOptions options = {}, std::string holder = "w",
                     LapsedPolicy policy = LapsedPolicy::Rerun) {
    return must(run(
        store_.claim(txn(), "{}", 60s, policy, ClaimOptions(std::move(options)).holder(std::move(holder)))));
  }
  bool set(std::string_view at, std::optional<Timestamp> time, CallOptions options = {}) {
    return must(
        run(store_.set_location(user(), merchant(at), LocationOptions(std::move(options)).event_time(time))));
  }
  bool clear(std::optional<MerchantId> at, std::optional<Timestamp> time, CallOptions options = {}) {
    return must(run(store_.clear_location(
        user(), ClearLocationOptions(std::move(options)).merchant(std::move(at)).event_time(time))));
  }
  std::string where() {
    const auto location = run(store_.get_location(user()));
    return location ? location->merchant.text() : "";
  }
};
LOOPSTATE_STORE_SUITE(AccessRepeats);

TEST_P(AccessRepeats, OfATransferTakeNoCardBackFromItsNewOwner) {
  must(link("U1"));
  const auto first = must(transfer("U2", request("r-1")));
  must(transfer("U3"));
  advance(60s);
  EXPECT_EQ(must(transfer("U2", request("r-1"))), first);
  EXPECT_EQ(owner(), "U3");
}

TEST_P(AccessRepeats, OfALinkThatChangedNothingTakeNoCardBackEither) {
  must(link("U1"));
  const auto first = must(transfer("U1", request("r-1")));
  must(transfer("U2"));
  EXPECT_EQ(must(transfer("U1", request("r-1"))), first);
  EXPECT_EQ(owner(), "U2");
}

TEST_P(AccessRepeats, OfALinkDoNotLinkACardThatWasUnlinkedSince) {
  const auto first = must(link("U1", request("r-1")));
  must(run(store_.unlink(card(), UnlinkOptions().owner(user("U1")))));
  EXPECT_EQ(must(link("U1", request("r-1"))), first);
  EXPECT_EQ(owner(), "");
}

TEST_P(AccessRepeats, OfALinkAnswerTheSameOnceTheUserIsErased) {
  const auto first = must(link("U1", request("r-1")));
  must(run(store_.erase_user(user())));
  EXPECT_EQ(must(link("U1", request("r-1"))), first);
  EXPECT_FALSE(row(store::user_card_key("U1", "loop_fp_1")));
}

TEST_P(AccessRepeats, OfAnUnlinkingLeaveACardThatWasLinkedSince) {
  const auto linked = must(link("U1"));
  EXPECT_EQ(must(run(store_.unlink(card(), request("r-1")))), linked);
  must(link("U2"));
  EXPECT_EQ(must(run(store_.unlink(card(), request("r-1")))), linked);
  EXPECT_EQ(owner(), "U2");
  must(run(store_.unlink(card(), UnlinkOptions(request("r-2")).owner(user("U2")))));
  EXPECT_EQ(must(run(store_.unlink(card(), UnlinkOptions(request("r-2")).owner(user("U2"))))).user.text(),
            "U2");
}

TEST_P(AccessRepeats, OfASessionThatWasRevokedSinceDoNotMakeItLiveAgain) {
  const auto first = must(keep(session(), request("r-1")));
  must(revoke());
  advance(60s);
  EXPECT_EQ(must(keep(session(), request("r-1"))), first);
  EXPECT_ERROR(run(store_.get_session(user())), NotFound);
}

TEST_P(AccessRepeats, OfASessionThatWasReplacedSinceDoNotBringItBack) {
  const auto first = must(keep(session(3), request("r-1")));
  must(keep(session(9)));
  EXPECT_EQ(must(keep(session(3), request("r-1"))), first);
  EXPECT_EQ(must(run(store_.get_session(user()))).max_actions, 9u);
}

TEST_P(AccessRepeats, OfASessionThatIsOverByNowAnswerTheSame) {
  auto given = session();
  given.expires_at = kStart + 10s;
  const auto first = must(keep(given, request("r-1")));
  advance(60s);
  EXPECT_EQ(must(keep(given, request("r-1"))), first);
  EXPECT_ERROR(keep(given, request("r-2")), InvalidArgument);
}

TEST_P(AccessRepeats, OfARevocationLeaveTheNextSession) {
  must(keep(session()));
  EXPECT_TRUE(must(revoke(request("r-1"))));
  must(keep(session()));
  EXPECT_TRUE(must(revoke(request("r-1"))));
  EXPECT_TRUE(run(store_.get_session(user())));
}

TEST_P(AccessRepeats, OfARevocationThatFoundNothingLeaveTheNextSession) {
  EXPECT_FALSE(must(revoke(request("r-1"))));
  must(keep(session()));
  EXPECT_FALSE(must(revoke(request("r-1"))));
  EXPECT_TRUE(run(store_.get_session(user())));
}

TEST_P(AccessRepeats, OfAClaimAnswerTheSameOnceOthersHadIt) {
  const auto first = claim(request("r-1"));
  must(run(store_.release(*first.claim())));
  EXPECT_EQ(claim({}, "other").fence(), 2u);
  advance(10s);
  const auto again = claim(request("r-1"));
  EXPECT_EQ(again.state(), ClaimOutcome::State::Fresh);
  EXPECT_EQ(again.claim()->fence(), 1u);
  EXPECT_EQ(again.claim()->lease_until(), first.claim()->lease_until());
  EXPECT_ERROR(run(store_.extend(*again.claim(), 60s)), Superseded);
}

TEST_P(AccessRepeats, OfAClaimTakenOverKeepTheirWarning) {
  claim();
  advance(60s);
  claim(request("r-1"), "heir", LapsedPolicy::Reconcile);
  const auto again = claim(request("r-1"), "heir", LapsedPolicy::Reconcile);
  EXPECT_EQ(again.state(), ClaimOutcome::State::Lapsed);
  EXPECT_EQ(again.claim()->fence(), 2u);
}

TEST_P(AccessRepeats, OfAnExtensionDoNotExtendAgain) {
  const auto held = *claim().claim();
  EXPECT_EQ(must(run(store_.extend(held, 60s, request("r-1")))).lease_until(), kStart + 60s);
  advance(30s);
  EXPECT_EQ(must(run(store_.extend(held, 60s, request("r-1")))).lease_until(), kStart + 60s);
  EXPECT_EQ(claim({}, "other").in_progress()->until, kStart + 60s);
  must(run(store_.release(held)));
  EXPECT_EQ(must(run(store_.extend(held, 60s, request("r-1")))).lease_until(), kStart + 60s);
}

TEST_P(AccessRepeats, OfACompletionAnswerTheSameOnceItsMarkIsGone) {
  const auto held = *claim().claim();
  must(run(store_.complete(held, user(), 5, "paid", request("r-1"))));
  remove(store::processed_key("square:p1"));
  EXPECT_EQ(must(run(store_.complete(held, user(), 5, "paid", request("r-1")))).result, "paid");
  EXPECT_FALSE(row(store::processed_key("square:p1")));
}

TEST_P(AccessRepeats, OfAReleaseAnswerTheSameOnceAnotherHasTheClaim) {
  const auto held = *claim().claim();
  must(run(store_.release(held, request("r-1"))));
  must(run(store_.release(held, request("r-2"))));
  EXPECT_EQ(claim({}, "other").fence(), 2u);
  must(run(store_.release(held, request("r-1"))));
  must(run(store_.release(held, request("r-2"))));
  EXPECT_ERROR(run(store_.release(held, request("r-3"))), Superseded);
  EXPECT_EQ(claim({}, "third").state(), ClaimOutcome::State::InProgress);
}

TEST_P(AccessRepeats, OfAnEntryDoNotUndoALaterOne) {
  EXPECT_TRUE(set("M1", {}, request("r-1")));
  advance(5s);
  EXPECT_TRUE(set("M2", {}));
  advance(5s);
  EXPECT_TRUE(set("M1", {}, request("r-1")));
  EXPECT_EQ(where(), "M2");
}

TEST_P(AccessRepeats, OfAnEntryThatWasTooOldAreTooOldForEver) {
  EXPECT_TRUE(set("M1", kStart));
  EXPECT_FALSE(set("M2", kStart - 5s, request("r-1")));
  advance(3'600s);
  EXPECT_FALSE(set("M2", kStart - 5s, request("r-1")));
  EXPECT_EQ(where(), "");
}

TEST_P(AccessRepeats, OfAnExitLeaveTheNextEntry) {
  EXPECT_TRUE(set("M1", {}));
  EXPECT_TRUE(clear({}, {}, request("r-1")));
  EXPECT_TRUE(set("M2", {}));
  EXPECT_TRUE(clear({}, {}, request("r-1")));
  EXPECT_EQ(where(), "M2");
}

TEST_P(AccessRepeats, OfAnExitThatChangedNothingChangeNothing) {
  EXPECT_FALSE(clear({}, {}, request("r-1")));
  EXPECT_TRUE(set("M1", {}));
  EXPECT_FALSE(clear(merchant("M2"), {}, request("r-2")));
  EXPECT_FALSE(clear({}, {}, request("r-1")));
  EXPECT_TRUE(set("M2", {}));
  EXPECT_FALSE(clear(merchant("M2"), {}, request("r-2")));
  EXPECT_EQ(where(), "M2");
}

TEST_P(AccessRepeats, AreToldTheAnswerOfAWriteWhoseReplyWasLost) {
  table_->lose_replies(1);
  EXPECT_ERROR(link("U1", request("r-1")), OutcomeUnknown);
  EXPECT_EQ(must(link("U1", request("r-1"))).linked_at, kStart);
  table_->lose_replies(1);
  EXPECT_ERROR(keep(session(), request("r-2")), OutcomeUnknown);
  EXPECT_EQ(must(keep(session(), request("r-2"))).expires_at, kStart + 86'400s);
  table_->lose_replies(1);
  EXPECT_ERROR(revoke(request("r-3")), OutcomeUnknown);
  EXPECT_TRUE(must(revoke(request("r-3"))));
}

TEST_P(AccessRepeats, UnderTheIdOfAnotherWriteAreRefusedAndDoNothing) {
  const auto r = request("r-1");
  must(keep(session(), r));
  EXPECT_ERROR(keep(session(9), r), RequestIdReused);
  EXPECT_ERROR(link("U1", r), RequestIdReused);
  EXPECT_ERROR(run(store_.unlink(card(), r)), RequestIdReused);
  EXPECT_ERROR(revoke(r), RequestIdReused);
  EXPECT_ERROR(run(store_.claim(txn(), "{}", 60s, LapsedPolicy::Rerun, ClaimOptions(r).holder("w"))),
               RequestIdReused);
  const auto held = *claim().claim();
  EXPECT_ERROR(run(store_.extend(held, 90s, r)), RequestIdReused);
  EXPECT_ERROR(run(store_.complete(held, user(), 5, "", r)), RequestIdReused);
  EXPECT_ERROR(run(store_.release(held, r)), RequestIdReused);
  EXPECT_ERROR(run(store_.set_location(user(), merchant(), r)), RequestIdReused);
  EXPECT_ERROR(run(store_.clear_location(user(), r)), RequestIdReused);
  EXPECT_ERROR(run(store_.erase_user(user(), r)), RequestIdReused);
  EXPECT_EQ(owner(), "");
  EXPECT_EQ(where(), "");
  EXPECT_EQ(claim({}, "other").in_progress()->until, kStart + 60s);
  EXPECT_EQ(must(run(store_.get_session(user()))).max_actions, 3u);
}

TEST_P(AccessRepeats, AfterADayAreNewWrites) {
  must(link("U1", request("r-1")));
  must(run(store_.unlink(card(), UnlinkOptions().owner(user("U1")))));
  advance(86'400s);
  EXPECT_EQ(must(link("U1", request("r-1"))).linked_at, kStart + 86'400s);
  EXPECT_EQ(owner(), "U1");
}

}  // namespace
}  // namespace loopstate::testing
