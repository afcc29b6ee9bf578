// Documents leave one store as lines of text and come into another: nothing of them is lost, and what the
// rules know of them (numbers, versions, request ids, erasures) holds there too.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <functional>

#include "store/documents_fixture.hpp"
#include "store/upkeep/check.hpp"
#include "store/upkeep/item_json.hpp"
#include "store/upkeep/item_lines.hpp"
#include "store/upkeep/transfer.hpp"

namespace loopstate::testing {
namespace {

using std::chrono::days;
using std::chrono::hours;
using Kind = store::CheckFinding::Kind;
using Kinds = std::vector<Kind>;

class DocumentsTransfer : public DocumentsTest {
 protected:
  /// `lost`: for each row that cannot be read.
  std::string exported(std::function<void(const Error& error)> lost = {}) {
    std::string lines;
    store::TransferOptions options;
    options.lost = std::move(lost);
    must(run(store::export_items(
        table_,
        [&](const table::Item& item) {
          lines += store::item_to_json(item) + "\n";
          return Result<void>{};
        },
        options, clock_, [](const store::TransferCounts&) { return Result<void>{}; })));
    return lines;
  }
  store::TransferCounts import(std::string lines, bool replace = false) {
    store::ItemLines items([&] { return Result<std::string>(std::exchange(lines, {})); });
    store::TransferOptions options;
    options.replace = replace;
    store::TransferCounts counts;
    must(run(store::import_items(
        table_, [&] { return items.next(); }, options, clock_, counts,
        [](const store::TransferCounts&) { return Result<void>{}; })));
    return counts;
  }
  void export_and_import() {
    auto lines = exported();
    begin_anew();
    import(std::move(lines));
  }
  Kinds check(bool repair = false) {
    Kinds kinds;
    store::CheckOptions options;
    options.repair = repair;
    must(run(store::check_table(
        store_, options, clock_, [&](const store::CheckFinding& finding) { kinds.push_back(finding.kind); },
        [](const store::CheckCounts&) {})));
    return kinds;
  }

  /// All documents of a user, as a program sees them.
  std::vector<Document> all_documents(const UserId& whose) {
    std::vector<Document> all;
    for (const auto& info : must(run(documents_.collections_of(whose)))) {
      std::optional<std::string> after;
      do {
        auto page = must(run(documents_.list(whose, info.collection, DocumentListOptions().after(after))));
        std::ranges::move(page.documents, std::back_inserter(all));
        after = std::move(page.next);
      } while (after);
    }
    return all;
  }
  std::vector<std::string> all_collections(const UserId& whose) {
    std::vector<std::string> all;
    for (const auto& info : must(run(documents_.collections_of(whose)))) {
      all.push_back(fmt::format("{} {} {}", info.collection.text(), info.appended,
                                info.created_at.time_since_epoch().count()));
    }
    return all;
  }

  const UserId long_name_ = user(std::string(200, 'n'));
  const UserId odd_name_ = user("A#1");

  /// Bodies in rows and in parts, of every kind that a program can make.
  void fill() {
    auto turns = entries({"hello", large_body(), ""});
    turns[0].meta = JsonText::parse(R"({"role":"user","n":12345678901234567890123})").value();
    turns[1].meta = JsonText::parse(R"("a body in parts")").value();
    turns[2].lifetime = days(30);
    must(run(documents_.append(user(), chat(), turns)));
    advance(seconds(7));
    must(append({large_body(5u << 20), std::string("\0any\xFF bytes\n", 12)}));
    must(remove(document_key(1)));
    must(put("k\"\n\xC3\xA9", large_body()));
    advance(seconds(7));
    must(put("k\"\n\xC3\xA9", large_body(store::kMaxRowBodyBytes + 1)));
    NewDocument ends = document(large_body());
    ends.lifetime = days(30);
    must(run(documents_.put(user(), chat("files"), "ends", ends)));
    must(run(documents_.put(user(), chat("B#"), "full", document(large_body(store::kMaxRowBodyBytes)))));
    must(run(documents_.append(long_name_, chat(std::string(200, 'c')), entries({large_body(), "b"}))));
    must(run(documents_.put(long_name_, chat(std::string(200, 'c')), std::string(400, 'k'), document("x"))));
    must(run(documents_.put(odd_name_, chat("1#B"), "k", document(large_body()))));
  }
};
LOOPSTATE_STORE_SUITE(DocumentsTransfer);

TEST_P(DocumentsTransfer, EveryDocumentIsTheSameInTheStoreThatImportsIt) {
  fill();
  const std::vector<UserId> users = {user(), long_name_, odd_name_};
  std::vector<std::vector<Document>> before;
  std::vector<std::vector<std::string>> collections;
  for (const auto& whose : users) {
    before.push_back(all_documents(whose));
    collections.push_back(all_collections(whose));
  }
  ASSERT_EQ(before[0].size(), 7u);
  ASSERT_EQ(before[1].size(), 3u);
  export_and_import();
  for (std::size_t i = 0; i < users.size(); ++i) {
    EXPECT_TRUE(all_documents(users[i]) == before[i]) << users[i].text();
    EXPECT_EQ(all_collections(users[i]), collections[i]);
  }
  advance(hours(48));
  EXPECT_EQ(check(), Kinds());
}

TEST_P(DocumentsTransfer, ACopyIsTheSameToo) {
  fill();
  const auto before = all_documents(user());
  const auto from = table_;
  begin_anew();
  store::CopyState state;
  must(run(store::copy_items(from, table_, {}, clock_, state,
                             [](const store::CopyState&) { return Result<void>{}; })));
  EXPECT_TRUE(all_documents(user()) == before);
  EXPECT_EQ(check(), Kinds());
}

TEST_P(DocumentsTransfer, NumbersAndVersionsContinueAfterAnImport) {
  must(append({"a", large_body(), "c"}));
  must(remove(document_key(3)));
  must(put("k", "1"));
  must(put("k", "2"));
  must(put("gone", "1"));
  must(put("gone", "2"));
  must(remove("gone"));
  must(run(documents_.put(user(), chat("dropped"), "k", document(large_body()))));
  must(run(documents_.put(user(), chat("dropped"), "k", document(large_body()))));
  must(run(documents_.drop(user(), chat("dropped"))));
  const auto version = must(get("k")).version;
  export_and_import();
  EXPECT_EQ(must(append({"d", large_body()})), (Numbers{4, 5}));
  EXPECT_ERROR(put("k", "3", DocumentOptions().at_version(version - 1)), VersionConflict);
  EXPECT_EQ(must(put("k", "3", DocumentOptions().at_version(version))).version, version + 1);
  EXPECT_GT(must(put("gone", "3")).version, 2u);
  EXPECT_EQ(must(run(documents_.put(user(), chat("dropped"), "k", document("3")))).version, 3u);
}

TEST_P(DocumentsTransfer, ARequestIdFromBeforeTheExportIsToldApartAfterTheImport) {
  const auto appended = must(append({"a", large_body()}, request("a")));
  const auto stored = must(put("k", large_body(), request("p")));
  must(put("r", large_body()));
  must(remove("r", request("r")));
  must(run(documents_.put(user(), chat("other"), "k", document("x"))));
  must(run(documents_.drop(user(), chat("other"), request("d"))));
  export_and_import();
  must(put("k", "newer"));
  must(put("r", "newer"));
  must(run(documents_.put(user(), chat("other"), "k", document("newer"))));
  EXPECT_EQ(must(append({"a", large_body()}, request("a"))), appended);
  EXPECT_EQ(must(put("k", large_body(), request("p"))), stored);
  EXPECT_TRUE(must(remove("r", request("r"))));
  EXPECT_TRUE(must(run(documents_.drop(user(), chat("other"), request("d")))));
  EXPECT_EQ(bodies(DocumentListOptions().from("k")), (std::vector<std::string>{"newer", "newer"}));
  EXPECT_EQ(must(run(documents_.get(user(), chat("other"), "k"))).body, "newer");
  EXPECT_EQ(list().documents.size(), 4u);
  EXPECT_ERROR(append({"b"}, request("a")), RequestIdReused);
  EXPECT_ERROR(put("k", "b", request("p")), RequestIdReused);
}

TEST_P(DocumentsTransfer, LifetimesGoOnAndWhatHasEndedStaysBehind) {
  auto turns = entries({large_body(), large_body(), "c"});
  turns[0].lifetime = days(10);
  turns[1].lifetime = days(20);
  must(run(documents_.append(user(), chat(), turns)));
  advance(days(10) + hours(1));
  EXPECT_EQ(check(), Kinds()) << "parts outlast their document by a day";
  export_and_import();
  EXPECT_EQ(bodies(), (std::vector<std::string>{large_body(), "c"}));
  EXPECT_EQ(list().documents[0].expires_at, kStart + days(20));
  EXPECT_EQ(check(), Kinds());
  advance(days(1));
  EXPECT_EQ(rows(), 2u + 3u);
  EXPECT_EQ(check(), Kinds());
  advance(days(9));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"c"}));
}

TEST_P(DocumentsTransfer, AnErasureIsFinalInTheStoreThatImportsIt) {
  must(run(store_.get_or_init(user())));
  must(append({"a", large_body()}));
  must(run(store_.erase_user(user())));
  export_and_import();
  EXPECT_TRUE(all_documents(user()).empty());
  EXPECT_ERROR(append({"late"}), Erased);
  EXPECT_ERROR(put("k", large_body()), Erased);
  EXPECT_EQ(rows(), 0u);
  EXPECT_EQ(check(), Kinds());
  must(run(store_.get_or_init(user(), InitOptions().revive())));
  EXPECT_EQ(must(append({"b"})), (Numbers{1, 1}));
}

TEST_P(DocumentsTransfer, AnErasureAndADropThatWereCutOffAreFinishedInTheStoreThatImportsThem) {
  must(run(store_.get_or_init(user())));
  must(append({"a", large_body()}));
  must(run(documents_.put(user("U2"), chat(), "k", document(large_body()))));
  table_->go_away_after(2);
  EXPECT_FALSE(run(store_.erase_user(user())));
  table_->come_back();
  table_->go_away_after(2);
  EXPECT_FALSE(run(documents_.drop(user("U2"), chat())));
  table_->come_back();
  ASSERT_GT(rows(), 0u);
  export_and_import();
  EXPECT_TRUE(all_documents(user()).empty());
  EXPECT_TRUE(all_documents(user("U2")).empty());
  EXPECT_ERROR(append({"late"}), Erased);
  EXPECT_THAT(check(true), ::testing::UnorderedElementsAre(Kind::ErasureUnfinished, Kind::DropUnfinished));
  EXPECT_EQ(check(), Kinds());
  EXPECT_EQ(rows(), 0u);
}

TEST_P(DocumentsTransfer, ACollectionThatGotDocumentsOfAnotherMomentAppendsBehindThem) {
  must(append({"a", "b", large_body()}));
  const auto lines = exported();
  begin_anew();
  must(append({"mine"}));
  EXPECT_GT(import(lines).kept, 0u);
  const auto refused = append({"next"});
  EXPECT_ERROR(refused, CorruptItem);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("check --repair"));
  EXPECT_EQ(check(), Kinds{Kind::CollectionBehind});
  EXPECT_EQ(check(true), Kinds{Kind::CollectionBehind});
  EXPECT_EQ(check(), Kinds());
  EXPECT_EQ(must(append({"next"})), (Numbers{4, 4}));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"mine", "b", large_body(), "next"}));
}

TEST_P(DocumentsTransfer, WhatAnImportBringsBackOfAnErasedUserGoesWithARepair) {
  must(run(store_.get_or_init(user())));
  must(append({"a", large_body()}));
  const auto lines = exported();
  must(run(store_.erase_user(user())));
  EXPECT_EQ(import(lines).kept, 1u) << "the tombstone";
  EXPECT_THAT(check(true), ::testing::Contains(Kind::ErasureUnfinished));
  EXPECT_EQ(check(), Kinds());
  EXPECT_TRUE(all_documents(user()).empty());
  EXPECT_EQ(rows(), 0u);
}

TEST_P(DocumentsTransfer, PartsOfADocumentThatAnImportDidNotReplaceGoWithARepair) {
  must(put("k", large_body()));
  const auto lines = exported();
  begin_anew();
  must(put("k", "mine"));
  advance(hours(25));
  import(lines);
  EXPECT_EQ(check(true), Kinds{Kind::OrphanParts});
  EXPECT_EQ(check(), Kinds());
  EXPECT_EQ(must(get("k")).body, "mine");
  EXPECT_EQ(rows(), 1u);
}

TEST_P(DocumentsTransfer, WhatAnExportCouldNotReadIsNamedThereToo) {
  must(append({"a", large_body(), "c"}));
  must(put("lacks a part", large_body()));
  must(put("lost", large_body()));
  const auto parts = row(store::document_row_key({"U1", "chat"}, "lacks a part"));
  table_->damage(store::part_key({"U1", "chat"}, *parts->string("parts_id"), 1));
  table_->damage(store::document_row_key({"U1", "chat"}, "lost"));
  int lost = 0;
  auto lines = exported([&](const Error& error) {
    EXPECT_EQ(error.code, ErrorCode::CorruptItem);
    ++lost;
  });
  EXPECT_EQ(lost, 2);
  begin_anew();
  import(std::move(lines));
  advance(hours(25));
  EXPECT_EQ(bodies(DocumentListOptions().to(document_key(3))),
            (std::vector<std::string>{"a", large_body(), "c"}));
  EXPECT_ERROR(get("lacks a part"), CorruptItem);
  EXPECT_ERROR(get("lost"), NotFound);
  EXPECT_THAT(check(true), ::testing::UnorderedElementsAre(Kind::CorruptItem, Kind::OrphanParts));
  EXPECT_EQ(must(put("lacks a part", "whole again")).version, 2u);
  EXPECT_EQ(check(), Kinds());
  EXPECT_EQ(rows(), 4u + 3u);
}

TEST_P(DocumentsTransfer, AnImportThatIsRepeatedAfterItWasCutOffAnywhereIsComplete) {
  must(append({"a", large_body(), "c"}));
  must(put("k", large_body()));
  const auto before = all_documents(user());
  const auto lines = exported();
  int line = 0;
  for (std::size_t at = lines.find('\n'); at + 1 < lines.size(); at = lines.find('\n', at + 1)) {
    if (++line % (GetParam().is_server ? 4 : 1) != 0) continue;
    begin_anew();
    import(lines.substr(0, at + 1));
    import(lines);
    EXPECT_TRUE(all_documents(user()) == before);
    EXPECT_EQ(must(append({"d"})), (Numbers{4, 4}));
  }
}

}  // namespace
}  // namespace loopstate::testing
