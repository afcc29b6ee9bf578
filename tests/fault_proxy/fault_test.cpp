// Each fault once: what the caller is told, and what is in the table.
#include <deque>

#include "dynamodb/on_server.hpp"
#include "fault_proxy/fault_proxy.hpp"

namespace loopstate::dynamodb {

using table::Call;
using table::Change;
using table::Condition;
using table::Item;
using table::Key;
using table::Value;

class UnderFaults : public OnServer {
 protected:
  UnderFaults() {
    // Fast, and never in the way of what a test is about.
    settings_.caller.retry.transient_base = settings_.caller.retry.throttling_base =
        std::chrono::milliseconds(1);
  }
  void SetUp() override {
    OnServer::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    proxy_.emplace(server_endpoint(), [this](const SeenRequest&) { return next(); });
    through_ = open_on_server(proxy_->endpoint(), settings_);
  }

  /// What happens to the next requests, one after the other; then nothing more does.
  void plan(std::deque<Fault> faults) {
    const std::lock_guard lock(mutex_);
    faults_ = std::move(faults);
  }
  Fault next() {
    const std::lock_guard lock(mutex_);
    if (faults_.empty()) return Fault::None;
    const Fault fault = faults_.front();
    faults_.pop_front();
    return fault;
  }

  table::Table& table() { return *through_.table; }
  Result<std::optional<Item>> get(Key key) { return run(table().get(std::move(key), call())); }
  /// Adds one to p/s's count, once for each id.
  Result<table::WriteOutcome> count(const std::string& id, Call how) {
    table::UpdateItem update{
        Key{"p", "s"},
        {Change::add("count", Value::number(std::int64_t{1})), Change::add("ids", table::StringSet{{id}})},
        Condition::negate(Condition::contains("ids", id))};
    return run(table().update(std::move(update), how));
  }
  void store() {
    const auto put =
        run(server_.table->put({Item{{"p", "s"}, {{"count", Value::number(std::int64_t{0})}}}, {}}, call()));
    ASSERT_TRUE(put && put->applied);
  }
  std::int64_t counted() { return get({"p", "s"}).value()->int64("count").value_or(-1); }

  ServerTable through_;
  std::mutex mutex_;
  std::deque<Fault> faults_;
  std::optional<FaultProxy> proxy_;
};

class EachFault : public UnderFaults, public testing::WithParamInterface<Fault> {};

TEST_P(EachFault, LeavesAReadAsItWas) {
  store();
  ASSERT_TRUE(get({"p", "s"}));  // so that the next call is on a connection already used
  plan({GetParam()});
  const auto got = get({"p", "s"});
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ((*got)->int64("count"), 0);
}

TEST_P(EachFault, DoesNotDoAWriteTwice) {
  store();
  for (const std::string id : {"a", "b", "c"}) {
    plan({GetParam()});
    const auto outcome = count(id, call());
    ASSERT_TRUE(outcome) << outcome.error().message;
    // Refused by its own first attempt: its id is in the item that refused it.
    EXPECT_TRUE(outcome->applied || outcome->item) << id;
  }
  plan({});
  EXPECT_EQ(counted(), 3);
}

TEST_P(EachFault, DoesNotDoATransactionTwice) {
  store();
  for (int round = 0; round < 3; ++round) {
    plan({GetParam()});
    std::vector<table::Operation> operations;
    operations.emplace_back(
        table::UpdateItem{{"p", "s"}, {Change::add("count", Value::number(std::int64_t{1}))}, {}});
    operations.emplace_back(
        table::Put{Item{{"p", "t" + std::to_string(round)}, {}}, Condition::item_absent()});
    const auto outcome = run(table().transact(std::move(operations), fresh_table_name(), call()));
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(outcome->applied);
  }
  plan({});
  EXPECT_EQ(counted(), 3);
}

TEST_P(EachFault, LosesNothingOfABatch) {
  std::vector<Item> items;
  std::vector<Key> keys;
  for (int at = 0; at < 25; ++at) {
    items.push_back(Item{{"p", "i" + std::to_string(at)}, {{"n", Value::number(std::int64_t{at})}}});
    keys.push_back(items.back().key);
  }
  plan({GetParam()});
  const auto put = run(table().batch_put(items, call()));
  ASSERT_TRUE(put) << put.error().message;
  plan({GetParam()});
  const auto got = run(table().batch_get(keys, call()));
  ASSERT_TRUE(got) << got.error().message;
  for (std::size_t at = 0; at < items.size(); ++at) EXPECT_EQ((*got)[at].value(), items[at]);
}

TEST_P(EachFault, LosesNothingOfAQuery) {
  for (int at = 10; at < 40; ++at) {
    ASSERT_TRUE(run(server_.table->put({Item{{"p", "i" + std::to_string(at)}, {}}, {}}, call())));
  }
  std::vector<std::string> seen;
  table::Query query{.pk = "p", .range = {}, .descending = true, .limit = 7, .cursor = {}};
  do {
    plan({GetParam(), GetParam()});
    auto page = run(table().query(query, call()));
    ASSERT_TRUE(page) << page.error().message;
    for (const Item& item : page->items) seen.push_back(item.key.sk);
    query.cursor = page->next;
  } while (query.cursor && seen.size() < 100);
  EXPECT_EQ(seen.size(), 30u);
}

INSTANTIATE_TEST_SUITE_P(Faults, EachFault,
                         testing::Values(Fault::CutBefore, Fault::DropReply, Fault::HalfReply,
                                         Fault::WrongChecksum, Fault::NoChecksum, Fault::Garble,
                                         Fault::NotJson, Fault::ErrorBefore, Fault::ErrorAfter,
                                         Fault::Throttle, Fault::ThrottleReasons, Fault::Conflict,
                                         Fault::InProgress, Fault::ThrottledTransaction, Fault::Unprocessed,
                                         Fault::EmptyPage, Fault::CloseAfter));

TEST(ProxiedMessage, HeadersAreFoundHoweverTheirNamesAreWritten) {
  for (const std::string_view head :
       {"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n",
        "HTTP/1.1 200 OK\r\ndate: x\r\nCONTENT-LENGTH:7\r\n\r\n"}) {
    const std::size_t at = testing_net::find_header(head, "Content-Length");
    ASSERT_NE(at, std::string_view::npos) << head;
    EXPECT_EQ(head.substr(at, 1), "7") << head;
  }
  EXPECT_EQ(testing_net::find_header("HTTP/1.1 200 OK\r\nx-content-length: 7\r\n\r\n", "Content-Length"),
            std::string_view::npos);
}

TEST_F(UnderFaults, AWriteWithoutAReplyByTheDeadlineIsUnknown) {
  store();
  plan({Fault::Hang});
  const auto outcome = count("a", call(std::chrono::milliseconds(300)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::OutcomeUnknown);
  const auto again = count("a", call());
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->applied);
  EXPECT_EQ(counted(), 1);
}

TEST_F(UnderFaults, AReadWithoutAReplyByTheDeadlineIsLate) {
  plan({Fault::Hang});
  const auto got = run(table().get({"p", "s"}, call(std::chrono::milliseconds(300))));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::DeadlineExceeded);
}

TEST_F(UnderFaults, AWriteThatMayBeThereStaysUnknownWhateverComesAfter) {
  store();
  plan({Fault::ErrorAfter, Fault::Throttle, Fault::Throttle, Fault::Throttle, Fault::Throttle});
  const auto outcome = count("a", call());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::OutcomeUnknown);
  plan({});
  EXPECT_EQ(counted(), 1);
}

TEST_F(UnderFaults, AWriteWhoseReplyWasLostOnAReusedConnectionStaysUnknownWhateverComesAfter) {
  store();
  ASSERT_TRUE(get({"p", "s"}));  // so that the write is on a connection already used, and sent again at once
  plan({Fault::DropReply, Fault::Throttle, Fault::Throttle, Fault::Throttle, Fault::Throttle});
  const auto outcome = count("a", call());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::OutcomeUnknown);
  plan({});
  EXPECT_EQ(counted(), 1);
}

TEST_F(UnderFaults, ThrottlingToTheEndIsToldAsSuchAndWroteNothing) {
  store();
  plan({Fault::Throttle, Fault::Throttle, Fault::Throttle, Fault::Throttle});
  const auto outcome = count("a", call());
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::Throttled);
  EXPECT_TRUE(outcome.error().retryable);
  EXPECT_EQ(counted(), 0);
}

TEST_F(UnderFaults, ASocketSurvivesRefusalsThrottlesAndItemsThatAreNotThere) {
  store();
  for (int round = 0; round < 20; ++round) {
    plan({Fault::Throttle});
    ASSERT_TRUE(get({"p", "nothing"}));
    const auto refused = run(table().put({Item{{"p", "s"}, {}}, Condition::item_absent()}, call()));
    ASSERT_TRUE(refused);
    EXPECT_FALSE(refused->applied);
  }
  EXPECT_EQ(proxy_->connections(), 1);
}

TEST_F(UnderFaults, AfterAWarmUpTheFirstCallOpensNoConnection) {
  const auto warmed = run(table().warm_up(call().deadline));
  ASSERT_TRUE(warmed) << warmed.error().message;
  EXPECT_EQ(proxy_->requests(), 0);
  EXPECT_EQ(through_.client->connections_opened(), 1u);
  ASSERT_TRUE(get({"p", "s"}));
  EXPECT_EQ(through_.client->connections_opened(), 1u);
}

TEST_F(UnderFaults, IdleSocketsThatThePeerClosedCostNoCall) {
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(get({"p", "s"}));
    proxy_->cut_all();
    settings_.caller.retry.attempts_max = 1;
    ASSERT_TRUE(get({"p", "s"}));
  }
}

}  // namespace loopstate::dynamodb
