// What `doctor` says about set-ups that do not work, on a service that answers as the test says.
#include <gmock/gmock.h>

#include <boost/asio/awaitable.hpp>

#include "dynamodb/dynamodb_table.hpp"
#include "port/runner.hpp"
#include "times.hpp"

namespace loopstate::dynamodb {

namespace {

using testing::HasSubstr;

class AnsweringSender final : public Sender {
 public:
  using Answer = std::function<http::ClientReply(Operation)>;
  explicit AnsweringSender(Answer answer) : answer_(std::move(answer)) {}

  Task<http::ClientOutcome> send(Attempt attempt, Deadline) override {
    asked.push_back(attempt.operation);
    co_return answer_(attempt.operation);
  }
  void refresh_credentials() override {}
  std::string endpoint() const override { return "http://test"; }
  Task<std::vector<table::Finding>> describe(Deadline) override { co_return std::vector<table::Finding>(); }
  Task<Result<void>> warm_up(Deadline) override { co_return Result<void>(); }

  std::vector<Operation> asked;

 private:
  Answer answer_;
};

http::ClientReply answer(std::uint16_t status, std::string body) {
  http::ClientReply out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

std::shared_ptr<AnsweringSender> answering(AnsweringSender::Answer how) {
  return std::make_shared<AnsweringSender>(std::move(how));
}

std::vector<table::Finding> diagnose(const std::shared_ptr<AnsweringSender>& sender) {
  TableSettings settings;
  settings.table = "cards";
  settings.caller.random = [] { return 0.0; };
  const auto table = DynamoDbTable::create(settings, sender).value();
  table::Runner runner(1);
  const table::Call call{from_unix_seconds(1'000'000),
                         std::chrono::steady_clock::now() + std::chrono::seconds(60)};
  return runner.run(table->diagnose(call));
}

std::vector<table::Finding> refused_with(const std::string& type) {
  return diagnose(answering(
      [type](Operation) { return answer(400, R"({"__type":"x#)" + type + R"(","message":"m"})"); }));
}

TEST(Diagnose, ATableThatIsBeingCreatedIsAskedForNothingElse) {
  const auto sender = answering(
      [](Operation) { return answer(200, R"({"Table":{"TableName":"cards","TableStatus":"CREATING"}})"); });
  const auto findings = diagnose(sender);
  ASSERT_FALSE(findings.empty());
  EXPECT_THAT(findings.back().detail, HasSubstr("CREATING"));
  EXPECT_THAT(findings.back().advice, HasSubstr("wait"));
  EXPECT_THAT(sender->asked, testing::ElementsAre(Operation::DescribeTable));
}

TEST(Diagnose, CredentialsThatMayNotAreToldFromCredentialsThatNobodyKnows) {
  EXPECT_THAT(refused_with("AccessDeniedException").back().advice, HasSubstr("allow these credentials"));
  for (const auto* type : {"UnrecognizedClientException", "InvalidSignatureException"}) {
    const auto findings = refused_with(type);
    EXPECT_EQ(findings.back().level, table::Finding::Level::Bad);
    EXPECT_THAT(findings.back().advice, HasSubstr("check the access key")) << type;
  }
}

}  // namespace

}  // namespace loopstate::dynamodb
