// Context: fetch, versions, patches, events, memory.
#include <limits>
#include <thread>

#include "store/purchases.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/context_access.hpp"
#include "store/rows/context_row.hpp"
#include "store/rows/keys.hpp"

namespace loopstate::testing {
namespace {

class ContextTest : public PurchaseTest {
 protected:
  Context init() { return run(store_.get_or_init(user())).value(); }
  static ContextChange change(std::string path, std::string_view json) {
    ContextChange change;
    change.path = std::move(path);
    change.value = *JsonText::parse(json);
    return change;
  }
};
LOOPSTATE_STORE_SUITE(ContextTest);

TEST_P(ContextTest, UnknownUserIsNotFound) {
  EXPECT_EQ(run(store_.fetch(user())).error().code, ErrorCode::NotFound);
}

TEST_P(ContextTest, NewContextHasTheDefaults) {
  const auto context = init();
  EXPECT_EQ(context.version, 1u);
  EXPECT_EQ(context.updated_at, clock_.now());
  EXPECT_EQ(context.preferences, Preferences{});
  EXPECT_EQ(run(store_.fetch(user())).value(), context);
}

TEST_P(ContextTest, InitKeepsWhatIsThere) {
  init();
  run(store_.push_event(user(), event())).value();
  EXPECT_EQ(init().version, 2u);
}

TEST_P(ContextTest, RacingInitsEndWithOneContext) {
  std::vector<Context> contexts(8);
  race(8, [&](int i) { contexts.at(static_cast<std::size_t>(i)) = run(store_.get_or_init(user())).value(); });
  for (const auto& context : contexts) EXPECT_EQ(context, contexts.front());
}

class LastVersionTest : public StoreTest {
 protected:
  // As another program, or damage, may leave it.
  void place_last_version() {
    must(run(store_.get_or_init(user())));
    auto item = *row(store::context_key("U1"));
    item.attributes.set("version", table::Value::number(std::numeric_limits<std::uint64_t>::max()));
    place(item);
  }
};
LOOPSTATE_STORE_SUITE(LastVersionTest);

TEST_P(LastVersionTest, StopsNoWriterAndTheCountBeginsAgain) {
  place_last_version();
  const auto held = must(run(store_.fetch(user())));
  ContextEvent event;
  event.event_type = "capture";
  const auto first = must(run(store_.push_event(user(), event, WriteOptions().held(held))));
  EXPECT_EQ(first.version, store::kMaxWriteIds + 1);
  Capture capture;
  capture.merchant_id = "M1";
  EXPECT_EQ(must(run(store_.add_capture(user(), capture))).added()->version, first.version + 1);
  EXPECT_EQ(must(run(store_.fetch(user()))).recent_events.size(), 1u);
}

TEST_P(LastVersionTest, GateStillTellsWhoWroteInBetween) {
  place_last_version();
  auto held = must(run(store_.fetch(user())));
  auto other = held;
  other.vault.cred_balance = 1;
  must(run(store_.push(other)));
  held.vault.cred_balance = 2;
  EXPECT_ERROR(run(store_.push(held)), VersionConflict);
  EXPECT_EQ(must(run(store_.fetch(user()))).vault.cred_balance, 1u);
}

TEST_P(LastVersionTest, ErasesAndComesBack) {
  place_last_version();
  EXPECT_EQ(must(run(store_.erase_user(user()))).version, store::kMaxWriteIds + 1);
  const auto revive = InitOptions().revive();
  EXPECT_EQ(must(run(store_.get_or_init(user(), revive))).version, store::kMaxWriteIds + 2);
  must(run(store_.erase_user(user())));
  auto tombstone = *row(store::context_key("U1"));
  tombstone.attributes.set("version", table::Value::number(std::numeric_limits<std::uint64_t>::max()));
  place(tombstone);
  EXPECT_EQ(must(run(store_.get_or_init(user(), revive))).version, store::kMaxWriteIds + 1);
}

// As a caller could claim it from a file.
TEST_P(LastVersionTest, ThatOnlyTheCallerHasIsAConflict) {
  auto context = must(run(store_.get_or_init(user())));
  store::row_of(context) = {};
  context.version = std::numeric_limits<std::uint64_t>::max();
  EXPECT_ERROR(run(store_.push(context)), VersionConflict);
  EXPECT_EQ(must(run(store_.fetch(user()))).version, 1u);
}

TEST_P(ContextTest, PushWritesTheNextVersion) {
  auto context = init();
  context.vault.cred_balance = 7;
  const auto written = run(store_.push(context)).value();
  EXPECT_EQ(written.version, 2u);
  EXPECT_EQ(run(store_.fetch(user()))->vault.cred_balance, 7u);
}

TEST_P(ContextTest, PushOfAnOldVersionIsAConflictWithTheFreshContext) {
  const auto old = init();
  auto mine = old;
  mine.vault.cred_balance = 1;
  mine.preferences.auto_stake = false;
  auto theirs = old;
  theirs.vault.cred_balance = 2;
  theirs.agent_memory["k"] = *JsonText::parse("1");
  const auto fresh = run(store_.push(theirs)).value();

  const auto refused = run(store_.push(mine, PushOptions().base(old)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::VersionConflict);
  ASSERT_TRUE(refused.error().conflict);
  EXPECT_EQ(refused.error().conflict->current, fresh);
  EXPECT_EQ(refused.error().conflict->paths, std::vector<std::string>{"vault.cred_balance"});
  EXPECT_EQ(run(store_.fetch(user())).value(), fresh);
}

TEST_P(ContextTest, PushOfAContextFromAFileChecksItsVersion) {
  auto context = init();
  store::row_of(context) = {};
  EXPECT_EQ(run(store_.push(context))->version, 2u);
  EXPECT_EQ(run(store_.push(context)).error().code, ErrorCode::VersionConflict);
}

TEST_P(ContextTest, PushOfAnOldContextFromAFileNamesThePathsThatBothChanged) {
  auto mine = init();
  store::row_of(mine) = {};
  const auto as_read = mine;
  mine.vault.cred_balance = 1;
  run(store_.patch(user(), {change("vault.cred_balance", "2"), change("vault.oxo_balance", "3")})).value();
  const auto refused = run(store_.push(mine, PushOptions().base(as_read)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::VersionConflict);
  EXPECT_EQ(refused.error().conflict->paths, std::vector<std::string>{"vault.cred_balance"});
}

TEST_P(ContextTest, PushOfVersionZeroCreates) {
  auto context = new_context(UserId{"U1"}, clock_.now());
  context.version = 0;
  EXPECT_EQ(run(store_.push(context))->version, 1u);
  EXPECT_EQ(run(store_.push(context)).error().code, ErrorCode::VersionConflict);
}

TEST_P(ContextTest, PushWithoutAContextIsNotFound) {
  auto context = new_context(UserId{"U1"}, clock_.now());
  context.version = 3;
  EXPECT_EQ(run(store_.push(context)).error().code, ErrorCode::NotFound);
}

TEST_P(ContextTest, RacingPushesLoseNothing) {
  init();
  race(8, [&](int) {
    for (int n = 0; n < 4; ++n) {
      for (;;) {
        auto context = run(store_.fetch(user())).value();
        ++context.vault.cred_balance;
        if (run(store_.push(context))) break;
      }
    }
  });
  const auto context = run(store_.fetch(user())).value();
  EXPECT_EQ(context.vault.cred_balance, 32u);
  EXPECT_EQ(context.version, 33u);
}

TEST_P(ContextTest, PatchChangesSeveralPathsInOneVersion) {
  init();
  const auto written = run(store_.patch(
      user(), {change("preferences.risk_tolerance", "\"bold\""), change("vault.active_positions", "65535"),
               change("preferences.notifications.on_stake", "true"), change("agent_memory.a.b", "[1]")}));
  ASSERT_TRUE(written) << written.error().message;
  EXPECT_EQ(written->version, 2u);
  const auto context = run(store_.fetch(user())).value();
  EXPECT_EQ(context.preferences.risk_tolerance, "bold");
  EXPECT_EQ(context.vault.active_positions, 65535);
  EXPECT_TRUE(context.preferences.notifications.on_stake);
  EXPECT_EQ(context.agent_memory.at("a.b").text(), "[1]");
}

TEST_P(ContextTest, PatchThatIsRefusedWritesNothing) {
  const auto before = init();
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"preferences.nothing", "1"},
      {"vault.active_positions", "65536"},
      {"vault.cred_balance", "-1"},
      {"vault.cred_balance", "1.5"},
      {"vault.cred_balance", "\"1\""},
      {"preferences.auto_stake", "1"},
      {"version", "5"},
      {"pubkey", "\"U2\""},
      {"recent_events", "[]"},
      {"vault", "{}"},
      {"vault.cred_balance", "18446744073709551616"},
      {"", "1"},
  };
  for (const auto& [path, json] : bad) {
    const auto refused =
        run(store_.patch(user(), {change("preferences.auto_stake", "false"), change(path, json)}));
    ASSERT_FALSE(refused) << path << " " << json;
    EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument) << path;
  }
  EXPECT_EQ(run(store_.fetch(user())).value(), before);
}

TEST_P(ContextTest, PatchNamesThePathItRefuses) {
  init();
  const auto refused = run(store_.patch(user(), {change("preferences.colour", "1")}));
  EXPECT_NE(refused.error().message.find("preferences.colour"), std::string::npos);
}

TEST_P(ContextTest, PatchWithAStaleContextSettlesDisjointChanges) {
  const auto held = init();
  run(store_.patch(user(), {change("vault.cred_balance", "9")})).value();
  EXPECT_TRUE(run(store_.patch(user(), {change("vault.oxo_balance", "8")}, WriteOptions().held(held))));
  const auto context = run(store_.fetch(user())).value();
  EXPECT_EQ(context.vault.cred_balance, 9u);
  EXPECT_EQ(context.vault.oxo_balance, 8u);
}

TEST_P(ContextTest, PatchWithAStaleContextLeavesOverlapsToTheCaller) {
  const auto held = init();
  run(store_.patch(user(), {change("vault.cred_balance", "9")})).value();
  const auto refused =
      run(store_.patch(user(), {change("vault.cred_balance", "8")}, WriteOptions().held(held)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::VersionConflict);
  EXPECT_EQ(refused.error().conflict->paths, std::vector<std::string>{"vault.cred_balance"});
  EXPECT_EQ(refused.error().conflict->current.vault.cred_balance, 9u);
}

TEST_P(ContextTest, UnsetPutsTheDefaultBack) {
  init();
  run(store_.patch(user(), {change("preferences.compound_threshold", "5"), change("agent_memory.k", "1")}))
      .value();
  const auto context =
      run(store_.unset(user(), {"preferences.compound_threshold", "agent_memory.k"})).value();
  EXPECT_EQ(context.preferences.compound_threshold, 10'000'000'000u);
  EXPECT_TRUE(context.agent_memory.empty());
}

TEST_P(ContextTest, TenEventsAreKeptNewestFirst) {
  for (int i = 0; i < 13; ++i) run(store_.push_event(user(), event(std::to_string(i)))).value();
  const auto context = run(store_.fetch(user())).value();
  ASSERT_EQ(context.recent_events.size(), 10u);
  EXPECT_EQ(context.recent_events.front().summary, "12");
  EXPECT_EQ(context.recent_events.back().summary, "3");
  EXPECT_EQ(context.version, 13u);
}

TEST_P(ContextTest, EventWithoutATimeIsOfNow) {
  auto dated = event();
  dated.timestamp = from_unix_seconds(5);
  run(store_.push_event(user(), dated)).value();
  const auto context = run(store_.push_event(user(), event())).value();
  EXPECT_EQ(context.recent_events[0].timestamp, clock_.now());
  EXPECT_EQ(context.recent_events[1].timestamp, from_unix_seconds(5));
}

TEST_P(ContextTest, RacingEventsAreAllThere) {
  race(8, [&](int i) { run(store_.push_event(user(), event(std::to_string(i)))).value(); });
  const auto context = run(store_.fetch(user())).value();
  EXPECT_EQ(context.recent_events.size(), 8u);
  EXPECT_EQ(context.version, 8u);
}

TEST_P(ContextTest, EventOutOfBoundsIsRefused) {
  auto long_one = event(std::string(1025, 'x'));
  EXPECT_EQ(run(store_.push_event(user(), long_one)).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(run(store_.push_event(user(), event("\xff"))).error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(run(store_.fetch(user())).error().code, ErrorCode::NotFound);
}

TEST_P(ContextTest, MemoryKeepsTheTextOfNumbers) {
  init();
  const auto value = *JsonText::parse(R"({"big":18446744073709551615,"precise":1.10,"e":1E+2})");
  run(store_.remember(user(), "goal", value)).value();
  run(store_.push_event(user(), event())).value();
  EXPECT_EQ(run(store_.recall(user(), "goal"))->text(), value.text());
}

TEST_P(ContextTest, ForgottenMemoryIsGone) {
  init();
  run(store_.remember(user(), "k", *JsonText::parse("1"))).value();
  run(store_.forget(user(), "k")).value();
  EXPECT_EQ(run(store_.recall(user(), "k")).error().code, ErrorCode::NotFound);
  EXPECT_EQ(run(store_.forget(user(), "k")).error().code, ErrorCode::NotFound);
}

TEST_P(ContextTest, UpdateIsAppliedAgainAfterARace) {
  init();
  bool raced = false;
  const auto written = run(store_.update(user(), [&](Context& context) -> Result<void> {
    if (!std::exchange(raced, true)) {
      std::thread([&] { run(store_.push_event(user(), event())).value(); }).join();
    }
    ++context.vault.total_staked;
    return {};
  }));
  EXPECT_EQ(written->version, 3u);
  EXPECT_EQ(written->recent_events.size(), 1u);
  EXPECT_EQ(written->vault.total_staked, 1u);
}

TEST_P(ContextTest, UpdateThatRefusesWritesNothing) {
  const auto before = init();
  const auto refused = run(store_.update(
      user(), [](Context&) -> Result<void> { return fail(ErrorCode::InvalidArgument, "not today"); }));
  EXPECT_EQ(refused.error().message, "not today");
  EXPECT_EQ(run(store_.fetch(user())).value(), before);
}

TEST_P(ContextTest, ManyAreFetchedInTheOrderAsked) {
  std::vector<UserId> users;
  for (int i = 0; i < 250; ++i) users.push_back(user("U" + std::to_string(i)));
  for (int i = 0; i < 250; i += 50) run(store_.get_or_init(users[static_cast<std::size_t>(i)])).value();
  users.push_back(users[50]);
  const auto contexts = run(store_.fetch_many(users));
  ASSERT_EQ(contexts.size(), 251u);
  for (std::size_t i = 0; i < 250; ++i) {
    ASSERT_EQ(contexts[i].has_value(), i % 50 == 0) << i;
    if (contexts[i]) {
      EXPECT_EQ(contexts[i]->pubkey.text(), users[i].text());
    }
  }
  EXPECT_EQ(contexts[250]->pubkey.text(), "U50");
  EXPECT_TRUE(run(store_.fetch_many({})).empty());
}

TEST_P(ContextTest, ContextsStopAt384KilobytesAndMayShrink) {
  init();
  const auto big = *JsonText::parse('"' + std::string(380 * 1024, 'x') + '"');
  const auto written = run(store_.remember(user(), "big", big)).value();
  const auto refused =
      run(store_.remember(user(), "more", *JsonText::parse('"' + std::string(8 * 1024, 'y') + '"')));
  EXPECT_EQ(refused.error().code, ErrorCode::ItemTooLarge);
  EXPECT_EQ(run(store_.fetch(user())).value(), written);
  EXPECT_TRUE(run(store_.forget(user(), "big")));
}

class ContextRowTest : public PurchaseTest {
 protected:
  table::Item context_row() { return row(store::context_key("U1")).value(); }
};
LOOPSTATE_STORE_SUITE(ContextRowTest);

TEST_P(ContextRowTest, CorruptRowIsNamed) {
  run(store_.get_or_init(user())).value();
  auto item = context_row();
  item.attributes.set("context_data", "{\"pubkey\":");
  place(item);
  const auto refused = run(store_.fetch(user()));
  EXPECT_EQ(refused.error().code, ErrorCode::CorruptItem);
  EXPECT_NE(refused.error().message.find("USER#U1|CONTEXT"), std::string::npos) << refused.error().message;
}

TEST_P(ContextRowTest, UnknownAttributesAndFieldsSurvive) {
  run(store_.get_or_init(user())).value();
  auto item = context_row();
  auto text = *item.string("context_data");
  text.insert(text.size() - 1, R"(,"future":{"n" : 1.10, "big":123456789012345678901234567890})");
  item.attributes.set("context_data", text);
  item.attributes.set("colour", "blue");
  item.attributes.set("version", table::Value::number(std::uint64_t{2}));
  place(item);
  run(store_.push_event(user(), event())).value();
  EXPECT_NE(context_row()
                .string("context_data")
                ->find(R"("future":{"n" : 1.10, "big":123456789012345678901234567890})"),
            std::string::npos);
  EXPECT_EQ(*context_row().string("colour"), "blue");
}

TEST_P(ContextRowTest, SixteenWriteIdsAreKeptNewestFirst) {
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    const auto written = run(store_.push_event(user(), event())).value();
    ids.insert(ids.begin(), store::row_of(written).write_ids.front());
  }
  std::string lines;
  for (int i = 0; i < 16; ++i) lines += ids[static_cast<std::size_t>(i)] + "\n";
  EXPECT_EQ(*context_row().string("write_ids"), lines);
}

TEST_P(ContextRowTest, IdsThatAreNotWholeLinesAreCorrupt) {
  run(store_.get_or_init(user())).value();
  const auto good = context_row();
  for (const char* name : {"write_ids", "ring"}) {
    for (const table::Value& value : {table::Value("cut off"), table::Value(table::List{})}) {
      auto item = good;
      item.attributes.set(name, value);
      place(item);
      const auto error = run(store_.fetch(user())).error();
      EXPECT_EQ(error.code, ErrorCode::CorruptItem);
      EXPECT_NE(error.message.find(name), std::string::npos) << error.message;
    }
  }
}

// The Rust crate rewrites the whole row, without our attributes, and may set its version back.
TEST_P(ContextRowTest, RustCratesWriteIsNoticedEvenUnderTheSameVersion) {
  const auto held = run(store_.get_or_init(user())).value();
  auto item = context_row();
  item.attributes.remove("write_ids");
  item.attributes.remove("ring");
  auto text = *item.string("context_data");
  text.replace(text.find("\"cred_balance\":0"), 16, "\"cred_balance\":5");
  item.attributes.set("context_data", text);
  place(item);
  const auto written = run(store_.push_event(user(), event(), WriteOptions().held(held))).value();
  EXPECT_EQ(written.vault.cred_balance, 5u);
}

TEST_P(ContextRowTest, WhereTheRustCrateWroteLastItsTimeIsPartOfTheGate) {
  run(store_.get_or_init(user())).value();
  auto item = context_row();
  item.attributes.remove("write_ids");
  place(item);
  const auto held = run(store_.fetch(user())).value();
  item.attributes.set("updated_at", table::Value::time(clock_.now() + 1s));
  place(item);
  auto mine = held;
  mine.vault.cred_balance = 1;
  EXPECT_EQ(run(store_.push(mine)).error().code, ErrorCode::VersionConflict);
}

TEST_P(ContextRowTest, LostReplyIsNotWrittenTwice) {
  run(store_.get_or_init(user())).value();
  CallOptions options;
  options.request_id("once");
  table_->lose_replies(1);
  EXPECT_EQ(run(store_.push_event(user(), event(), options)).error().code, ErrorCode::OutcomeUnknown);
  EXPECT_TRUE(run(store_.push_event(user(), event(), options)));
  const auto context = run(store_.fetch(user())).value();
  EXPECT_EQ(context.recent_events.size(), 1u);
  EXPECT_EQ(context.version, 2u);
}

TEST_P(ContextRowTest, EngineThatSendsEveryWriteTwiceWritesOnce) {
  table_->repeat_writes(true);
  auto context = run(store_.get_or_init(user())).value();
  context = run(store_.push_event(user(), event(), WriteOptions().held(context))).value();
  context = run(store_.remember(user(), "k", *JsonText::parse("1"))).value();
  context = run(store_.push(context)).value();
  EXPECT_EQ(context.version, 4u);
  EXPECT_EQ(context.recent_events.size(), 1u);
}

TEST_P(ContextRowTest, OwnWriteIsRecognisedInARefusalEvenWhenAnotherCameAfter) {
  const auto held = run(store_.get_or_init(user())).value();
  CallOptions options;
  options.request_id("once");
  run(store_.push_event(user(), event("mine"), WriteOptions(options).held(held))).value();
  run(store_.push_event(user(), event("theirs"))).value();
  // As the engine's own repetition of the first write would find it: the same held context, refused.
  EXPECT_TRUE(run(store_.push_event(user(), event("mine"), WriteOptions(options).held(held))));
  EXPECT_EQ(run(store_.fetch(user()))->recent_events.size(), 2u);
}

TEST_P(ContextRowTest, RequestIdIsChecked) {
  for (const auto* id : {"", "has space", "0123456789012345678901234567890123456", "\xc3\xa4"}) {
    CallOptions options;
    options.request_id(id);
    EXPECT_EQ(run(store_.push_event(user(), event(), options)).error().code, ErrorCode::InvalidArgument)
        << id;
  }
}

TEST_P(ContextRowTest, DeletedUnderAHeldContextIsNotFound) {
  auto held = run(store_.get_or_init(user())).value();
  remove(store::context_key("U1"));
  EXPECT_EQ(run(store_.push(held)).error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace loopstate::testing
