// What a read that may be stale does to an answer: nothing, unless the caller asked for it.
#include "port/model_table.hpp"
#include "store/purchases.hpp"
#include "store/stale_table.hpp"

namespace loopstate::testing {
namespace {

StoreEngine showing(std::string name, StaleTable::Shows shows) {
  return {std::move(name), [shows](const auto&) {
            return std::make_shared<StaleTable>(std::make_shared<table::ModelTable>(), shows);
          }};
}

const ReadOptions& stale() {
  return named(ReadOptions().may_be_stale());
}

ContextChange balance(std::string_view value) {
  ContextChange change;
  change.path = "vault.cred_balance";
  change.value = *JsonText::parse(value);
  return change;
}

// Reads that may be stale find nothing.
class WhereStaleReadsFindNothing : public PurchaseTest {
 protected:
  /// Another process, which has seen none of what was written.
  Store other() { return store::store_over(table_, {}, clock_); }
};
INSTANTIATE_TEST_SUITE_P(Engine, WhereStaleReadsFindNothing,
                         ::testing::Values(showing("Model", StaleTable::Shows::Nothing)), engine_name);

// They find what was there before the last write.
class WhereStaleReadsAreOneWriteBehind : public PurchaseTest {};
INSTANTIATE_TEST_SUITE_P(Engine, WhereStaleReadsAreOneWriteBehind,
                         ::testing::Values(showing("Model", StaleTable::Shows::Previous)), engine_name);

TEST_P(WhereStaleReadsFindNothing, OnlyAReadThatWasToldSoIsStale) {
  must(run(store_.link(card(), user(), "4242")));
  must(run(store_.add_capture(user(), capture(), AddCaptureOptions().transaction(transaction()))));
  must(run(store_.store_session(user(), session())));
  must(run(store_.set_location(user(), merchant())));
  must(run(store_.remember(user(), "likes", *JsonText::parse("\"tea\""))));

  EXPECT_TRUE(run(store_.fetch(user())));
  EXPECT_ERROR(run(store_.fetch(user(), stale())), NotFound);
  EXPECT_TRUE(run(store_.fetch_many({user()}))[0]);
  EXPECT_ERROR(run(store_.fetch_many({user()}, stale()))[0], NotFound);
  EXPECT_TRUE(run(store_.recall(user(), "likes")));
  EXPECT_ERROR(run(store_.recall(user(), "likes", stale())), NotFound);
  EXPECT_TRUE(run(store_.lookup(card())));
  EXPECT_ERROR(run(store_.lookup(card(), stale())), NotFound);
  EXPECT_EQ(must(run(store_.cards_of(user()))).size(), 1u);
  EXPECT_EQ(must(run(store_.cards_of(user(), stale()))).size(), 0u);
  EXPECT_TRUE(must(run(store_.is_processed(transaction()))));
  EXPECT_FALSE(must(run(store_.is_processed(transaction(), stale()))));
  EXPECT_TRUE(run(store_.get_session(user())));
  EXPECT_ERROR(run(store_.get_session(user(), stale())), NotFound);
  EXPECT_EQ(must(run(store_.list_captures(user()))).size(), 1u);
  EXPECT_EQ(must(run(store_.list_captures(user(), stale()))).size(), 0u);
  EXPECT_TRUE(run(store_.get_location(user())));
  EXPECT_ERROR(run(store_.get_location(user(), stale())), NotFound);
  EXPECT_TRUE(run(store_.snapshot(user())));
  EXPECT_ERROR(run(store_.snapshot(user(), stale())), NotFound);
}

TEST_P(WhereStaleReadsFindNothing, AReadThatMayBeStaleIsOneRequest) {
  must(run(store_.get_or_init(user())));
  EXPECT_EQ(requests_of(store_.fetch(user(), stale())), 1u);
  EXPECT_EQ(requests_of(store_.lookup(card(), stale())), 1u);
}

TEST_P(WhereStaleReadsFindNothing, ThatThereIsNoContextIsConfirmedBeforeItIsSaid) {
  must(run(store_.get_or_init(user())));
  EXPECT_EQ(requests_of(store_.patch(user(), {balance("5")})), 3u) << "stale get, get, write";
  EXPECT_EQ(must(run(store_.fetch(user()))).vault.cred_balance, 5u);
  EXPECT_EQ(requests_of(store_.patch(user("nobody"), {balance("5")})), 2u);
  EXPECT_ERROR(run(store_.patch(user("nobody"), {balance("5")})), NotFound);
}

TEST_P(WhereStaleReadsFindNothing, AWriteThatItsConditionRefusesGoesOnFromTheRefusal) {
  must(run(store_.push_event(user(), event("first"))));
  EXPECT_EQ(requests_of(store_.push_event(user(), event("second"))), 3u) << "stale get, write, write";
  EXPECT_EQ(must(run(store_.fetch(user()))).recent_events.size(), 2u);
}

TEST_P(WhereStaleReadsFindNothing, ThatThereIsNoSessionIsConfirmedBeforeItIsSaid) {
  must(run(store_.store_session(user(), session())));
  EXPECT_EQ(must(run(other().authorize(user(), "read"))).actions_left, 4u);
  EXPECT_EQ(must(run(store_.authorize(user(), "read", request("r1")))).actions_left, 3u);
  EXPECT_EQ(must(run(store_.authorize(user(), "read", request("r1")))).actions_left, 3u);
  EXPECT_ERROR(run(store_.authorize(user("nobody"), "read")), NotFound);
  EXPECT_ERROR(run(store_.authorize(user("nobody"), "read", request("r2"))), NotFound);
}

TEST_P(WhereStaleReadsFindNothing, ThatACardIsNobodysIsConfirmedBeforeItIsSaid) {
  must(run(store_.link(card(), user(), "4242")));
  EXPECT_EQ(requests_of(store_.unlink(card())), 3u) << "stale get, get, transaction";
  EXPECT_ERROR(run(store_.lookup(card())), NotFound);
  EXPECT_ERROR(run(store_.unlink(card())), NotFound);
}

TEST_P(WhereStaleReadsAreOneWriteBehind, ACardThatMovedIsUnlinkedFromItsPresentOwner) {
  must(run(store_.link(card(), user(), "4242")));
  must(run(store_.link(card(), user("U2"), "4242", LinkOptions().transfer())));
  EXPECT_EQ(must(run(store_.unlink(card()))).user.text(), "U2");
}

TEST_P(WhereStaleReadsAreOneWriteBehind, AnOlderStateThatRefusesAChangeIsNotBelieved) {
  must(run(store_.get_or_init(user())));
  must(run(store_.remember(user(), "likes", *JsonText::parse("1"))));
  EXPECT_TRUE(run(store_.forget(user(), "likes")));
  must(run(store_.get_or_init(user("U2"))));
  const auto refuse_the_first = [](Context& context) -> Result<void> {
    if (context.version > 1) return {};
    return fail(ErrorCode::Unavailable, "this program's own reason");
  };
  must(run(store_.push_event(user("U2"), event())));
  EXPECT_TRUE(run(store_.update(user("U2"), refuse_the_first)));
}

TEST_P(WhereStaleReadsAreOneWriteBehind, AnErasedUserIsErasedAndOneBroughtBackIsThere) {
  must(run(store_.get_or_init(user())));
  must(run(store_.erase_user(user())));
  EXPECT_ERROR(run(store_.patch(user(), {balance("5")})), Erased);
  must(run(store_.get_or_init(user(), InitOptions().revive())));
  EXPECT_TRUE(run(store_.patch(user(), {balance("5")})));
}

TEST_P(WhereStaleReadsAreOneWriteBehind, AChangeFromBeforeTheCallIsNoConflictOfIts) {
  must(run(store_.get_or_init(user())));
  must(run(store_.patch(user(), {balance("5")})));
  EXPECT_TRUE(run(store_.patch(user(), {balance("6")}))) << "the same path, by a call that was over before";
  EXPECT_EQ(must(run(store_.fetch(user()))).vault.cred_balance, 6u);
}

TEST_P(WhereStaleReadsAreOneWriteBehind, TwoWritesOfTheRustCrateInOneSecondAreToldApart) {
  must(run(store_.get_or_init(user())));
  auto item = row(store::context_key("U1")).value();
  item.attributes.remove("write_ids");
  place(item);
  auto text = *item.string("context_data");
  text.insert(text.size() - 1, R"(,"second":1)");
  item.attributes.set("context_data", text);
  place(item);
  EXPECT_EQ(requests_of(store_.patch(user(), {balance("5")})), 3u) << "stale get, get, write";
  EXPECT_NE(row(store::context_key("U1"))->string("context_data")->find(R"("second":1)"), std::string::npos);
}

TEST_P(WhereStaleReadsAreOneWriteBehind, ALostReplyToTheWriteThatWasRefusedIsNoDoubt) {
  must(run(store_.push_event(user(), event("first"))));
  must(run(store_.push_event(user(), event("second"))));
  table_->repeat_writes(true);
  EXPECT_TRUE(run(store_.push_event(user(), event("third"))));
  EXPECT_EQ(must(run(store_.fetch(user()))).recent_events.size(), 3u);
}

TEST_P(WhereStaleReadsFindNothing, ALostReplyToAWriteOnWhatIsTooOldIsAnOutcomeThatIsUnknownAndNoSecondWrite) {
  for (int i = 0; i < 17; ++i) must(run(store_.push_event(user(), event("other"))));
  table_->repeat_writes(true);
  EXPECT_ERROR(run(store_.push_event(user(), event("mine"))), OutcomeUnknown);
  EXPECT_EQ(must(run(store_.fetch(user()))).version, 17u);
  EXPECT_EQ(must(run(store_.push_event(user(), event("mine"), request("r")))).version, 18u);
}

TEST_P(WhereStaleReadsAreOneWriteBehind, ASpentOrReplacedSessionIsSeenAsItIs) {
  must(run(store_.store_session(user(), session())));
  Session none = session();
  none.max_actions = 0;
  none.scopes = {"stake"};
  auto elsewhere = store::store_over(table_, {}, clock_);
  must(run(elsewhere.store_session(user(), named(none))));
  for (const auto& options : {CallOptions(), request("r1")}) {
    auto unseen = store::store_over(table_, {}, clock_);
    EXPECT_ERROR(run(unseen.authorize(user(), "read", options)), ScopeDenied);
    EXPECT_ERROR(run(unseen.authorize(user(), "stake", options)), NoActionsLeft);
  }
}

TEST_P(WhereStaleReadsAreOneWriteBehind, CapturesAndRingThatDisagreeAreReadFromTheTable) {
  must(run(store_.add_capture(user(), capture(1))));
  must(run(store_.add_capture(user(), capture(2))));  // stale: the ring with one, and no row
  EXPECT_EQ(must(run(store_.list_captures(user(), stale()))).size(), 2u);
  EXPECT_EQ(must(run(store_.snapshot(user(), stale()))).captures.size(), 2u);
}

}  // namespace
}  // namespace loopstate::testing
