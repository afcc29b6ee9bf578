// Snapshot: everything stored for a user, at one moment.
#include "loopstate/documents.hpp"
#include "port/model_table.hpp"
#include "store/purchases.hpp"
#include "store/rows/keys.hpp"

namespace loopstate::testing {
namespace {

class SnapshotTest : public PurchaseTest {};
LOOPSTATE_STORE_SUITE(SnapshotTest);

TEST_P(SnapshotTest, HasEverythingOfTheUserAndNothingElse) {
  run(store_.link(card(), user(), "4242")).value();
  run(store_.link(card("loop_fp_2"), user("U2"), "4242")).value();
  run(store_.record_capture(purchase())).value();
  run(store_.store_session(user(), session(clock_.now() + 100s))).value();
  run(store_.set_location(user(), merchant())).value();
  const auto snapshot = run(store_.snapshot(user())).value();
  EXPECT_TRUE(snapshot.context);
  ASSERT_TRUE(snapshot.session);
  EXPECT_EQ(snapshot.session->scopes, std::vector<std::string>{"read"});
  EXPECT_EQ(snapshot.captures.size(), 1u);
  ASSERT_EQ(snapshot.cards.size(), 1u);
  EXPECT_EQ(snapshot.cards[0].fingerprint.text(), "loop_fp_1");
  ASSERT_TRUE(snapshot.location);
  EXPECT_EQ(snapshot.location->merchant.text(), "M1");
  EXPECT_FALSE(snapshot.erased);
}

TEST_P(SnapshotTest, HasTheCollectionsOfDocumentsThatAreNotDropped) {
  Documents documents(store_);
  const auto put = [&](std::string_view collection) {
    NewDocument document;
    document.body = "x";
    return run(documents.put(user(), CollectionId::parse(collection).value(), "k", document)).has_value();
  };
  ASSERT_TRUE(put("a") && put("b") && put("c"));
  ASSERT_TRUE(run(documents.append(user(), CollectionId{"b"}, {NewDocument(), NewDocument()})));
  ASSERT_TRUE(run(documents.drop(user(), CollectionId{"c"})));
  const auto collections = run(store_.snapshot(user())).value().collections;
  ASSERT_EQ(collections.size(), 2u);
  EXPECT_EQ(collections[0].collection.text(), "a");
  EXPECT_EQ(collections[1].collection.text(), "b");
  EXPECT_EQ(collections[1].appended, 2u);
  EXPECT_EQ(collections[1].created_at, now());
}

TEST_P(SnapshotTest, ExpiredPartsAreNotThere) {
  run(store_.record_capture(purchase())).value();
  run(store_.get_or_init(user())).value();
  run(store_.add_capture(user(), capture())).value();
  run(store_.store_session(user(), session(clock_.now() + 100s))).value();
  run(store_.set_location(user(), merchant())).value();
  clock_.advance(settings_.pending_lifetime);
  const auto snapshot = run(store_.snapshot(user())).value();
  EXPECT_FALSE(snapshot.session);
  EXPECT_FALSE(snapshot.location);
  EXPECT_TRUE(snapshot.captures.empty());
}

TEST_P(SnapshotTest, UnknownUserIsNotFound) {
  EXPECT_EQ(run(store_.snapshot(user())).error().code, ErrorCode::NotFound);
}

TEST_P(SnapshotTest, ErasedUserIsSaidToBe) {
  run(store_.get_or_init(user())).value();
  run(store_.erase_user(user())).value();
  const auto snapshot = run(store_.snapshot(user())).value();
  EXPECT_TRUE(snapshot.erased);
  EXPECT_FALSE(snapshot.context);
}

TEST_P(SnapshotTest, FollowsEveryPage) {
  auto model = std::make_shared<table::ModelTable>();
  model->limit_pages(2);
  store_ = store::store_over(model, settings_, clock_);
  run(store_.link(card(), user(), "4242")).value();
  for (int i = 0; i < 5; ++i) run(store_.add_capture(user(), capture())).value();
  const auto snapshot = run(store_.snapshot(user())).value();
  EXPECT_EQ(snapshot.captures.size(), 5u);
  EXPECT_EQ(snapshot.cards.size(), 1u);
}

TEST_P(SnapshotTest, TornCutIsReadAgain) {
  run(store_.add_capture(user(), capture(1))).value();
  const auto second = run(store_.add_capture(user(), capture(2))).value();
  const auto hidden = row(store::pending_key("U1", second.added()->capture.id)).value();
  remove(hidden.key);
  table_->before_next_call([&] { place(hidden); }, 1);
  EXPECT_EQ(run(store_.snapshot(user()))->captures.size(), 2u);
}

}  // namespace
}  // namespace loopstate::testing
