// What a request id stands for is checked like everything else.
#include "store/purchases.hpp"
#include "store/rows/attributes.hpp"
#include "store/spine/answers.hpp"
#include "store/upkeep/check.hpp"

namespace loopstate::testing {
namespace {

using store::CheckFinding;
using Kind = store::CheckFinding::Kind;

class RequestCheck : public PurchaseTest {
 protected:
  std::vector<CheckFinding> check() {
    std::vector<CheckFinding> findings;
    must(run(store::check_table(
        store_, {}, clock_, [&](const CheckFinding& finding) { findings.push_back(finding); },
        [](const store::CheckCounts&) {})));
    return findings;
  }
  void change_answer(const table::Key& key, std::string_view text) {
    auto item = row(key).value();
    item.attributes.set(std::string(store::attribute::kAnswer), std::string(text));
    place(item);
  }
  // The way an answer too long for a single item is kept.
  void split_answer() {
    auto item = row(store::request_key("r")).value();
    const auto whole = *item.string(store::attribute::kAnswer);
    auto part = item;
    part.key = store::request_key("r", 1);
    item.attributes.set(std::string(store::attribute::kAnswer), whole.substr(0, 40));
    item.attributes.set(std::string(store::attribute::kParts), table::Value::number(std::uint64_t{1}));
    part.attributes = {{"answer", whole.substr(40)}, {"ttl", table::Value::time(now() + 1'000s)}};
    place(item);
    place(part);
  }
};
LOOPSTATE_STORE_SUITE(RequestCheck);

TEST_P(RequestCheck, FindsNothingWrongWithAnAnswerThatCanBeRead) {
  must(run(store_.get_or_init(user(), request("r"))));
  EXPECT_TRUE(check().empty());
}

TEST_P(RequestCheck, NamesAnAnswerThatIsNotWhatItsCallAnswers) {
  must(run(store_.get_or_init(user(), request("r"))));
  for (const std::string_view text : {"", "{", "[1]", "{\"version\":1}"}) {
    change_answer(store::request_key("r"), text);
    const auto findings = check();
    ASSERT_EQ(findings.size(), 1u) << text;
    EXPECT_EQ(findings[0].kind, Kind::CorruptItem);
    EXPECT_EQ(findings[0].item, "REQUEST#r|WRITE");
  }
}

TEST_P(RequestCheck, OfACallThatItDoesNotKnowAsksForJsonOnly) {
  must(run(store_.get_or_init(user(), request("r"))));
  auto item = row(store::request_key("r")).value();
  item.attributes.set("call", "of_tomorrow");
  place(item);
  change_answer(store::request_key("r"), "[1]");
  EXPECT_TRUE(check().empty());
  change_answer(store::request_key("r"), "[1");
  EXPECT_EQ(check().size(), 1u);
}

TEST_P(RequestCheck, ReadsAnAnswerInPartsAsAWhole) {
  must(run(store_.get_or_init(user(), request("r"))));
  split_answer();
  EXPECT_TRUE(check().empty());
  const auto part = row(store::request_key("r", 1)).value();
  change_answer(part.key, "no end");
  EXPECT_EQ(check().size(), 1u);
  remove(part.key);
  const auto findings = check();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_THAT(findings[0].detail, ::testing::HasSubstr("part 1 of 1"));
  // As if the scan had passed the part's place before the request was made.
  table_->before_next_call([&] { place(part); }, 1);
  EXPECT_TRUE(check().empty());
}

}  // namespace
}  // namespace loopstate::testing
