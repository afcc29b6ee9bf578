#include "store/upkeep/check.hpp"

#include <algorithm>
#include <set>

#include "base/name_access.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/card_row.hpp"
#include "store/rows/context_access.hpp"
#include "store/store_fixture.hpp"
#include "table/limits.hpp"

namespace loopstate::testing {
namespace {

using store::CheckFinding;
using Kind = store::CheckFinding::Kind;

class TableCheck : public StoreTest {
 protected:
  std::vector<CheckFinding> check(bool repair = false) {
    std::vector<CheckFinding> findings;
    store::CheckOptions options;
    options.repair = repair;
    auto done = run(store::check_table(
        store_, options, clock_, [&](const CheckFinding& finding) { findings.push_back(finding); },
        [](const store::CheckCounts&) {}));
    counts_ = must(std::move(done));
    return findings;
  }
  static std::multiset<Kind> kinds(const std::vector<CheckFinding>& findings) {
    std::multiset<Kind> all;
    for (const auto& finding : findings) all.insert(finding.kind);
    return all;
  }
  void link_as_rust() { place(store::card_row({card(), UserId{"U1"}, "1111", kStart - 100s})); }

  store::CheckCounts counts_;
};
LOOPSTATE_STORE_SUITE(TableCheck);

TEST_P(TableCheck, FindsWhatTheRustCrateLeavesOutAndMendsIt) {
  place_rust_items();
  const std::multiset<Kind> expected = {Kind::CardWithoutOwnerItem, Kind::RingMissing,
                                        Kind::SessionNotAdopted};
  EXPECT_EQ(kinds(check()), expected);
  for (const auto& finding : check(true)) EXPECT_TRUE(finding.mended) << finding.item;
  EXPECT_TRUE(check().empty());
}

TEST_P(TableCheck, ChangesNothingUnlessAskedTo) {
  place_rust_items();
  const auto session = row(store::session_key("U1"));
  const auto context = row(store::context_key("U1"));
  check();
  EXPECT_EQ(row(store::session_key("U1")), session);
  EXPECT_EQ(row(store::context_key("U1")), context);
}

TEST_P(TableCheck, ARewrittenRingRaisesTheVersion) {
  place_rust_items();
  const auto before = must(run(store_.fetch(user())));
  check(true);
  const auto after = must(run(store_.fetch(user())));
  EXPECT_EQ(after.version, before.version + 1);
  ASSERT_TRUE(store::row_of(after).ring);
  EXPECT_EQ(store::row_of(after).ring->size(), 1u);
}

TEST_P(TableCheck, AnAdoptedSessionHasTheActionsThatWereLeft) {
  place_rust_items();
  check(true);
  const auto adopted = row(store::session_key("U1"));
  EXPECT_EQ(adopted->int64(store::attribute::kActionsLeft), 4);
  EXPECT_EQ(must(run(store_.authorize(user(), "read"))).actions_left, 3u);
}

TEST_P(TableCheck, DoesNotMindASessionThatIsOver) {
  place_rust_items();
  advance(row(store::session_key("U1"))->time(store::attribute::kExpiresAt).value() - now());
  EXPECT_FALSE(kinds(check()).contains(Kind::SessionNotAdopted));
}

TEST_P(TableCheck, DoesNotMindACaptureThatIsOverByItsOwnEnd) {
  place_rust_items();
  advance(2 * 86'400s);  // past its expires_at, and long before its ttl
  EXPECT_EQ(kinds(check()), std::multiset<Kind>{Kind::CardWithoutOwnerItem});
}

TEST_P(TableCheck, ARepairThatTheRulesRefuseEndsNoCheck) {
  place_rust_items();
  auto context = *row(store::context_key("U1"));
  // As large as an item may be, so that there is no room for a ring.
  context.attributes.set("padding", std::string(table::kMaxItemBytes - table::item_size(context) - 7, 'x'));
  place(context);
  for (const auto& finding : check(true)) EXPECT_EQ(finding.mended, finding.kind != Kind::RingMissing);
  EXPECT_EQ(kinds(check()), std::multiset<Kind>{Kind::RingMissing});
}

TEST_P(TableCheck, ACardUnlinkedMeanwhileGetsNoOwnersItem) {
  link_as_rust();
  // The scan, the look at both items; then comes the repair.
  table_->before_next_call([&] { remove(store::card_key(card().text())); }, 2);
  const auto findings = check(true);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_FALSE(findings.front().mended);
  EXPECT_FALSE(row(store::user_card_key("U1", card().text())));
  EXPECT_TRUE(check().empty());
}

TEST_P(TableCheck, AnOwnersItemWhoseCardCameBackMeanwhileStays) {
  place(store::user_card_row({card(), UserId{"U1"}, "1111", kStart - 100s}));
  // The scan, the look at the user's items is not needed; the look at the card; then comes the repair.
  table_->before_next_call([&] { link_as_rust(); }, 2);
  const auto findings = check(true);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings.front().kind, Kind::OwnerItemWithoutCard);
  EXPECT_FALSE(findings.front().mended);
  EXPECT_TRUE(row(store::user_card_key("U1", card().text())));
}

TEST_P(TableCheck, ACardOfAnErasedUserGoesAndTheUserGetsNoItemOfIt) {
  link_as_rust();
  place_tombstone("U1");
  const auto tombstone = row(store::context_key("U1"));
  EXPECT_EQ(kinds(check()), std::multiset<Kind>{Kind::CardOfErasedUser});
  const auto findings = check(true);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings.front().kind, Kind::CardOfErasedUser);
  EXPECT_TRUE(findings.front().mended);
  EXPECT_FALSE(row(store::card_key(card().text())));
  EXPECT_FALSE(row(store::user_card_key("U1", card().text())));
  EXPECT_EQ(row(store::context_key("U1")), tombstone);
  EXPECT_TRUE(check().empty());
}

TEST_P(TableCheck, ACardWhoseUserIsErasedBeforeTheRepairGetsNoOwnersItem) {
  link_as_rust();
  table_->before_next_call([&] { place_tombstone("U1"); }, 2);
  const auto findings = check(true);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings.front().kind, Kind::CardWithoutOwnerItem);
  EXPECT_FALSE(findings.front().mended);
  EXPECT_FALSE(row(store::user_card_key("U1", card().text())));
}

TEST_P(TableCheck, WhatCannotBeMendedIsNotSaidToBe) {
  // A name that no caller can give, so no call can finish its erasure.
  const std::string nobodys(201, 'u');
  place_tombstone(nobodys);
  place(store::user_card_row({card(), stored_name<UserId>(nobodys), "1111", kStart - 100s}));
  place(store::card_row({card(), UserId{"U2"}, "1111", kStart - 100s}));
  place(store::user_card_row({card(), UserId{"U2"}, "1111", kStart - 100s}));
  const auto unfinished = [](const CheckFinding& finding) { return finding.kind == Kind::ErasureUnfinished; };
  const auto findings = check(true);
  const auto found = std::ranges::find_if(findings, unfinished);
  ASSERT_NE(found, findings.end());
  EXPECT_FALSE(found->mended);
  EXPECT_EQ(counts_.findings, counts_.mended + 1);
}

TEST_P(TableCheck, ANoteOfTheScanThatARaceExplainsIsNoFinding) {
  must(run(store_.get_or_init(user())));
  auto context = must(run(store_.fetch(user())));
  auto lying = *row(store::context_key("U1"));
  lying.attributes.set("ring", "00000000001795575900#gone\n");
  const auto true_row = *row(store::context_key("U1"));
  place(lying);
  // As if the scan had seen the context before a capture was settled, and the second look after it.
  table_->before_next_call([&] { place(true_row); }, 1);
  EXPECT_TRUE(check().empty());
}

TEST_P(TableCheck, NamesEveryCorruptItemAndGoesOn) {
  for (const auto& key :
       {store::context_key("U1"), store::session_key("U2"), store::card_key("fp1"),
        store::processed_key("t1"), store::claim_key("t2"), store::pending_key("U3", "5")}) {
    place(table::Item{key, {}});
  }
  const auto findings = check(true);
  EXPECT_EQ(findings.size(), 6u);
  for (const auto& finding : findings) EXPECT_EQ(finding.kind, Kind::CorruptItem) << finding.item;
  EXPECT_EQ(counts_.items, 6u);
}

TEST_P(TableCheck, SeesTheItemsOfManyUsers) {
  for (int i = 0; i < 150; ++i) {
    const auto name = "user" + std::to_string(i);
    place(store::card_row(
        {*Fingerprint::parse("fp" + std::to_string(i)), *UserId::parse(name), "1111", kStart - 100s}));
  }
  EXPECT_EQ(check(true).size(), 150u);
  EXPECT_EQ(counts_.mended, 150u);
  EXPECT_TRUE(check().empty());
}

}  // namespace
}  // namespace loopstate::testing
