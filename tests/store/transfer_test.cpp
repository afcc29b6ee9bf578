#include "store/upkeep/transfer.hpp"

#include "store/rows/attributes.hpp"
#include "store/store_fixture.hpp"

namespace loopstate::testing {
namespace {

using store::TransferCounts;
using store::TransferOptions;

table::Item item_of(std::string name, std::int64_t value) {
  table::Item item;
  item.key = {"X#" + std::move(name), "A"};
  item.attributes.set("value", table::Value::number(value));
  return item;
}

class Transfer : public StoreTest {
 protected:
  static Result<void> no_step(const TransferCounts&) { return {}; }

  Result<TransferCounts> import(std::vector<table::Item> items, bool replace = false) {
    TransferOptions options;
    options.replace = replace;
    TransferCounts counts;
    std::size_t at = 0;
    const store::ItemSource source = [&]() -> Result<std::optional<table::Item>> {
      if (at == items.size()) return std::nullopt;
      return items[at++];
    };
    auto done = run(store::import_items(table_, source, options, clock_, counts, no_step));
    if (!done) return std::unexpected(done.error());
    return counts;
  }

  std::vector<table::Item> exported(TransferCounts* counts = nullptr) {
    std::vector<table::Item> items;
    auto done = run(store::export_items(
        table_,
        [&](const table::Item& item) {
          items.push_back(item);
          return Result<void>{};
        },
        {}, clock_, no_step));
    const auto found = must(std::move(done));
    if (counts != nullptr) *counts = found;
    return items;
  }
};
LOOPSTATE_STORE_SUITE(Transfer);

TEST_P(Transfer, WritesWhatIsMissingAndKeepsWhatDiffers) {
  place(item_of("same", 1));
  place(item_of("other", 2));
  const auto counts = must(import({item_of("same", 1), item_of("other", 3), item_of("new", 4)}));
  EXPECT_EQ(counts, (TransferCounts{3, 1, 1, 1, 0}));
  EXPECT_EQ(row({"X#other", "A"}), item_of("other", 2));
  EXPECT_EQ(row({"X#new", "A"}), item_of("new", 4));
}

TEST_P(Transfer, ReplacesWhatDiffersOnRequest) {
  place(item_of("other", 2));
  EXPECT_EQ(must(import({item_of("other", 3)}, true)), (TransferCounts{1, 1, 0, 0, 0}));
  EXPECT_EQ(row({"X#other", "A"}), item_of("other", 3));
}

TEST_P(Transfer, KeepsWhatAnotherWriterPutThereMeanwhile) {
  table_->before_next_call([&] { place(item_of("new", 9)); }, 1);
  EXPECT_EQ(must(import({item_of("new", 4)})), (TransferCounts{1, 0, 0, 1, 0}));
  EXPECT_EQ(row({"X#new", "A"}), item_of("new", 9));
}

TEST_P(Transfer, ReplacesWhatAnotherWriterPutThereMeanwhile) {
  table_->before_next_call([&] { place(item_of("new", 9)); }, 1);
  EXPECT_EQ(must(import({item_of("new", 4)}, true)), (TransferCounts{1, 1, 0, 0, 0}));
  EXPECT_EQ(row({"X#new", "A"}), item_of("new", 4));
}

TEST_P(Transfer, TakesAnExpiredItemForNone) {
  auto old = item_of("x", 1);
  old.attributes.set("ttl", table::Value::time(now() + 10s));
  place(old);
  advance(10s);
  EXPECT_TRUE(exported().empty());
  EXPECT_EQ(must(import({item_of("x", 2), old})), (TransferCounts{2, 1, 0, 0, 1}));
  EXPECT_EQ(row({"X#x", "A"}), item_of("x", 2));
}

TEST_P(Transfer, LeavesASessionOutThatIsOverBeforeItsRowExpires) {
  place_rust_items();
  const auto before = exported().size();
  const auto session = row(store::session_key("U1"));
  ASSERT_TRUE(session);
  advance(session->time(store::attribute::kExpiresAt).value() - now());
  TransferCounts counts;
  const auto after = exported(&counts);
  EXPECT_LT(after.size(), before);
  for (const auto& item : after) EXPECT_NE(item.key.sk, "SESSION");
}

TEST_P(Transfer, GivesBackWhatWasImported) {
  std::vector<table::Item> items;
  for (int i = 0; i < 1'234; ++i) items.push_back(item_of("n" + std::to_string(10'000 + i), i));
  EXPECT_EQ(must(import(items)).written, 1'234u);
  auto back = exported();
  std::ranges::sort(back, {}, &table::Item::key);
  EXPECT_EQ(back, items);
}

TEST_P(Transfer, WritesEveryItemOnceWhenRepliesAreLost) {
  table_->repeat_writes(true);
  const auto counts = must(import({item_of("a", 1), item_of("b", 2)}));
  EXPECT_EQ(counts.written + counts.unchanged, 2u);
  EXPECT_EQ(exported().size(), 2u);
}

TEST_P(Transfer, StopsAtTheFirstFailureAndIsFinishedByRepeatingIt) {
  table_->fail_writes(1);
  const std::vector<table::Item> items = {item_of("a", 1), item_of("b", 2)};
  EXPECT_ERROR(import(items), Unavailable);
  const auto counts = must(import(items));
  EXPECT_EQ(counts.written + counts.unchanged, 2u);
}

TEST_P(Transfer, ACopyGoesOnWhereItWasCutOff) {
  for (int i = 0; i < 8; ++i) {
    auto item = item_of("big" + std::to_string(i), i);
    item.attributes.set("filler", std::string(300'000, 'x'));
    place(std::move(item));
  }
  const auto to = GetParam().make(runner_.executor());
  store::CopyState state;
  const auto cut =
      run(store::copy_items(table_, to, {}, clock_, state, [](const store::CopyState&) -> Result<void> {
        return fail(ErrorCode::Cancelled, "cut off after a page");
      }));
  EXPECT_ERROR(cut, Cancelled);
  ASSERT_TRUE(state.cursor) << "items of 2.4 MB are more than one page";
  const auto copied = state.counts.written;
  EXPECT_LT(copied, 8u);
  must(run(store::copy_items(table_, to, {}, clock_, state,
                             [](const store::CopyState&) { return Result<void>{}; })));
  EXPECT_EQ(state.counts, (TransferCounts{8, 8, 0, 0, 0}));
}

}  // namespace
}  // namespace loopstate::testing
