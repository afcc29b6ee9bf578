// Metrics in CloudWatch's embedded format.
#include "function/emf.hpp"

#include <set>

#include "function/function_fixture.hpp"

namespace loopstate::function {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(EmfTest, IsTheDocumentThatCloudWatchReads) {
  Tally tally;
  tally.captures = 1;
  tally.store_requests = 3;
  tally.cold = true;
  tally.latency = std::chrono::microseconds(12'345);
  EXPECT_EQ(write_metrics(tally, "hooks", "req-1", 1'750'000'000'000),
            R"({"_aws":{"Timestamp":1750000000000,"CloudWatchMetrics":[{"Namespace":"loopstate",)"
            R"("Dimensions":[["FunctionName"]],"Metrics":[{"Name":"Latency","Unit":"Milliseconds"},)"
            R"({"Name":"StoreRequests","Unit":"Count"},{"Name":"Captures","Unit":"Count"},)"
            R"({"Name":"ColdStarts","Unit":"Count"}]}]},"FunctionName":"hooks","RequestId":"req-1",)"
            R"("Latency":12.345,"StoreRequests":3,"Captures":1,"ColdStarts":1})");
}

// The specification: every metric named in the directive is a number at the root, at most 100 of them, and
// each dimension is a text member of the root.
TEST(EmfTest, NamesExactlyWhatItHolds) {
  const Tally all{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, true, std::chrono::microseconds(1)};
  const auto text = write_metrics(all, "hooks", "req-1", 1);
  json::Reader reader(text);
  const json::View root(reader.skip());
  ASSERT_TRUE(reader.finish());
  const auto directive = root.find("_aws")->find("CloudWatchMetrics")->elements().at(0);
  std::set<std::string> named;
  for (const auto& metric : directive.find("Metrics")->elements()) {
    const auto name = *json::string_member(metric, "Name");
    EXPECT_TRUE(named.insert(name).second) << name;
    EXPECT_EQ(root.find(name)->kind(), json::Kind::Number) << name;
  }
  EXPECT_EQ(named.size(), 18);
  for (const auto& dimension : directive.find("Dimensions")->elements().at(0).elements()) {
    EXPECT_TRUE(json::string_member(root, *dimension.string()));
  }
  std::size_t numbers = 0;
  for (const auto& [name, value] : root.members()) numbers += value.kind() == json::Kind::Number ? 1 : 0;
  EXPECT_EQ(numbers, named.size());
}

TEST(EmfTest, CanBeSwitchedOffAndNothingElse) {
  const auto options = [](std::optional<std::string> value) {
    return FunctionOptions::from_environment([value](std::string_view name) -> std::optional<std::string> {
      if (name == "AWS_LAMBDA_FUNCTION_NAME") return "hooks";
      return name == "LOOPSTATE_METRICS" ? value : std::nullopt;
    });
  };
  EXPECT_TRUE(options({})->metrics);
  EXPECT_TRUE(options("on")->metrics);
  EXPECT_FALSE(options("off")->metrics);
  EXPECT_EQ(options({})->name, "hooks");
  const auto wrong = options("maybe");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, AllOf(HasSubstr("LOOPSTATE_METRICS"), Not(HasSubstr("maybe"))));
}

class MetricsTest : public FunctionTest {};

TEST_F(MetricsTest, OneLineForEachInvocationWhateverBecomesOfIt) {
  link("sq0-card", "U1");
  const auto body = square_payment({});
  const auto signature = webhook::square_signature(kSquareKey, kSquareUrl, body);
  const auto good = event("alb", {{"@SIGNATURE@", signature}, {"@BODY@", body}});
  auto first = invocation(good);
  first.cold = true;
  invoke(std::move(first));
  reply(good);
  reply(event("alb", {{"@SIGNATURE@", "forged"}, {"@BODY@", body}}));
  reply("not JSON");
  reply(event("alb-health-check"));
  ASSERT_THAT(metrics, testing::SizeIs(5));
  EXPECT_THAT(metrics[0], AllOf(HasSubstr("\"Captures\":1"), HasSubstr("\"ColdStarts\":1"),
                                HasSubstr("\"FunctionName\":\"hooks\"")));
  EXPECT_THAT(metrics[1], AllOf(HasSubstr("\"Duplicates\":1"), HasSubstr("\"Captures\":0"),
                                Not(HasSubstr("ColdStarts"))));
  EXPECT_THAT(metrics[2], AllOf(HasSubstr("\"Refusals\":1"), HasSubstr("\"BadSignatures\":1")));
  EXPECT_THAT(metrics[3], HasSubstr("\"BadRequests\":1"));
  EXPECT_THAT(metrics[4], Not(HasSubstr("BadRequests")));
  for (const auto& line : metrics) EXPECT_THAT(line, Not(HasSubstr("\n")));
}

TEST_F(MetricsTest, CountsEachRecordOfABatch) {
  link("sq0-card", "U1");
  const auto body = square_payment({});
  const auto good = event(
      "alb", {{"@SIGNATURE@", webhook::square_signature(kSquareKey, kSquareUrl, body)}, {"@BODY@", body}});
  reply(event("sqs-fifo", {{"@BODY_1@", good}, {"@BODY_2@", good}, {"@BODY_3@", "x"}}));
  EXPECT_THAT(metrics.back(),
              AllOf(HasSubstr("\"Captures\":1"), HasSubstr("\"Duplicates\":1"), HasSubstr("\"Records\":3"),
                    HasSubstr("\"RecordsFailed\":1"), HasSubstr("\"BadRequests\":1")));
}

TEST_F(MetricsTest, ARetriedCallAndAStaleCopyAreCounted) {
  link("sq0-card", "U1");
  const auto delivery = [](std::string_view id) {
    const auto body = square_payment({.id = std::string(id)});
    return event(
        "alb", {{"@SIGNATURE@", webhook::square_signature(kSquareKey, kSquareUrl, body)}, {"@BODY@", body}});
  };
  model->fail_reads(1);
  reply(delivery("pay1"));
  EXPECT_THAT(metrics.back(), AllOf(HasSubstr("\"StoreRetries\":1"), HasSubstr("\"Captures\":1")));
  // Somebody else writes the context that the agent remembers.
  ContextEvent note;
  note.event_type = "note";
  note.timestamp = kNow;
  note.summary = "elsewhere";
  ASSERT_TRUE(runner.run(store.push_event(*UserId::parse("U1"), note)));
  reply(delivery("pay2"));
  EXPECT_THAT(metrics.back(), AllOf(HasSubstr("\"StoreConflicts\":1"), HasSubstr("\"Captures\":1")));
  reply(delivery("pay3"));
  EXPECT_THAT(metrics.back(), Not(HasSubstr("StoreConflicts")));
}

TEST_F(MetricsTest, SwitchedOffSaysNothing) {
  auto off = function_options();
  off.metrics = nullptr;
  Function quiet(*agent, std::move(off), logger());
  ASSERT_TRUE(runner.run(quiet.handle(invocation(event("alb-health-check")))));
  EXPECT_THAT(metrics, testing::IsEmpty());
}

}  // namespace
}  // namespace loopstate::function
