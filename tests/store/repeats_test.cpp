// Repeats: what a caller's request id promises for every write, and what the store's own retries may answer.
#include <algorithm>
#include <map>

#include "store/purchases.hpp"

namespace loopstate::testing {
namespace {

constexpr std::chrono::seconds kDay{86'400};

class RepeatsOfContexts : public PurchaseTest {
 protected:
  using Call = std::function<Result<Context>(CallOptions)>;

  void SetUp() override {
    base_ = must(run(store_.get_or_init(user())));
    base_ = must(run(store_.remember(user(), "there", *JsonText::parse("1"))));
  }
  /// More of them than the row keeps ids for.
  void others_write(int count = 20) {
    for (int i = 0; i < count; ++i) must(run(store_.push_event(user(), event("other"))));
  }
  static std::ptrdiff_t others_in(const Context& context) {
    return std::ranges::count(context.recent_events, "other", &ContextEvent::summary);
  }
  std::uint64_t version() { return must(run(store_.fetch(user()))).version; }

  /// One of each kind of write of a context. All change something if they are done twice.
  std::map<std::string, Call> writes() {
    std::map<std::string, Call> calls;
    calls["push"] = [this](CallOptions options) {
      auto changed = base_;
      changed.vault.cred_balance = 7;
      return run(store_.push(changed, PushOptions(options).base(base_)));
    };
    calls["patch"] = [this](CallOptions options) {
      return run(store_.patch(user(), {{"vault.cred_balance", *JsonText::parse("8")}}, options));
    };
    calls["unset"] = [this](CallOptions options) {
      return run(store_.unset(user(), {"vault.cred_balance"}, options));
    };
    calls["push_event"] = [this](CallOptions options) {
      return run(store_.push_event(user(), event("mine"), options));
    };
    calls["remember"] = [this](CallOptions options) {
      return run(store_.remember(user(), "k", *JsonText::parse("2"), options));
    };
    calls["forget"] = [this](CallOptions options) { return run(store_.forget(user(), "there", options)); };
    calls["update"] = [this](CallOptions options) {
      const auto grow = [](Context& context) -> Result<void> {
        ++context.vault.cred_balance;
        return {};
      };
      return run(store_.update(user(), grow, options));
    };
    return calls;
  }

  Context base_;
};
LOOPSTATE_STORE_SUITE(RepeatsOfContexts);

TEST_P(RepeatsOfContexts, ChangeNothingAndAnswerTheSameHoweverManyWroteInBetween) {
  for (const auto& [name, call] : writes()) {
    base_ = must(run(store_.remember(user(), "there", *JsonText::parse("1"))));
    const auto first = must(call(request("r-" + name)));
    others_write();
    const auto before = version();
    const auto again = must(call(request("r-" + name)));
    EXPECT_EQ(again, first) << name;
    EXPECT_EQ(version(), before) << name;
  }
}

TEST_P(RepeatsOfContexts, AfterALostReplyAnswerWhatTheFirstOneDid) {
  for (const auto& [name, call] : writes()) {
    base_ = must(run(store_.remember(user(), "there", *JsonText::parse("1"))));
    table_->lose_replies(1);
    EXPECT_ERROR(call(request("r-" + name)), OutcomeUnknown) << name;
    others_write();
    const auto before = version();
    EXPECT_EQ(must(call(request("r-" + name))).version, base_.version + 1) << name;
    EXPECT_EQ(version(), before) << name;
  }
}

TEST_P(RepeatsOfContexts, UnderTheIdOfAnotherWriteAreRefusedAndDoNothing) {
  for (const auto& [name, call] : writes()) {
    const auto id = "r-" + name;
    base_ = must(run(store_.remember(user(), "there", *JsonText::parse("1"))));
    must(call(request(id)));
    const auto before = must(run(store_.fetch(user())));
    for (const auto& [other, other_call] : writes()) {
      if (other == name) continue;
      EXPECT_ERROR(other_call(request(id)), RequestIdReused) << other << " after " << name;
    }
    EXPECT_ERROR(run(store_.get_or_init(user("U2"), request(id))), RequestIdReused) << name;
    EXPECT_EQ(must(run(store_.fetch(user()))), before) << name;
    EXPECT_ERROR(run(store_.fetch(user("U2"))), NotFound);
  }
}

TEST_P(RepeatsOfContexts, OfOtherArgumentsAreRefusedAndDoNothing) {
  must(run(store_.push_event(user(), event("mine"), request("e"))));
  must(run(store_.patch(user(), {{"vault.cred_balance", *JsonText::parse("8")}}, request("p"))));
  must(run(store_.remember(user(), "k", *JsonText::parse("1"), request("m"))));
  const auto before = must(run(store_.fetch(user())));
  EXPECT_ERROR(run(store_.push_event(user(), event("else"), request("e"))), RequestIdReused);
  EXPECT_ERROR(run(store_.push_event(user("U2"), event("mine"), request("e"))), RequestIdReused);
  EXPECT_ERROR(run(store_.patch(user(), {{"vault.cred_balance", *JsonText::parse("9")}}, request("p"))),
               RequestIdReused);
  EXPECT_ERROR(run(store_.remember(user(), "k", *JsonText::parse("2"), request("m"))), RequestIdReused);
  EXPECT_EQ(must(run(store_.fetch(user()))), before);
  EXPECT_ERROR(run(store_.fetch(user("U2"))), NotFound);
}

TEST_P(RepeatsOfContexts, MayHoldAnotherContextThanTheFirstOne) {
  const auto first =
      must(run(store_.push_event(user(), event("mine"), WriteOptions(request("r")).held(base_))));
  EXPECT_EQ(must(run(store_.push_event(user(), event("mine"), WriteOptions(request("r")).held(first)))),
            first);
}

TEST_P(RepeatsOfContexts, AnswerTheSameAfterTheUserWasErased) {
  const auto first = must(run(store_.push_event(user(), event("mine"), request("r"))));
  must(run(store_.erase_user(user())));
  EXPECT_EQ(must(run(store_.push_event(user(), event("mine"), request("r")))), first);
  EXPECT_ERROR(run(store_.push_event(user(), event("mine"), request("other"))), Erased);
}

TEST_P(RepeatsOfContexts, RacingWithThemselvesDoOneWriteAndAnswerTheSame) {
  for (const auto& [name, call] : writes()) {
    base_ = must(run(store_.remember(user(), "there", *JsonText::parse("1"))));
    std::vector<std::optional<Result<Context>>> answers(6);
    const auto racing = call;
    race(6, [&](int i) { answers[static_cast<std::size_t>(i)] = racing(request("r-" + name)); });
    for (const auto& answer : answers) EXPECT_EQ(must(*answer), must(*answers.front())) << name;
    EXPECT_EQ(version(), base_.version + 1) << name;
  }
}

TEST_P(RepeatsOfContexts, AreWritesOfTheirOwnADayLater) {
  const auto first = must(run(store_.push_event(user(), event("mine"), request("r"))));
  advance(kDay - 1s);
  EXPECT_EQ(must(run(store_.push_event(user(), event("mine"), request("r")))), first);
  EXPECT_ERROR(run(store_.push_event(user(), event("else"), request("r"))), RequestIdReused);
  advance(1s);
  EXPECT_EQ(must(run(store_.push_event(user(), event("else"), request("r")))).version, first.version + 1);
}

TEST_P(RepeatsOfContexts, OfARefusedWriteAreTriedAnew) {
  EXPECT_ERROR(run(store_.forget(user(), "not there", request("r"))), NotFound);
  must(run(store_.remember(user(), "not there", *JsonText::parse("1"))));
  EXPECT_TRUE(run(store_.forget(user(), "not there", request("r"))));
}

TEST_P(RepeatsOfContexts, OfAnInitialisationDoNotBringTheUserBack) {
  const auto revive = [](CallOptions options) { return InitOptions(std::move(options)).revive(); };
  const auto made = must(run(store_.get_or_init(user("U2"), revive(request("made")))));
  const auto found = must(run(store_.get_or_init(user("U2"), revive(request("found")))));
  EXPECT_EQ(found, made);
  must(run(store_.push_event(user("U2"), event())));
  must(run(store_.erase_user(user("U2"))));
  EXPECT_EQ(must(run(store_.get_or_init(user("U2"), revive(request("made"))))), made);
  EXPECT_EQ(must(run(store_.get_or_init(user("U2"), revive(request("found"))))), made);
  EXPECT_ERROR(run(store_.fetch(user("U2"))), Erased);
}

TEST_P(RepeatsOfContexts, WhoseItemCannotBeReadSaySo) {
  must(run(store_.push_event(user(), event("mine"), request("r"))));
  auto item = row(store::request_key("r")).value();
  item.attributes.set("answer", "{}");
  place(item);
  const auto answer = run(store_.push_event(user(), event("mine"), request("r")));
  EXPECT_ERROR(answer, CorruptItem);
  EXPECT_NE(answer.error().message.find("REQUEST#r|WRITE"), std::string::npos) << answer.error().message;
}

TEST_P(RepeatsOfContexts, CostNoMoreRequestsThanAWriteWithoutAnId) {
  EXPECT_EQ(requests_of(store_.push_event(user(), event("mine"), WriteOptions(request("r")).held(base_))),
            1u);
  EXPECT_EQ(requests_of(store_.push_event(user(), event("mine"), WriteOptions(request("r")).held(base_))),
            1u);
  EXPECT_THAT(requests_of(store_.push_event(user(), event("mine"), request("s"))), after_reading(2));
}

// What the engine does if it does not know whether a write arrived: it sends it again.
class OwnRetries : public RepeatsOfContexts {
 protected:
  /// Of a write on a stale reading that is too old, and whose reply is lost, the row does not tell either.
  void lose_first_replies() {
    using Repeats = HookedTable::Repeats;
    table_->repeat_writes(GetParam().is_stale ? Repeats::Applied : Repeats::All);
  }
};
LOOPSTATE_STORE_SUITE(OwnRetries);

TEST_P(OwnRetries, AnswerTheirOwnMomentWhoeverWroteSince) {
  lose_first_replies();
  for (const auto& [name, call] : writes()) {
    if (name == "unset") continue;
    base_ = must(run(store_.remember(user(), "there", *JsonText::parse("1"))));
    table_->before_next_repetition([&] { others_write(3); });
    const auto answer = must(call({}));
    EXPECT_EQ(answer.version, base_.version + 1) << name;
    EXPECT_LE(others_in(answer), others_in(base_)) << name;
    EXPECT_EQ(version(), base_.version + 4) << name;
  }
}

TEST_P(OwnRetries, AreNotMadeWhereTheRowDoesNotTellWhetherTheFirstOneWas) {
  for (const auto& [name, call] : writes()) {
    base_ = must(run(store_.remember(user(), "there", *JsonText::parse("1"))));
    lose_first_replies();
    table_->before_next_repetition([&] { others_write(16); });
    EXPECT_ERROR(call({}), OutcomeUnknown) << name;
    table_->repeat_writes(false);
    EXPECT_EQ(version(), base_.version + 17) << name;
  }
}

TEST_P(OwnRetries, AreNotRefusedWhereTheUserWasErasedMeanwhile) {
  lose_first_replies();
  table_->before_next_repetition([&] { must(run(store_.erase_user(user()))); });
  const auto answer = run(store_.push_event(user(), event("mine")));
  EXPECT_TRUE(answer || answer.error().code == ErrorCode::OutcomeUnknown) << to_string(answer.error().code);
}

TEST_P(OwnRetries, OfANewUsersFirstWriteAreNotMadeOnceItsIdHasLeft) {
  lose_first_replies();
  table_->before_next_repetition([&] {
    for (int i = 0; i < 16; ++i) must(run(store_.push_event(user("U2"), event("other"))));
  });
  EXPECT_ERROR(run(store_.push_event(user("U2"), event("mine"))), OutcomeUnknown);
  table_->repeat_writes(false);
  EXPECT_EQ(must(run(store_.fetch(user("U2")))).version, 17u);
}

TEST_P(OwnRetries, AreMadeWhereEveryWriteSinceIsKnownAndTheFirstOneIsNotAmongThem) {
  // The first sending never arrived: another writer came before it.
  lose_first_replies();
  table_->before_next_call([&] { others_write(3); }, 1);
  EXPECT_EQ(must(run(store_.push_event(user(), event("mine")))).version, base_.version + 4);
}

TEST_P(OwnRetries, AreNotMadeWhereTheRustCrateWroteOverTheIds) {
  lose_first_replies();
  table_->before_next_repetition([&] {
    auto item = row(store::context_key("U1")).value();
    item.attributes.remove("write_ids");
    item.attributes.set("updated_at", table::Value::time(now() + 1s));
    place(item);
  });
  EXPECT_ERROR(run(store_.push_event(user(), event("mine"))), OutcomeUnknown);
}

}  // namespace
}  // namespace loopstate::testing
