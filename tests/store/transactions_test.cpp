#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

class Transactions : public StoreTest {
 protected:
  Result<MarkOutcome> mark(std::string_view by = "U1", std::uint64_t amount = 1250,
                           CallOptions options = {}) {
    return run(store_.mark_processed(txn(), user(by), amount, std::move(options)));
  }
  std::optional<ProcessedTransaction> seen() { return must(run(store_.is_processed(txn()))); }
};
LOOPSTATE_STORE_SUITE(Transactions);

TEST_P(Transactions, AreUnseenAtFirst) {
  EXPECT_FALSE(seen());
}

TEST_P(Transactions, AreMarkedOnceInOneRequest) {
  const auto first = must(mark("U1", 18446744073709551615u));
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_TRUE(first.first);
  advance(5s);
  const auto second = must(mark("U2", 7));
  EXPECT_EQ(table_->take_calls(), 1u);
  EXPECT_FALSE(second.first);
  for (const auto& record : {first.record, second.record, *seen()}) {
    EXPECT_EQ(record.transaction.text(), "square:p1");
    EXPECT_EQ(record.user.text(), "U1");
    EXPECT_EQ(record.cred_amount, 18446744073709551615u);
    EXPECT_EQ(record.processed_at, kStart);
    EXPECT_FALSE(record.result);
  }
}

TEST_P(Transactions, KeepTheRustCratesAttributes) {
  must(mark());
  const auto marked = row(store::processed_key("square:p1"));
  ASSERT_TRUE(marked);
  EXPECT_EQ(*marked->string("user_pubkey"), "U1");
  EXPECT_EQ(marked->uint64("cred_amount"), 1250u);
  EXPECT_EQ(marked->time("processed_at"), kStart);
  EXPECT_EQ(marked->time("ttl"), kStart + 2'592'000s);
}

TEST_P(Transactions, ThatTheRustCrateMarkedAreSeen) {
  place_rust_items();
  const auto outcome = must(run(store_.mark_processed(txn("txn-U1"), user("U2"), 1)));
  EXPECT_FALSE(outcome.first);
  EXPECT_EQ(outcome.record.user.text(), "U1");
  EXPECT_EQ(outcome.record.cred_amount, 1250u);
  EXPECT_EQ(outcome.record.processed_at, from_unix_seconds(1795575876));
}

TEST_P(Transactions, AreForgottenAfterThirtyDays) {
  must(mark());
  advance(2'592'000s - 1s);
  EXPECT_TRUE(seen());
  EXPECT_FALSE(must(mark()).first);
  advance(1s);
  EXPECT_FALSE(seen());
  EXPECT_TRUE(must(mark("U2")).first);
  EXPECT_EQ(seen()->user.text(), "U2");
}

TEST_P(Transactions, MarkedByManyAtOnceHaveOneFirst) {
  std::vector<Task<Result<MarkOutcome>>> calls;
  for (int i = 0; i < 16; ++i)
    calls.push_back(store_.mark_processed(txn(), user("U" + std::to_string(i)), 1));
  int first = 0;
  std::string winner;
  for (auto& answer : run_together(std::move(calls))) {
    if (must(answer).first) {
      ++first;
      winner = answer->record.user.text();
    }
  }
  EXPECT_EQ(first, 1);
  EXPECT_EQ(seen()->user.text(), winner);
}

TEST_P(Transactions, WhoseReplyWasLostAreKnownAsOurOwn) {
  table_->repeat_writes(true);
  EXPECT_TRUE(must(mark()).first);
}

TEST_P(Transactions, OfSomebodyElseAreNotTakenForOurOwn) {
  table_->before_next_call([&] { must(mark("U2")); });
  EXPECT_FALSE(must(mark("U1")).first);
}

TEST_P(Transactions, RepeatedUnderTheirRequestIdAnswerFirstAgain) {
  table_->lose_replies(1);
  EXPECT_ERROR(mark("U1", 1, request("r-1")), OutcomeUnknown);
  advance(60s);
  const auto again = must(mark("U1", 1, request("r-1")));
  EXPECT_TRUE(again.first);
  EXPECT_EQ(again.record.processed_at, kStart);
  EXPECT_FALSE(must(mark("U1", 1, request("r-2"))).first);
}

TEST_P(Transactions, WhoseMarkIsCorruptAreNamed) {
  place({store::processed_key("square:p1"), {{"user_pubkey", "U1"}, {"cred_amount", "12"}}});
  const auto answer = run(store_.is_processed(txn()));
  EXPECT_ERROR(answer, CorruptItem);
  EXPECT_NE(answer.error().message.find("TXN#square:p1|PROCESSED"), std::string::npos);
  EXPECT_NE(answer.error().message.find("cred_amount"), std::string::npos);
  EXPECT_ERROR(mark(), CorruptItem);
}

TEST_P(Transactions, WhoseMarkHasACurrencyThatIsNoneAreNamed) {
  must(mark());
  auto spoilt = row(store::processed_key("square:p1")).value();
  spoilt.attributes.set("currency", "eur");
  place(spoilt);
  const auto answer = run(store_.is_processed(txn()));
  EXPECT_ERROR(answer, CorruptItem);
  EXPECT_NE(answer.error().message.find("attribute currency is not three capital letters"),
            std::string::npos);
}

}  // namespace
}  // namespace loopstate::testing
