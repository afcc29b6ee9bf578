// Documents while replies are lost, processes end, and others write at the same time.
#include <fmt/format.h>

#include <map>
#include <random>
#include <set>

#include "store/documents_fixture.hpp"

namespace loopstate::testing {
namespace {

class DocumentFaults : public DocumentsTest {
 protected:
  /// More than any call here makes.
  static constexpr std::size_t kMostCalls = 60;

  /// A process that is ended before its call number `calls`, from 0: whether the call came to its end before.
  template <typename Call>
  bool ends_before(std::size_t calls, Call call) {
    table_->go_away_after(calls);
    const bool done = call().has_value();
    table_->come_back();
    documents_ = another_process();
    return done;
  }
  void erase_here() { must(run(store_.erase_user(user()))); }
  /// The user is erased before each of the calls of `write` in turn; `prepare` is done before.
  template <typename Prepare, typename Write>
  void expect_erasure_amid_is_final(Prepare prepare, Write write) {
    for (std::size_t calls = 0;; ++calls) {
      ASSERT_LT(calls, kMostCalls);
      begin_anew();
      must(run(store_.get_or_init(user())));
      prepare();
      documents_ = another_process();
      bool was_erased = false;
      table_->before_next_call(
          [&] {
            erase_here();
            was_erased = true;
          },
          calls);
      const auto stored = write();
      if (!stored) {
        EXPECT_ERROR(stored, Erased) << calls;
      }
      if (!was_erased) break;
      EXPECT_EQ(rows(), 0u) << calls;
      EXPECT_FALSE(row(store::collection_key("U1", "chat"))) << calls;
    }
  }
};
LOOPSTATE_STORE_SUITE(DocumentFaults);

TEST_P(DocumentFaults, AnAppendAtANumberThatWasCutOffAnywhereIsMadeOnceByItsRepetition) {
  const std::vector<std::string> turn = {"b", large_body(), "c"};
  for (const bool is_named : {false, true}) {
    const auto options = (is_named ? AppendOptions(request("r")) : AppendOptions()).at_number(2);
    for (std::size_t calls = 0;; ++calls) {
      ASSERT_LT(calls, kMostCalls);
      begin_anew();
      must(append({"a"}));
      documents_ = another_process();
      const bool done = ends_before(calls, [&] { return append(turn, options); });
      const bool was_made = bodies().size() == 4;
      const auto again = append(turn, options);
      if (was_made && !is_named) {
        EXPECT_ERROR(again, VersionConflict) << calls;
      } else {
        EXPECT_EQ(must(again), (Numbers{2, 4})) << calls;
      }
      EXPECT_EQ(bodies(), (std::vector<std::string>{"a", turn[0], turn[1], turn[2]})) << calls;
      if (done) break;
    }
  }
}

TEST_P(DocumentFaults, AnAppendThatWasCutOffAnywhereIsMadeOnceByItsRepetition) {
  const std::vector<std::string> turn = {"b", large_body(), "c"};
  for (std::size_t calls = 0;; ++calls) {
    ASSERT_LT(calls, kMostCalls);
    begin_anew();
    must(append({"a"}));
    documents_ = another_process();
    const bool done = ends_before(calls, [&] { return append(turn, request("r")); });
    EXPECT_EQ(must(append(turn, request("r"))), (Numbers{2, 4})) << calls;
    EXPECT_EQ(bodies(), (std::vector<std::string>{"a", turn[0], turn[1], turn[2]})) << calls;
    if (done) break;
  }
}

TEST_P(DocumentFaults, AWriteWhoseReplyIsLostIsToldByItsRequestId) {
  for (std::size_t calls = 0;; ++calls) {
    ASSERT_LT(calls, kMostCalls);
    begin_anew();
    must(append({"a"}));
    bool loses = false;
    table_->before_next_call(
        [&] {
          loses = true;
          table_->lose_replies(1);
        },
        calls);
    const auto appended = append({"b", large_body()}, request("r"));
    if (!loses) break;
    if (!appended) {
      EXPECT_ERROR(appended, OutcomeUnknown) << calls;
      EXPECT_TRUE(appended.error().retryable) << calls;
    }
    table_->lose_replies(0);
    EXPECT_EQ(must(append({"b", large_body()}, request("r"))), (Numbers{2, 3})) << calls;
    EXPECT_EQ(bodies().size(), 3u) << calls;
  }
}

TEST_P(DocumentFaults, WithoutARequestIdALostReplyIsNotToBeRepeated) {
  must(append({"a"}));
  table_->lose_replies(1);
  const auto appended = append({"b"});
  EXPECT_ERROR(appended, OutcomeUnknown);
  EXPECT_FALSE(appended.error().retryable);
  table_->lose_replies(1);
  const auto put_over = put("k", "a", DocumentOptions().if_absent());
  EXPECT_ERROR(put_over, OutcomeUnknown);
  EXPECT_TRUE(put_over.error().retryable) << "the version tells";
  EXPECT_ERROR(put("k", "a", DocumentOptions().if_absent()), VersionConflict);
  table_->lose_replies(1);
  const auto appended_at = append({"c"}, AppendOptions().at_number(3));
  EXPECT_ERROR(appended_at, OutcomeUnknown);
  EXPECT_TRUE(appended_at.error().retryable) << "the number tells";
  EXPECT_ERROR(append({"c"}, AppendOptions().at_number(3)), VersionConflict);
}

TEST_P(DocumentFaults, WritesThatTheEngineSendsTwiceAreMadeOnce) {
  table_->repeat_writes(true);
  EXPECT_EQ(must(append({"a", "b"})), (Numbers{1, 2}));
  EXPECT_EQ(must(append({"c"}, AppendOptions().at_number(3))), (Numbers{3, 3}));
  EXPECT_EQ(must(put("k", large_body())).version, 1u);
  EXPECT_EQ(must(put("k", "x")).version, 2u);
  EXPECT_TRUE(must(remove("k")));
  EXPECT_EQ(must(run(documents_.keep_last(user(), chat(), 1))), 2u);
  EXPECT_EQ(bodies(), std::vector<std::string>{"c"});
  EXPECT_EQ(rows(), 1u);
  EXPECT_TRUE(must(drop()));
  EXPECT_EQ(rows(), 0u);
}

TEST_P(DocumentFaults, APutThatWasCutOffAnywhereLeavesTheOldBodyOrTheNewOne) {
  const auto before = large_body(700u << 10);
  const auto after = large_body(900u << 10);
  for (std::size_t calls = 0;; ++calls) {
    ASSERT_LT(calls, kMostCalls);
    begin_anew();
    must(put("k", before));
    documents_ = another_process();
    const bool done = ends_before(calls, [&] { return put("k", after); });
    const auto read = must(get("k"));
    EXPECT_TRUE(read.body == (read.version == 1 ? before : after)) << calls;
    if (done && rows() == 4) break;
  }
}

TEST_P(DocumentFaults, AnErasureAmidAPutIsFinal) {
  expect_erasure_amid_is_final([&] { must(put("k", large_body())); }, [&] { return put("k", large_body()); });
}

TEST_P(DocumentFaults, AnErasureAmidAnAppendIsFinal) {
  expect_erasure_amid_is_final([&] { must(append({"a"})); }, [&] { return append({"b", large_body()}); });
}

TEST_P(DocumentFaults, AnErasureAmidAnAppendAtANumberIsFinal) {
  const auto at_one = AppendOptions().at_number(1);
  expect_erasure_amid_is_final([] {}, [&] { return append({"b", large_body()}, at_one); });
}

TEST_P(DocumentFaults, AnErasureThatWasCutOffShowsNothingAndIsFinishedByItsRepetition) {
  for (std::size_t calls = 0;; ++calls) {
    ASSERT_LT(calls, kMostCalls);
    begin_anew();
    must(run(store_.get_or_init(user())));
    must(append({"a", large_body()}));
    must(run(documents_.put(user(), chat("other"), "k", document("c"))));
    const bool done = ends_before(calls, [&] { return run(store_.erase_user(user())); });
    const auto context = run(store_.fetch(user()));
    if (!context && context.error().code == ErrorCode::Erased) {
      EXPECT_TRUE(bodies().empty()) << calls;
      EXPECT_ERROR(append({"late"}), Erased) << calls;
      must(run(store_.get_or_init(user(), InitOptions().revive())));
      EXPECT_TRUE(bodies().empty()) << calls << ": who comes back has no documents";
      EXPECT_TRUE(must(run(documents_.list(user(), chat("other")))).documents.empty()) << calls;
    }
    erase_here();
    EXPECT_EQ(rows() + rows("other"), 0u) << calls;
    if (done) break;
  }
}

TEST_P(DocumentFaults, ADropThatWasCutOffIsFinishedByWhoeverComesNext) {
  for (std::size_t calls = 0;; ++calls) {
    ASSERT_LT(calls, kMostCalls);
    begin_anew();
    must(append({"a", large_body()}));
    must(put("k", "b"));
    const bool done = ends_before(calls, [&] { return drop(request("d")); });
    EXPECT_TRUE(must(drop(request("d")))) << calls;
    EXPECT_EQ(rows(), 0u) << calls;
    EXPECT_EQ(must(append({"c"})), (Numbers{1, 1}));
    EXPECT_GT(must(get(document_key(1))).version, 1u);
    if (done) break;
  }
}

TEST_P(DocumentFaults, ADropWhoseSweepFailsDoesNotSayThatNothingWasDone) {
  for (const bool is_named : {false, true}) {
    begin_anew();
    must(append({"a", large_body()}));
    documents_ = another_process();
    table_->go_away_after(is_named ? 3 : 2);
    const auto dropped = is_named ? drop(request("d")) : drop();
    table_->come_back();
    EXPECT_TRUE(bodies().empty());
    EXPECT_ERROR(dropped, OutcomeUnknown);
    EXPECT_EQ(dropped.error().retryable, is_named);
  }
}

TEST_P(DocumentFaults, AKeepLastThatWasCutOffSaysWhetherItHasBegun) {
  for (std::size_t calls = 0;; ++calls) {
    ASSERT_LT(calls, kMostCalls);
    begin_anew();
    for (int time = 0; time < 2; ++time) must(append(std::vector<std::string>(90, "x")));
    table_->go_away_after(calls);
    const auto removed = run(documents_.keep_last(user(), chat(), 1));
    table_->come_back();
    if (removed) break;
    EXPECT_TRUE(removed.error().retryable) << calls;
    const bool has_begun = list(DocumentListOptions().limit(1000)).documents.size() < 180;
    EXPECT_EQ(removed.error().code, has_begun ? ErrorCode::OutcomeUnknown : ErrorCode::Unavailable) << calls;
  }
}

TEST_P(DocumentFaults, ADropAmidAPutLosesNoPartOfIt) {
  for (std::size_t calls = 0;; ++calls) {
    ASSERT_LT(calls, kMostCalls);
    begin_anew();
    must(put("k", large_body()));
    documents_ = another_process();
    bool was_dropped = false;
    table_->before_next_call(
        [&] {
          EXPECT_TRUE(must(run(another_process().drop(user(), chat()))));
          was_dropped = true;
        },
        calls);
    must(put("k", large_body()));
    if (!was_dropped) break;
    const auto read = get("k");
    if (read) {
      EXPECT_TRUE(read->body == large_body()) << calls;
      EXPECT_EQ(rows(), 4u) << calls;
    } else {
      EXPECT_ERROR(read, NotFound) << calls;
      EXPECT_EQ(rows(), 0u) << calls;
    }
  }
}

TEST_P(DocumentFaults, TwoWritersLoseNoTurnAndDoubleNone) {
  constexpr int kTurns = 20;
  auto other = another_process();
  for (int turn = 0; turn < kTurns; ++turn) {
    std::vector<Task<Result<AppendedDocuments>>> tasks;
    const auto mine = fmt::format("m{}", turn);
    const auto theirs = fmt::format("t{}", turn);
    tasks.push_back(documents_.append(user(), chat(), entries({mine, mine + "!"}), request(mine)));
    tasks.push_back(other.append(user(), chat(), entries({theirs}), request(theirs)));
    // A repetition by somebody who does not know that the first one arrives.
    tasks.push_back(other.append(user(), chat(), entries({mine, mine + "!"}), request(mine)));
    auto answers = run_together(std::move(tasks));
    EXPECT_EQ(must(answers[0]), must(answers[2]));
    must(answers[1]);
  }
  const auto all = bodies();
  EXPECT_EQ(all.size(), 3u * kTurns);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
  for (std::size_t at = 0; at + 1 < all.size(); ++at) {
    if (all[at].starts_with("m") && !all[at].ends_with("!")) {
      EXPECT_EQ(all[at + 1], all[at] + "!") << "together or not at all";
    }
  }
}

TEST_P(DocumentFaults, OfTwoThatPutAtTheSameVersionOneIsToldOfTheOther) {
  must(put("k", "a"));
  auto other = another_process();
  std::vector<Task<Result<StoredDocument>>> tasks;
  tasks.push_back(documents_.put(user(), chat(), "k", document("mine"), DocumentOptions().at_version(1)));
  tasks.push_back(other.put(user(), chat(), "k", document("theirs"), DocumentOptions().at_version(1)));
  auto answers = run_together(std::move(tasks));
  EXPECT_NE(answers[0].has_value(), answers[1].has_value());
  EXPECT_ERROR(answers[answers[0] ? 1 : 0], VersionConflict);
  EXPECT_EQ(must(get("k")).body, answers[0] ? "mine" : "theirs");
}

TEST_P(DocumentFaults, AReaderOfALargeBodyThatIsReplacedGetsOneOfTheTwo) {
  const auto before = large_body();
  const auto after = large_body(900u << 10);
  for (std::size_t calls = 0; calls < 4; ++calls) {
    begin_anew();
    must(put("k", before));
    table_->before_next_call([&] { must(put("k", after)); }, calls);
    const auto read = must(get("k"));
    EXPECT_TRUE(read.body == before || read.body == after) << calls;
  }
}

TEST_P(DocumentFaults, ALostPartIsCorruptionNotAnEmptyBody) {
  must(put("k", large_body()));
  table::Query query;
  query.pk = store::documents_partition({"U1", "chat"});
  query.range.prefix = "P#";
  query.limit = 1;
  StoreTest::remove(must(run(engine_->query(query, {now()}))).items.at(0).key);
  EXPECT_ERROR(get("k"), CorruptItem);
  must(put("k", "mended"));
  EXPECT_EQ(must(get("k")).body, "mended");
}

TEST_P(DocumentFaults, WhateverHappensVersionsRiseAndContentsAreTheLastWritten) {
  std::mt19937 random(20'261'128);
  const std::vector<std::string> names = {"a", "b#", "#", "c/d"};
  std::map<std::string, std::string> model;
  std::map<std::string, std::uint64_t> highest;
  for (int step = 0; step < 300; ++step) {
    const auto& key = names[random() % names.size()];
    const auto kind = random() % 20;
    if (kind < 10) {
      const auto body = kind == 0 ? large_body(400u << 10) : fmt::format("{}", step);
      NewDocument made;
      made.body = body;
      const bool ends = kind > 6;
      if (ends) made.lifetime = seconds(1 + random() % 3);
      const auto stored = must(run(documents_.put(user(), chat(), key, made)));
      EXPECT_GT(stored.version, highest[key]) << step;
      highest[key] = stored.version;
      model[key] = body;
      if (ends && kind == 9) {
        advance(seconds(3));
        model.erase(key);
        for (const auto& name : names) {
          if (!get(name)) model.erase(name);
        }
      }
    } else if (kind < 15) {
      for (const auto& name : names) {
        if (!get(name)) model.erase(name);
      }
      EXPECT_EQ(must(remove(key)), model.erase(key) > 0) << step;
    } else if (kind < 17) {
      documents_ = another_process();
    } else if (kind == 17) {
      must(drop());
      model.clear();
    } else {
      const auto read = get(key);
      if (read) {
        EXPECT_TRUE(read->body == model[key]) << step;
        EXPECT_EQ(read->version, highest[key]) << step;
      }
    }
  }
}

}  // namespace
}  // namespace loopstate::testing
