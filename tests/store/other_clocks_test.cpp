// Machines whose clocks disagree: what has expired by one is live by another.
#include "store/documents_fixture.hpp"

namespace loopstate::testing {
namespace {

using std::chrono::hours;

class OtherClocks : public DocumentsTest {
 protected:
  Store ahead() { return store::store_over(table_, {}, clock_ahead_); }
  Documents documents_ahead() { return Documents(ahead()); }
  static const NewDocument& ending(std::string body) {
    NewDocument made;
    made.body = std::move(body);
    made.lifetime = hours(1);
    return named(std::move(made));
  }
  /// Expired ones too.
  std::size_t all_rows() {
    table::Query query;
    query.pk = store::documents_partition({"U1", "chat"});
    return must(run(engine_->query(std::move(query), {Timestamp{}}))).items.size();
  }

  ManualClock clock_ahead_{kStart + hours(2)};
};
LOOPSTATE_STORE_SUITE(OtherClocks);

TEST_P(OtherClocks, ADropLeavesNothingThatIsStillLiveElsewhere) {
  must(run(documents_.put(user(), chat(), "k", ending(large_body()))));
  must(run(documents_.put(user(), chat(), "l", ending("b"))));
  EXPECT_TRUE(must(run(documents_ahead().drop(user(), chat()))));
  EXPECT_EQ(all_rows(), 0u);
  EXPECT_GT(must(put("k", "new")).version, 1u);
  EXPECT_EQ(keys(), std::vector<std::string>{"k"});
}

TEST_P(OtherClocks, AnErasureLeavesNothingThatIsStillLiveElsewhere) {
  must(run(store_.get_or_init(user())));
  must(run(store_.set_location(user(), merchant())));
  must(run(documents_.put(user(), chat(), "k", ending("a"))));
  EXPECT_EQ(must(run(ahead().erase_user(user()))).items_removed, 2u)
      << "context and collection: what has expired is not counted";
  EXPECT_FALSE(row(store::location_key("U1")));
  EXPECT_EQ(all_rows(), 0u);
  must(run(store_.get_or_init(user(), InitOptions().revive())));
  must(put("new", "b"));
  EXPECT_EQ(keys(), std::vector<std::string>{"new"});
}

TEST_P(OtherClocks, AnErasureThatScansLeavesNothingThatIsStillLiveElsewhere) {
  must(run(store_.get_or_init(user())));
  must(run(store_.mark_processed(txn(), user(), 500)));
  clock_ahead_.advance(hours(24 * 31));
  const auto receipt = must(run(ahead().erase_user(user(), EraseOptions().scan())));
  EXPECT_EQ(receipt.scan->transactions_removed, 0u) << "what has expired is not counted";
  EXPECT_FALSE(row(store::processed_key("square:p1")));
}

TEST_P(OtherClocks, WhoHasOnlyWhatHasExpiredIsNobody) {
  must(run(store_.set_location(user(), merchant())));
  EXPECT_ERROR(run(ahead().erase_user(user())), NotFound);
}

TEST_P(OtherClocks, ACollectionThatWasDroppedLongAgoDoesNotKeepItsUserFromBeingErased) {
  must(run(store_.get_or_init(user())));
  must(append({"a"}));
  must(drop());
  advance(hours(24 * 31));
  must(run(store_.erase_user(user())));
  EXPECT_FALSE(row(store::collection_key("U1", "chat")));
}

TEST_P(OtherClocks, NoVersionComesTwice) {
  must(run(documents_.put(user(), chat(), "k", ending("a"))));
  auto ahead = documents_ahead();
  EXPECT_ERROR(run(ahead.get(user(), chat(), "k")), NotFound);
  EXPECT_EQ(must(run(ahead.put(user(), chat(), "k", document("b"), DocumentOptions().if_absent()))).version,
            2u);
  EXPECT_EQ(must(get("k")).body, "b");
  EXPECT_ERROR(put("k", "c", DocumentOptions().at_version(1)), VersionConflict);
}

}  // namespace
}  // namespace loopstate::testing
