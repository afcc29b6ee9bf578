// Each fault once: what the caller is told, and what is in the table.
#include <functional>
#include <stdexcept>

#include "dax/cluster_fixture.hpp"
#include "dax/named_faults.hpp"
#include "dynamodb/test_server.hpp"

namespace loopstate::dax {

using table::Change;
using table::Condition;
using table::Item;
using table::Key;
using table::Value;

class EachFaultOnCluster : public ClusterFixture, public testing::WithParamInterface<NamedFault> {
 protected:
  void SetUp() override {
    start(2);
    if (GetParam().silent) options.attempt_timeout = std::chrono::milliseconds(250);
    ASSERT_TRUE(applied(table->put({Item{kCounter, {{"count", number(0)}}}, {}}, call())));
  }
  /// As a caller does: again, until it is known. Each first call is made on a connection that was already
  /// used.
  template <typename Answer>
  Answer under_fault(const std::function<Task<Result<Answer>>()>& make) {
    begin_anew();
    (void)run(table->get(kCounter, call()));
    cluster->fault(GetParam().kind, GetParam().more);
    for (int round = 0; round < 20; ++round) {
      Result<Answer> answer = run(make());
      if (answer) return std::move(*answer);
      // Only where all that can be known is that no node answered in time.
      const bool unknown = answer.error().code == ErrorCode::OutcomeUnknown ||
                           answer.error().code == ErrorCode::ConnectionFailed;
      EXPECT_TRUE(GetParam().silent && unknown && answer.error().retryable) << answer.error().message;
      begin_anew();
    }
    throw std::runtime_error("no answer");
  }
  /// A node that said nothing in time is out for a while.
  void begin_anew() {
    if (GetParam().silent) table = open_on_cluster(options);
  }

  struct Done {};
  Task<Result<Done>> put_all(std::vector<Item> items) {
    Result<void> put = co_await table->batch_put(std::move(items), call());
    if (!put) co_return std::unexpected(std::move(put.error()));
    co_return Done{};
  }

  static Value number(int value) { return Value::number(std::int64_t{value}); }
  static Item numbered(int at) { return Item{{"p", "i" + std::to_string(at)}, {{"n", number(at)}}}; }
  std::int64_t counted() {
    return run(open_service(options.table)->get(kCounter, call())).value()->int64("count").value_or(-1);
  }

  inline static const Key kCounter{"p", "s"};
};

TEST_P(EachFaultOnCluster, LeavesAReadAsItWas) {
  const auto got = under_fault<std::optional<Item>>([&] { return table->get(kCounter, call()); });
  EXPECT_EQ(got->int64("count"), 0);
}

TEST_P(EachFaultOnCluster, DoesNotDoAWriteTwice) {
  for (const std::string id : {"a", "b", "c"}) {
    const table::UpdateItem update{
        kCounter,
        {Change::add("count", number(1)), Change::add("ids", Value(table::StringSet{{id}}))},
        Condition::negate(Condition::contains("ids", id))};
    const auto outcome = under_fault<table::WriteOutcome>([&] { return table->update(update, call()); });
    // Refused by its own first sending: its id is in the item that refused it.
    EXPECT_TRUE(outcome.applied || outcome.may_have_been_applied || GetParam().silent) << id;
    EXPECT_TRUE(outcome.item && !table::holds(update.condition, &*outcome.item)) << id;
  }
  EXPECT_EQ(counted(), 3);
}

TEST_P(EachFaultOnCluster, DoesNotDoATransactionTwice) {
  for (int round = 0; round < 3; ++round) {
    const std::vector<table::Operation> operations{
        table::UpdateItem{kCounter, {Change::add("count", number(1))}, {}},
        table::Put{numbered(round), Condition::item_absent()}};
    const std::string token = dynamodb::fresh_table_name();
    const auto outcome =
        under_fault<table::TransactOutcome>([&] { return table->transact(operations, token, call()); });
    EXPECT_TRUE(outcome.applied);
  }
  EXPECT_EQ(counted(), 3);
}

TEST_P(EachFaultOnCluster, LosesNothingOfABatch) {
  std::vector<Item> items;
  std::vector<Key> keys;
  for (int at = 0; at < 25; ++at) {
    items.push_back(numbered(at));
    keys.push_back(items.back().key);
  }
  under_fault<Done>([&] { return put_all(items); });
  using Answers = std::vector<Result<std::optional<Item>>>;
  const auto got = under_fault<Answers>([&] { return table->batch_get(keys, call()); });
  for (std::size_t at = 0; at < items.size(); ++at) EXPECT_EQ(got[at].value(), items[at]);
}

TEST_P(EachFaultOnCluster, LosesNothingOfAQuery) {
  const auto service = open_service(options.table);
  for (int at = 10; at < 40; ++at) ASSERT_TRUE(applied(service->put({numbered(at), {}}, call())));
  std::size_t seen = 0;
  table::Query query{.pk = "p", .range = {}, .descending = true, .limit = 7, .cursor = {}};
  query.range.prefix = "i";
  do {
    const auto page = under_fault<table::Page>([&] { return table->query(query, call()); });
    seen += page.items.size();
    query.cursor = page.next;
  } while (query.cursor && seen < 100);
  EXPECT_EQ(seen, 30u);
}

INSTANTIATE_TEST_SUITE_P(Faults, EachFaultOnCluster, testing::ValuesIn(kFaults),
                         [](const auto& fault) { return std::string(fault.param.name); });

}  // namespace loopstate::dax
