// What check finds in documents, and what is counted of them elsewhere.
#include <gmock/gmock.h>

#include "store/documents_fixture.hpp"
#include "store/upkeep/check.hpp"
#include "store/upkeep/transfer.hpp"

namespace loopstate::testing {
namespace {

using store::CheckFinding;
using Kind = store::CheckFinding::Kind;
using Kinds = std::vector<Kind>;
using std::chrono::hours;

class DocumentsCheck : public DocumentsTest {
 protected:
  Kinds check(bool repair = false) {
    Kinds kinds;
    store::CheckOptions options;
    options.repair = repair;
    must(run(store::check_table(
        store_, options, clock_,
        [&](const CheckFinding& finding) {
          kinds.push_back(finding.kind);
          EXPECT_EQ(finding.mended, repair && store::is_mendable(finding.kind)) << finding.detail;
        },
        [](const store::CheckCounts&) {})));
    return kinds;
  }
  /// Everything up to the transaction that names the parts.
  void put_cut_off(std::string key) {
    must(put("first", "x"));
    table_->go_away_after(2);
    EXPECT_FALSE(put(std::move(key), large_body(4u << 20)));
    table_->come_back();
  }
};
LOOPSTATE_STORE_SUITE(DocumentsCheck);

TEST_P(DocumentsCheck, FindsNothingWrongWithDocuments) {
  must(append({"a", large_body()}));
  must(put("k", large_body()));
  must(run(documents_.put(user("A#1"), chat("B#"), "k", document("d"))));
  must(run(documents_.put(user(), chat("gone"), "k", document("d"))));
  must(run(documents_.drop(user(), chat("gone"))));
  advance(hours(48));
  EXPECT_EQ(check(), Kinds());
}

TEST_P(DocumentsCheck, PartsThatNoDocumentNamesAreLeftBehindAfterADay) {
  put_cut_off("k");
  EXPECT_GT(rows(), 1u);
  EXPECT_EQ(check(true), Kinds()) << "their write may be under way";
  advance(hours(24));
  EXPECT_EQ(check(), Kinds{Kind::OrphanParts});
  EXPECT_GT(rows(), 1u) << "nothing is changed unless asked for";
  EXPECT_EQ(check(true), Kinds{Kind::OrphanParts});
  EXPECT_EQ(rows(), 1u);
  EXPECT_EQ(must(get("first")).body, "x");
  EXPECT_EQ(check(), Kinds());
}

TEST_P(DocumentsCheck, PartsStayBesideADocumentThatCannotBeRead) {
  must(put("k", large_body()));
  const auto key = store::document_row_key({"U1", "chat"}, "k");
  const auto stored = *row(key);
  auto unreadable = stored;
  unreadable.attributes.set("version", std::string("one"));
  place(unreadable);
  advance(hours(48));
  EXPECT_EQ(check(true), Kinds{Kind::CorruptItem});
  place(stored);
  table_->damage(key);
  EXPECT_EQ(check(true), Kinds{Kind::CorruptItem});
  EXPECT_TRUE(must(run(Documents(store::store_over(engine_, {}, clock_)).get(user(), chat(), "k"))).body ==
              large_body());
}

TEST_P(DocumentsCheck, PartsThatANamedStayHoweverOld) {
  must(put("k", large_body()));
  advance(hours(1000));
  EXPECT_EQ(check(true), Kinds());
  EXPECT_EQ(must(get("k")).body, large_body());
}

TEST_P(DocumentsCheck, AnErasureTakesWhatACutOffPutLeft) {
  must(run(store_.get_or_init(user())));
  put_cut_off("k");
  must(run(store_.erase_user(user())));
  EXPECT_EQ(rows(), 0u);
}

TEST_P(DocumentsCheck, ACollectionWhoseRowIsGoneIsMadeAgain) {
  must(append({"a", "b"}));
  must(put("k", "c"));
  must(put("k", "d"));
  StoreTest::remove(store::collection_key("U1", "chat"));
  EXPECT_ERROR(get("k"), NotFound);
  EXPECT_EQ(check(), Kinds{Kind::DocumentsWithoutCollection});
  EXPECT_EQ(check(true), Kinds{Kind::DocumentsWithoutCollection});
  EXPECT_EQ(check(), Kinds());
  EXPECT_EQ(must(get("k")).body, "d");
  EXPECT_EQ(must(append({"e"})), (Numbers{3, 3}));
}

TEST_P(DocumentsCheck, WhatIsLeftOfAnErasedUserGoes) {
  must(append({"a", large_body()}));
  StoreTest::remove(store::collection_key("U1", "chat"));
  place_tombstone("U1");
  EXPECT_EQ(check(true), Kinds{Kind::DocumentsWithoutCollection});
  EXPECT_EQ(rows(), 0u);
  EXPECT_EQ(check(), Kinds());
}

TEST_P(DocumentsCheck, ARepairLeavesAUserWhoIsBroughtBackMeanwhile) {
  for (const bool lacks_its_collection : {false, true}) {
    bool fired = true;
    for (std::size_t calls = 0; fired; ++calls) {
      begin_anew();
      must(append({"a", large_body()}));
      place_tombstone("U1");
      if (lacks_its_collection) StoreTest::remove(store::collection_key("U1", "chat"));
      fired = false;
      table_->before_next_call(
          [&] {
            fired = true;
            must(run(store_.get_or_init(user(), InitOptions().revive())));
            must(run(documents_.put(user(), chat("new"), "k", document("d"))));
          },
          calls);
      store::CheckOptions options;
      options.repair = true;
      must(run(store::check_table(
          store_, options, clock_, [](const CheckFinding&) {}, [](const store::CheckCounts&) {})));
      if (!fired) break;
      EXPECT_EQ(must(run(documents_.get(user(), chat("new"), "k"))).body, "d") << calls;
    }
  }
}

TEST_P(DocumentsCheck, AnErasureThatScansFindsDocumentsWithoutACollection) {
  must(run(store_.get_or_init(user())));
  must(append({"a", large_body()}));
  StoreTest::remove(store::collection_key("U1", "chat"));
  must(run(documents_.put(user("U2"), chat(), "k", document("d"))));
  must(run(store_.erase_user(user(), EraseOptions().scan())));
  EXPECT_EQ(rows(), 0u);
  EXPECT_EQ(must(run(documents_.get(user("U2"), chat(), "k"))).body, "d");
}

TEST_P(DocumentsCheck, ADropThatWasCutOffIsFinished) {
  must(append({"a", large_body()}));
  table_->go_away_after(2);
  EXPECT_FALSE(drop());
  table_->come_back();
  EXPECT_GT(rows(), 0u);
  EXPECT_EQ(check(), Kinds{Kind::DropUnfinished});
  EXPECT_EQ(check(true), Kinds{Kind::DropUnfinished});
  EXPECT_EQ(rows(), 0u);
  EXPECT_EQ(check(), Kinds());
}

TEST_P(DocumentsCheck, ABodyThatLacksAPartIsNamed) {
  must(put("k", large_body()));
  table::Query query;
  query.pk = store::documents_partition({"U1", "chat"});
  query.range.prefix = "P#";
  StoreTest::remove(must(run(engine_->query(query, {now()}))).items.at(1).key);
  EXPECT_EQ(check(true), Kinds{Kind::CorruptItem});
}

TEST_P(DocumentsCheck, ARowThatSaysOtherwiseThanItsPlaceIsNamed) {
  must(put("k", "a"));
  auto stored = *row(store::document_row_key({"U1", "chat"}, "k"));
  stored.attributes.set("collection", "another");
  place(stored);
  EXPECT_EQ(check(), Kinds{Kind::CorruptItem});
}

}  // namespace
}  // namespace loopstate::testing
