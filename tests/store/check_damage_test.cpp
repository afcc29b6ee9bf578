// A check over items that the engine cannot read, and over an engine that goes away: it says so, reports
// everything else, and its repairs touch nothing that cannot be read.
#include <set>

#include "store/rows/attributes.hpp"
#include "store/rows/card_row.hpp"
#include "store/store_fixture.hpp"
#include "store/upkeep/check.hpp"

namespace loopstate::testing {
namespace {

using store::CheckFinding;
using Kind = store::CheckFinding::Kind;

class DamagedTable : public StoreTest {
 protected:
  /// Each as "CorruptItem USER#U1|CONTEXT", followed by "mended" if it was.
  using Said = std::multiset<std::string>;

  Result<Said> try_check(bool repair) {
    Said said;
    store::CheckOptions options;
    options.repair = repair;
    const auto note = [&](const CheckFinding& finding) {
      said.insert(std::string(to_string(finding.kind)) + " " + finding.item +
                  (finding.mended ? " mended" : ""));
    };
    auto counts = run(store::check_table(store_, options, clock_, note, [](const store::CheckCounts&) {}));
    if (!counts) return std::unexpected(std::move(counts.error()));
    counts_ = *counts;
    return said;
  }
  Said check(bool repair = false) { return must(try_check(repair)); }

  void damage(const table::Key& key) {
    if (!row(key)) place(table::Item{key, {}});
    table_->damage(key);
  }
  static const Capture& capture() {
    Capture made;
    made.merchant_id = "M1";
    made.amount.minor_units = 1;
    return named(std::move(made));
  }
  void link_as_rust() { place(store::card_row({card(), UserId{"U1"}, "1111", kStart - 100s})); }
  void place_owner_item() { place(store::user_card_row({card(), UserId{"U1"}, "1111", kStart - 100s})); }
  void remove_all() {
    table::Scan scan;
    auto page = must(run(engine_->scan(scan, table::Call{{}, Deadline::max()})));
    for (const auto& item : page.items) remove(item.key);
  }
  /// One of every kind that can be repaired.
  void place_everything_mendable() {
    remove_all();
    place_rust_items();
    place(store::user_card_row({Fingerprint{"fp_gone"}, UserId{"U5"}, "1111", kStart - 100s}));
    place_tombstone("U6");
    place(store::card_row({Fingerprint{"fp_erased"}, UserId{"U6"}, "1111", kStart - 100s}));
    place_tombstone("U7");
    place(store::user_card_row({Fingerprint{"fp_left"}, UserId{"U7"}, "1111", kStart - 100s}));
  }

  store::CheckCounts counts_;
};
LOOPSTATE_STORE_SUITE(DamagedTable);

TEST_P(DamagedTable, IsReportedItemByItemAndTheRestIsChecked) {
  for (const auto& key : {store::context_key("U2"), store::session_key("U3"), store::card_key("fp2"),
                          store::processed_key("t1"), table::Key{"X#1", "A"}}) {
    damage(key);
  }
  link_as_rust();
  const auto said = check();
  EXPECT_EQ(said, (Said{"CorruptItem USER#U2|CONTEXT", "CorruptItem USER#U3|SESSION",
                        "CorruptItem CARD#fp2|META", "CorruptItem TXN#t1|PROCESSED", "CorruptItem X#1|A",
                        "CardWithoutOwnerItem CARD#loop_fp_1|META"}));
  EXPECT_EQ(counts_.items, 6u);
  EXPECT_EQ(counts_.findings, 6u);
}

TEST_P(DamagedTable, IsReportedOnceWhereItsPartitionIsReadAgain) {
  place_rust_items();
  damage(store::location_key("U1"));
  EXPECT_EQ(check(), (Said{"CorruptItem USER#U1|LOCATION", "CardWithoutOwnerItem CARD#loop_fp_U1|META",
                           "RingMissing USER#U1|CONTEXT", "SessionNotAdopted USER#U1|SESSION"}));
}

TEST_P(DamagedTable, ARepairMendsWhatDoesNotDependOnIt) {
  place_rust_items();
  damage(store::session_key("U1"));
  damage(store::processed_key("t1"));
  check(true);
  EXPECT_EQ(check(), (Said{"CorruptItem USER#U1|SESSION", "CorruptItem TXN#t1|PROCESSED"}));
  EXPECT_TRUE(row(store::session_key("U1")));
}

TEST_P(DamagedTable, ARepairThatWouldHaveToReadItIsNotMadeAndEndsNoCheck) {
  place_rust_items();
  damage(store::location_key("U1"));  // between the context and the pending captures
  EXPECT_EQ(check(true), (Said{"CorruptItem USER#U1|LOCATION", "RingMissing USER#U1|CONTEXT",
                               "CardWithoutOwnerItem CARD#loop_fp_U1|META mended",
                               "SessionNotAdopted USER#U1|SESSION mended"}));
}

TEST_P(DamagedTable, AContextThatCannotBeReadIsNoMissingOne) {
  must(run(store_.add_capture(user(), capture())));
  const auto before = row(store::context_key("U1"));
  damage(store::context_key("U1"));
  EXPECT_EQ(check(true), Said{"CorruptItem USER#U1|CONTEXT"});
  EXPECT_EQ(row(store::context_key("U1")), before);
}

TEST_P(DamagedTable, ACaptureThatCannotBeReadStaysInTheRing) {
  const auto added = must(run(store_.add_capture(user(), capture())));
  const auto before = row(store::context_key("U1"));
  damage(store::pending_key("U1", added.added()->capture.id));
  EXPECT_EQ(check(true).size(), 1u);
  EXPECT_EQ(row(store::context_key("U1")), before);
}

TEST_P(DamagedTable, ACardThatCannotBeReadIsNotGone) {
  place_owner_item();
  link_as_rust();
  damage(store::card_key(card().text()));
  EXPECT_EQ(check(true), Said{"CorruptItem CARD#loop_fp_1|META"});
  EXPECT_TRUE(row(store::user_card_key("U1", card().text())));
}

TEST_P(DamagedTable, AnOwnersItemThatCannotBeReadIsNotMissing) {
  link_as_rust();
  damage(store::user_card_key("U1", card().text()));
  const auto before = row(store::user_card_key("U1", card().text()));
  EXPECT_EQ(check(true), Said{"CorruptItem USER#U1|CARD#loop_fp_1"});
  EXPECT_EQ(row(store::user_card_key("U1", card().text())), before);
}

TEST_P(DamagedTable, NobodyWhoMayBeErasedGetsAnOwnersItem) {
  link_as_rust();
  place_tombstone("U1");
  damage(store::context_key("U1"));
  EXPECT_EQ(check(true), (Said{"CorruptItem USER#U1|CONTEXT", "CardWithoutOwnerItem CARD#loop_fp_1|META"}));
  EXPECT_FALSE(row(store::user_card_key("U1", card().text())));
  EXPECT_TRUE(row(store::card_key(card().text())));
}

TEST_P(DamagedTable, AnErasureIsNotFinishedOverIt) {
  place_tombstone("U1");
  damage(store::location_key("U1"));
  place_owner_item();
  const Said expected = {"CorruptItem USER#U1|LOCATION", "ErasureUnfinished USER#U1|CONTEXT"};
  const auto said = check(true);
  for (const auto& finding : expected) EXPECT_TRUE(said.contains(finding)) << finding;
  EXPECT_TRUE(row(store::location_key("U1")));
}

TEST_P(DamagedTable, AnErasureIsNotFinishedOverWhatTheRulesCannotRead) {
  place_tombstone("U1");
  place(table::Item{store::session_key("U1"), {}});
  EXPECT_EQ(check(true), (Said{"CorruptItem USER#U1|SESSION", "ErasureUnfinished USER#U1|CONTEXT"}));
  EXPECT_TRUE(row(store::session_key("U1")));
}

TEST_P(DamagedTable, AnItemDamagedJustBeforeItsRepairStaysAndEndsNoCheck) {
  place_owner_item();
  place(store::card_row({Fingerprint{"fp_z"}, UserId{"U9"}, "1111", kStart - 100s}));
  // The scan and the look-up of the cards; then comes the repair.
  table_->before_next_call([&] { table_->damage(store::user_card_key("U1", card().text())); }, 2);
  EXPECT_EQ(check(true), (Said{"OwnerItemWithoutCard USER#U1|CARD#loop_fp_1",
                               "CardWithoutOwnerItem CARD#fp_z|META mended"}));
  EXPECT_TRUE(row(store::user_card_key("U1", card().text())));
}

TEST_P(DamagedTable, AnEngineThatGoesAwayEndsACheckWithItsError) {
  place_everything_mendable();
  table_->take_calls();
  const auto whole = check();
  const auto needed = table_->take_calls();
  ASSERT_GT(needed, 2u);
  for (std::size_t served = 0; served < needed; ++served) {
    table_->go_away_after(served);
    EXPECT_ERROR(try_check(false), Unavailable) << served << " of " << needed;
    table_->come_back();
  }
  table_->go_away_after(needed);
  EXPECT_EQ(must(try_check(false)), whole);
  table_->come_back();
}

TEST_P(DamagedTable, AnEngineThatGoesAwayEndsARepairWithItsErrorAndTheNextFinishesIt) {
  constexpr std::size_t kRequestsMax = 64;
  std::size_t served = 0;
  for (; served < kRequestsMax; ++served) {
    place_everything_mendable();
    table_->take_calls();
    table_->go_away_after(served);
    const auto said = try_check(true);
    table_->come_back();
    if (said) break;
    EXPECT_ERROR(said, Unavailable) << served;
    check(true);
    EXPECT_EQ(check(), Said{}) << "after " << served << " requests and a second repair";
  }
  ASSERT_LT(served, kRequestsMax) << "it never succeeded";
  EXPECT_EQ(table_->take_calls(), served) << "it needed more requests than were served";
  EXPECT_EQ(check(), Said{});
}

}  // namespace
}  // namespace loopstate::testing
