// Shows that random sequences find defects, on a model with a defect put in.
#include "port/model_table.hpp"
#include "port/random_sequence.hpp"

namespace loopstate::table {
namespace {

std::shared_ptr<Table> open_in_short_pages(boost::asio::any_io_executor) {
  auto table = std::make_shared<ModelTable>();
  table->limit_pages(1);
  return table;
}

INSTANTIATE_TEST_SUITE_P(ShortPages, RandomSequences,
                         testing::Values(Engine{"model_with_short_pages", {}, open_in_short_pages}),
                         engine_name);

/// Loses an item just before its fifth query.
std::shared_ptr<Table> open_forgetful(boost::asio::any_io_executor) {
  auto table = std::make_shared<ModelTable>();
  table->before_next(
      ModelTable::Kind::Query,
      [model = table.get()] {
        if (const auto items = model->all(); !items.empty()) model->drop(items.back().key);
      },
      4);
  return table;
}

TEST(RandomSequence, TheSameSeedGivesTheSameSteps) {
  SequenceOptions options;
  options.seed = 7;
  const auto one = random_steps(options);
  const auto two = random_steps(options);
  ASSERT_EQ(one.size(), two.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(text_of(one[i]), text_of(two[i]));
}

TEST(RandomSequence, ADefectIsFoundAndReportedWithItsSeed) {
  SequenceOptions options;
  options.seed = 3;
  const auto report = find_disagreement({"forgetful", {}, open_forgetful}, options);
  ASSERT_TRUE(report);
  EXPECT_THAT(*report, testing::HasSubstr("LOOPSTATE_SEED=3"));
  EXPECT_THAT(*report, testing::HasSubstr("query"));
}

TEST(RandomSequence, AReportIsShort) {
  SequenceOptions options;
  options.seed = 3;
  options.steps = 400;
  const auto report = find_disagreement({"forgetful", {}, open_forgetful}, options);
  ASSERT_TRUE(report);
  EXPECT_LT(std::count(report->begin(), report->end(), '\n'), 60) << *report;
}

}  // namespace
}  // namespace loopstate::table
