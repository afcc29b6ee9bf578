// Bodies that do not fit into their documents' rows.
#include <map>

#include "store/documents_fixture.hpp"
#include "table/limits.hpp"

namespace loopstate::testing {
namespace {

class LargeDocuments : public DocumentsTest {};
LOOPSTATE_STORE_SUITE(LargeDocuments);

TEST_P(LargeDocuments, LargeBodiesAreWholeAndLeaveNothingBehind) {
  const auto large = large_body();
  must(put("k", large));
  EXPECT_EQ(must(get("k")).body, large);
  EXPECT_EQ(rows(), 4u) << "three parts";
  must(put("k", large.substr(0, 400'000)));
  EXPECT_EQ(must(get("k")).body, large.substr(0, 400'000));
  EXPECT_EQ(rows(), 3u) << "two parts";
  must(put("k", "small"));
  EXPECT_EQ(rows(), 1u);
  must(append({large, "b", large}));
  EXPECT_EQ(bodies(DocumentListOptions().max_bytes(10u << 20)),
            (std::vector<std::string>{large, "b", large, "small"}));
  must(remove(document_key(1)));
  EXPECT_EQ(rows(), 6u);
  must(run(documents_.keep_last(user(), chat(), 1)));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"small"}));
  EXPECT_EQ(rows(), 1u);
}

TEST_P(LargeDocuments, ARefusedPutLeavesNoParts) {
  must(put("k", "a"));
  EXPECT_ERROR(put("k", large_body(), DocumentOptions().if_absent()), VersionConflict);
  EXPECT_EQ(rows(), 1u);
  must(put("r", large_body(), DocumentOptions(request("p"))));
  const auto before = rows();
  must(put("r", large_body(), DocumentOptions(request("p"))));
  EXPECT_EQ(rows(), before);
}

TEST_P(LargeDocuments, APutThatIsRefusedOrRepeatedMakesNoCollection) {
  const auto no_collection = [this] { return must(run(documents_.collections_of(user()))).empty(); };
  EXPECT_ERROR(put("k", large_body(), DocumentOptions().at_version(3)), VersionConflict);
  EXPECT_ERROR(put(document_key(1), large_body()), InvalidArgument);
  EXPECT_TRUE(no_collection());
  const auto stored = must(put("k", large_body(), request("p")));
  must(append({large_body()}, request("a")));
  must(drop());
  EXPECT_EQ(must(put("k", large_body(), request("p"))), stored);
  EXPECT_EQ(must(append({large_body()}, request("a"))), (Numbers{1, 1}));
  EXPECT_TRUE(no_collection());
  EXPECT_EQ(rows(), 0u);
}

TEST_P(LargeDocuments, APutAtAVersionMakesNoCollectionInPlaceOfOneThatWasDropped) {
  bool was_dropped = true;
  for (std::size_t calls = 0; was_dropped; ++calls) {
    begin_anew();
    must(put("k", "a"));
    documents_ = another_process();
    was_dropped = false;
    table_->before_next_call([&] { was_dropped = must(run(another_process().drop(user(), chat()))); }, calls);
    const auto stored = put("k", large_body(), DocumentOptions().at_version(1));
    if (!was_dropped) break;
    if (!stored) {
      EXPECT_ERROR(stored, VersionConflict) << calls;
    }
    EXPECT_TRUE(must(run(documents_.collections_of(user()))).empty()) << calls;
    EXPECT_EQ(rows(), 0u) << calls;
  }
}

TEST_P(LargeDocuments, AGetBesideADropHasTheWholeDocumentOrNone) {
  const auto large = large_body(5u << 20);
  constexpr std::size_t kCallsOfAGet = 3;
  for (const bool cut_off : {false, true}) {
    for (std::size_t calls = 0; calls < kCallsOfAGet; ++calls) {
      must(put("k", large));
      auto others = std::make_shared<HookedTable>(engine_);
      // Amid the removal of what the collection has.
      if (cut_off) others->go_away_after(5);
      Documents other(store::store_over(others, {}, clock_));
      table_->before_next_call([&] { EXPECT_EQ(run(other.drop(user(), chat())).has_value(), !cut_off); },
                               calls);
      const auto read = get("k");
      if (read) {
        EXPECT_TRUE(read->body == large) << calls;
      } else {
        EXPECT_ERROR(read, NotFound) << calls;
      }
      EXPECT_ERROR(get("k"), NotFound) << calls;
    }
  }
}

/// Weighs what each transaction removes.
class WeighingTable : public HookedTable {
 public:
  explicit WeighingTable(std::shared_ptr<table::Table> engine) : HookedTable(engine), engine_(engine) {}
  Task<Result<table::TransactOutcome>> transact(std::vector<table::Operation> operations, std::string token,
                                                table::Call call) override {
    std::size_t bytes = 0;
    for (const auto& operation : operations) {
      if (!std::holds_alternative<table::Erase>(operation)) continue;
      auto key = table::key_of(operation);
      auto item = co_await engine_->get(std::move(key), call);
      if (item && *item) bytes += table::item_size(**item);
    }
    heaviest = std::max(heaviest, bytes);
    co_return co_await HookedTable::transact(std::move(operations), std::move(token), call);
  }
  std::size_t heaviest = 0;

 private:
  std::shared_ptr<table::Table> engine_;
};

TEST_P(LargeDocuments, NoTransactionRemovesMoreThanOneMayHave) {
  auto weighing = std::make_shared<WeighingTable>(engine_);
  documents_ = Documents(store::store_over(weighing, {}, clock_));
  const auto large = large_body(9u << 20);
  must(put("k", large));
  must(put("k", large));
  must(remove("k"));
  must(append({large, std::string(300u << 10, 'a'), std::string(300u << 10, 'b'), large}));
  must(append({large, large}));
  must(run(documents_.keep_last(user(), chat(), 1)));
  must(append({large, std::string(300u << 10, 'a')}));
  must(drop());
  EXPECT_EQ(rows(), 0u);
  EXPECT_GT(weighing->heaviest, 2u << 20);
  EXPECT_LE(weighing->heaviest, 4u << 20);
}

/// Reads of documents that may be stale are answered as the first one was, as a cache does.
class CachingTable : public HookedTable {
 public:
  using HookedTable::HookedTable;
  Task<Result<std::vector<Result<std::optional<table::Item>>>>> batch_get(std::vector<table::Key> keys,
                                                                          table::Call call) override {
    auto asked = keys;
    auto rows = co_await HookedTable::batch_get(std::move(keys), call);
    if (!rows || call.consistency == table::Consistency::Strong) co_return rows;
    for (std::size_t at = 0; at < asked.size(); ++at) {
      if (!asked[at].sk.starts_with(store::kDocumentSort)) continue;
      (*rows)[at] = cached_.try_emplace(asked[at], *(*rows)[at]).first->second;
    }
    co_return rows;
  }

 private:
  std::map<table::Key, std::optional<table::Item>> cached_;
};

TEST_P(LargeDocuments, OneThatWasReadBeforeAnErasureIsNotTakenForTheOneOfTheSameVersionAfterIt) {
  Documents other(store::store_over(std::make_shared<CachingTable>(engine_), {}, clock_));
  for (const bool is_removal : {false, true}) {
    must(run(store_.get_or_init(user(), InitOptions().revive())));
    must(put("k", large_body()));
    must(run(other.put(user(), chat(), "k", document("a"))));
    must(run(store_.erase_user(user())));
    must(run(store_.get_or_init(user(), InitOptions().revive())));
    advance(seconds(5));
    EXPECT_EQ(must(put("k", large_body())).version, 1u);
    if (is_removal) {
      EXPECT_TRUE(must(run(other.remove(user(), chat(), "k"))));
      EXPECT_EQ(rows(), 0u);
    } else {
      must(run(other.put(user(), chat(), "k", document("b"))));
      EXPECT_EQ(must(get("k")).created_at, now());
      EXPECT_EQ(rows(), 1u) << "without the parts of the body that was replaced";
    }
    must(run(store_.erase_user(user())));
  }
}

/// Keeps what it is asked to write once `left` transactions are made, as a process does that is stopped
/// before it sends them.
class StoppedTable : public HookedTable {
 public:
  StoppedTable(std::shared_ptr<table::Table> engine, std::size_t left)
      : HookedTable(std::move(engine)), left_(left) {}
  Task<Result<table::TransactOutcome>> transact(std::vector<table::Operation> operations, std::string token,
                                                table::Call call) override {
    if (left_-- > 0) {
      co_return co_await HookedTable::transact(std::move(operations), std::move(token), call);
    }
    kept = std::move(operations);
    co_return fail(ErrorCode::Unavailable, "stopped");
  }
  std::vector<table::Operation> kept;

 private:
  std::size_t left_;
};

TEST_P(LargeDocuments, ADropThatGoesOnLateDoesNotEndWhatWasMadeMeanwhile) {
  constexpr std::size_t kCallsUntilItHasACollection = 2;
  auto stopped = std::make_shared<StoppedTable>(engine_, 1);
  table_->before_next_call(
      [&] {
        // It has marked the collection, found nothing in it, and stops before saying that it is empty.
        Documents other(store::store_over(stopped, {}, clock_));
        EXPECT_FALSE(run(other.drop(user(), chat())));
        must(drop());
      },
      kCallsUntilItHasACollection);
  // So it makes the collection twice.
  must(put("k", large_body()));
  EXPECT_EQ(bodies().size(), 1u);
  auto ends_early = std::make_shared<HookedTable>(engine_);
  ends_early->go_away_after(2);
  EXPECT_FALSE(run(Documents(store::store_over(ends_early, {}, clock_)).drop(user(), chat())));
  ASSERT_EQ(stopped->kept.size(), 1u);
  EXPECT_FALSE(must(run(engine_->transact(stopped->kept, "late", {now()}))).applied);
  must(append({"a"}));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"a"}));
  EXPECT_ERROR(get("k"), NotFound);
}

TEST_P(LargeDocuments, ManyBodiesThatDoNotFitIntoOneTransactionAreAppendedTogether) {
  std::vector<std::string> all(30, std::string(300u << 10, 'y'));
  all.front() = "first";
  EXPECT_EQ(must(append(all)), (Numbers{1, 30}));
  EXPECT_EQ(bodies(DocumentListOptions().max_bytes(20u << 20)), all);
}

TEST_P(LargeDocuments, BodiesOfEverySizeAreWhole) {
  constexpr std::size_t kPart = store::kMaxRowBodyBytes;
  for (const auto size : {std::size_t{1}, kPart - 1, kPart, kPart + 1, 2 * kPart, 11 * kPart + 7}) {
    must(put("k", large_body(size)));
    EXPECT_TRUE(must(get("k")).body == large_body(size)) << size;
    EXPECT_EQ(must(get("k")).size, size);
    EXPECT_EQ(rows(), 1 + (size > kPart ? (size + kPart - 1) / kPart : 0)) << size;
  }
}

TEST_P(LargeDocuments, TheLargestBodyIsKept) {
  const auto largest = large_body(kMaxDocumentBytes);
  const auto patient = CallOptions().timeout(std::chrono::minutes(10));
  must(put("k", largest, patient));
  EXPECT_TRUE(must(run(documents_.get(user(), chat(), "k", patient))).body == largest);
  must(drop(patient));
  EXPECT_EQ(rows(), 0u);
}

}  // namespace
}  // namespace loopstate::testing
