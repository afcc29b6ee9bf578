#include "store/documents_fixture.hpp"

#include <fmt/format.h>

#include "store/upkeep/transfer.hpp"

namespace loopstate::testing {
namespace {

class DocumentCalls : public DocumentsTest {};
LOOPSTATE_STORE_SUITE(DocumentCalls);

TEST_P(DocumentCalls, APutDocumentIsReadBack) {
  NewDocument made;
  made.body = std::string("\0any\xFF bytes", 11);
  made.meta = JsonText::parse(R"({"role":"user"})").value();
  made.lifetime = seconds(60);
  const auto stored = must(run(documents_.put(user(), chat(), "k", made)));
  EXPECT_EQ(stored, (StoredDocument{"k", 1}));
  const auto read = must(get("k"));
  EXPECT_EQ(read.body, made.body);
  EXPECT_EQ(read.size, 11u);
  EXPECT_EQ(read.meta, made.meta);
  EXPECT_EQ(read.version, 1u);
  EXPECT_EQ(read.created_at, kStart);
  EXPECT_EQ(read.updated_at, kStart);
  EXPECT_EQ(read.expires_at, kStart + seconds(60));
  advance(seconds(60));
  EXPECT_ERROR(get("k"), NotFound);
}

TEST_P(DocumentCalls, AnEmptyBodyIsABody) {
  must(put("k", ""));
  EXPECT_EQ(must(get("k")).body, "");
}

TEST_P(DocumentCalls, WritingOverRaisesTheVersionAndKeepsTheTimeOfMaking) {
  must(put("k", "a"));
  advance(seconds(5));
  EXPECT_EQ(must(put("k", "b")).version, 2u);
  const auto read = must(get("k"));
  EXPECT_EQ(read.body, "b");
  EXPECT_EQ(read.created_at, kStart);
  EXPECT_EQ(read.updated_at, kStart + seconds(5));
}

TEST_P(DocumentCalls, AtAVersionOnlyOverThatOne) {
  EXPECT_ERROR(put("k", "a", DocumentOptions().at_version(1)), VersionConflict);
  must(put("k", "a", DocumentOptions().if_absent()));
  EXPECT_ERROR(put("k", "b", DocumentOptions().if_absent()), VersionConflict);
  EXPECT_EQ(must(put("k", "b", DocumentOptions().at_version(1))).version, 2u);
  EXPECT_ERROR(put("k", "c", DocumentOptions().at_version(1)), VersionConflict);
  EXPECT_EQ(must(get("k")).body, "b");
  EXPECT_ERROR(remove("k", DocumentOptions().at_version(1)), VersionConflict);
  EXPECT_TRUE(must(remove("k", DocumentOptions().at_version(2))));
}

TEST_P(DocumentCalls, NoVersionComesTwice) {
  must(put("k", "a"));
  must(put("k", "b"));
  EXPECT_TRUE(must(remove("k")));
  EXPECT_FALSE(must(remove("k")));
  EXPECT_EQ(must(put("k", "c")).version, 3u);
  must(drop());
  EXPECT_EQ(must(put("k", "d")).version, 4u) << "though its collection is another now";
  NewDocument ends;
  ends.lifetime = seconds(1);
  EXPECT_EQ(must(run(documents_.put(user(), chat(), "k", ends))).version, 5u);
  advance(seconds(1));
  EXPECT_EQ(must(put("k", "e", DocumentOptions().if_absent())).version, 6u)
      << "though the last one ended by itself";
}

TEST_P(DocumentCalls, AppendGivesConsecutiveNumbers) {
  EXPECT_EQ(must(append({"a", "b"})), (Numbers{1, 2}));
  EXPECT_EQ(must(append({"c"})), (Numbers{3, 3}));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(keys(), (std::vector<std::string>{document_key(1), document_key(2), document_key(3)}));
  EXPECT_EQ(document_number(document_key(3)), 3u);
}

TEST_P(DocumentCalls, AppendCostsOneRequestWarmAndTwoCold) {
  must(append({"a"}));
  table_->take_calls();
  must(append({"b"}));
  EXPECT_EQ(table_->take_calls(), 1u);
  auto another = another_process();
  must(run(another.append(user(), chat(), entries({"c"}))));
  EXPECT_EQ(table_->take_calls(), 2u);
}

TEST_P(DocumentCalls, TwoThatAppendAtOnceBothDo) {
  auto other = another_process();
  must(append({"a"}));
  must(run(other.append(user(), chat(), entries({"b"}))));
  must(append({"c", "d"}));
  must(run(other.append(user(), chat(), entries({"e"}))));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"a", "b", "c", "d", "e"}));
  std::vector<Task<Result<AppendedDocuments>>> tasks;
  for (int writer = 0; writer < 6; ++writer) {
    tasks.push_back(documents_.append(user(), chat(), entries({fmt::format("w{}", writer), "x"})));
  }
  for (auto& done : run_together(std::move(tasks))) must(std::move(done));
  EXPECT_EQ(bodies().size(), 17u);
}

TEST_P(DocumentCalls, AnAppendIsMadeHoweverOftenOthersComeFirst) {
  constexpr int kOthers = 24;
  must(append({"first"}));
  auto other = another_process();
  for (int at = 0; at < kOthers; ++at) {
    table_->before_next_call([&] { must(run(other.append(user(), chat(), entries({"other"})))); });
  }
  EXPECT_EQ(must(append({"last"})).first, kOthers + 2u);
  EXPECT_EQ(bodies().back(), "last");
}

TEST_P(DocumentCalls, ARepeatedAppendUnderARequestIdAppendsOnce) {
  const auto first = must(append({"a", "b"}, request("r1")));
  must(append({"c"}));
  EXPECT_EQ(must(append({"a", "b"}, request("r1"))), first);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_ERROR(append({"a"}, request("r1")), RequestIdReused);
}

TEST_P(DocumentCalls, ARepeatedPutOrRemovalUnderARequestIdIsDoneOnce) {
  must(put("k", "a", DocumentOptions(request("p"))));
  must(put("k", "b"));
  EXPECT_EQ(must(put("k", "a", DocumentOptions(request("p")))).version, 1u);
  EXPECT_EQ(must(get("k")).body, "b");
  EXPECT_TRUE(must(remove("k", DocumentOptions(request("d")))));
  must(put("k", "c"));
  EXPECT_TRUE(must(remove("k", DocumentOptions(request("d")))));
  EXPECT_EQ(must(get("k")).body, "c");
  EXPECT_FALSE(must(remove("none", DocumentOptions(request("n")))));
  must(put("none", "x"));
  EXPECT_FALSE(must(remove("none", DocumentOptions(request("n")))));
  EXPECT_EQ(must(get("none")).body, "x");
}

TEST_P(DocumentCalls, ARepeatedDropUnderARequestIdLeavesALaterCollectionAlone) {
  EXPECT_FALSE(must(drop(request("none"))));
  must(put("k", "a"));
  EXPECT_FALSE(must(drop(request("none"))));
  EXPECT_TRUE(must(drop(request("d"))));
  must(put("k", "b"));
  EXPECT_TRUE(must(drop(request("d"))));
  EXPECT_EQ(must(get("k")).body, "b");
}

TEST_P(DocumentCalls, KeepLastKeepsTheLast) {
  std::vector<std::string> all;
  for (int i = 1; i <= 90; ++i) all.push_back(fmt::format("{}", i));
  must(append(all));
  must(append(all));
  must(append(all));
  EXPECT_EQ(must(run(documents_.keep_last(user(), chat(), 3))), 267u);
  EXPECT_EQ(bodies(), (std::vector<std::string>{"88", "89", "90"}));
  EXPECT_EQ(must(run(documents_.keep_last(user(), chat(), 3))), 0u);
  EXPECT_EQ(must(append({"next"})), (Numbers{271, 271}));
}

TEST_P(DocumentCalls, CollectionsAreApart) {
  must(put("k", "a"));
  must(run(documents_.put(user(), chat("other"), "k", document("b"))));
  must(run(documents_.put(user("U2"), chat(), "k", document("c"))));
  // Names may hold what separates them in the key.
  must(run(documents_.put(user("A#1"), chat("B"), "k", document("d"))));
  must(run(documents_.put(user("A"), chat("1#B"), "k", document("e"))));
  EXPECT_EQ(must(get("k")).body, "a");
  EXPECT_EQ(must(run(documents_.get(user("A#1"), chat("B"), "k"))).body, "d");
  const auto all = must(run(documents_.collections_of(user())));
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].collection.text(), "chat");
  EXPECT_EQ(all[1].collection.text(), "other");
}

TEST_P(DocumentCalls, TheLongestNamesAndKeysFit) {
  const std::string name(200, 'n');
  const std::string key(400, 'k');
  const auto whose = UserId::parse(name).value();
  must(run(documents_.put(whose, chat(name), key, document(large_body()))));
  EXPECT_EQ(must(run(documents_.get(whose, chat(name), key))).body, large_body());
  EXPECT_EQ(must(run(documents_.list(whose, chat(name)))).documents.size(), 1u);
}

TEST_P(DocumentCalls, AnErasureRemovesEveryRowAndIsFinal) {
  must(run(store_.get_or_init(user())));
  must(append({large_body(), "b"}));
  must(run(documents_.put(user(), chat("other"), "k", document("c"))));
  must(run(store_.erase_user(user())));
  EXPECT_EQ(rows() + rows("other"), 0u);
  EXPECT_FALSE(row(store::collection_key("U1", "chat")));
  EXPECT_ERROR(append({"late"}), Erased) << "by one who still remembers the collection";
  EXPECT_ERROR(put("k", large_body()), Erased);
  EXPECT_EQ(rows(), 0u);
  EXPECT_TRUE(must(run(documents_.collections_of(user()))).empty());
}

TEST_P(DocumentCalls, AnErasureThatIsRepeatedUnderItsIdFinishesTheDocuments) {
  must(append({"a"}));
  must(run(store_.erase_user(user(), EraseOptions(request("e")))));
  must(run(store_.erase_user(user(), EraseOptions(request("e")))));
  EXPECT_EQ(rows(), 0u);
}

TEST_P(DocumentCalls, AUserWhoIsBroughtBackHasNewDocuments) {
  must(run(store_.get_or_init(user())));
  must(append({"a"}));
  must(run(store_.erase_user(user())));
  must(run(store_.get_or_init(user(), InitOptions().revive())));
  EXPECT_EQ(must(append({"b"})), (Numbers{1, 1}));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"b"}));
}

TEST_P(DocumentCalls, ADropThatWasCutOffIsFinishedByWhoeverWrites) {
  must(append({"a", "b"}));
  auto stored = *row(store::collection_key("U1", "chat"));
  stored.attributes.set("state", "emptying");
  place(stored);
  EXPECT_TRUE(bodies().empty()) << "empty from the first moment on";
  EXPECT_ERROR(get(document_key(1)), NotFound);
  EXPECT_EQ(must(append({"c"})), (Numbers{1, 1}));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"c"}));
}

TEST_P(DocumentCalls, TheCostOfAnAppendDoesNotGrowWithTheCollection) {
  const std::vector<std::string> turn(90, std::string(1000, 't'));
  must(append(turn));
  table_->take_calls();
  for (int round = 0; round < 10; ++round) must(append(turn));
  EXPECT_EQ(table_->take_calls(), 10u);
  auto another = another_process();
  must(run(another.append(user(), chat(), entries({"c"}))));
  EXPECT_EQ(table_->take_calls(), 2u);
}

TEST_P(DocumentCalls, RequestsOfTheOtherCalls) {
  must(put("k", "a", DocumentOptions().if_absent()));
  table_->take_calls();
  must(put("l", "a", DocumentOptions().if_absent()));
  EXPECT_EQ(table_->take_calls(), 1u) << "of a document that is not there";
  must(put("k", "b"));
  EXPECT_THAT(table_->take_calls(), after_reading(2));
  must(get("k"));
  EXPECT_EQ(table_->take_calls(), 1u);
  list();
  EXPECT_EQ(table_->take_calls(), 2u);
  must(remove("k"));
  EXPECT_THAT(table_->take_calls(), after_reading(2));
  must(append({"c"}));
  EXPECT_EQ(table_->take_calls(), 1u) << "what the other writes learnt of the collection is remembered";
  must(run(documents_.collections_of(user())));
  EXPECT_EQ(table_->take_calls(), 1u);
}

TEST_P(DocumentCalls, AnEntryThatEndsTakesItsNumberAlong) {
  auto turn = entries({"a", "b"});
  turn[0].lifetime = seconds(10);
  must(run(documents_.append(user(), chat(), turn)));
  must(append({"c"}));
  advance(seconds(10));
  EXPECT_EQ(bodies(), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(must(append({"d"})), (Numbers{4, 4}));
}

TEST_P(DocumentCalls, ALargeBodyThatEndsTakesItsPartsAlong) {
  NewDocument made;
  made.body = large_body();
  made.lifetime = seconds(10);
  must(run(documents_.put(user(), chat(), "k", made)));
  advance(seconds(9));
  EXPECT_TRUE(must(get("k")).body == large_body());
  advance(seconds(1));
  EXPECT_ERROR(get("k"), NotFound);
  advance(std::chrono::days(1));
  EXPECT_EQ(rows(), 0u);
}

TEST_P(DocumentCalls, KeepLastOfNoneRemovesAll) {
  must(append({"a", large_body()}));
  must(put("k", "b"));
  EXPECT_EQ(must(run(documents_.keep_last(user(), chat(), 0))), 3u);
  EXPECT_EQ(rows(), 0u);
  EXPECT_EQ(must(append({"c"})), (Numbers{3, 3}));
}

TEST_P(DocumentCalls, BlockingCallsDoTheSame) {
  BlockingDocuments blocking(store_);
  EXPECT_EQ(must(blocking.put(user(), chat(), "k", {.body = "a"})).version, 1u);
  EXPECT_EQ(must(blocking.append(user(), chat(), {{.body = "b"}})), (Numbers{1, 1}));
  EXPECT_EQ(must(blocking.get(user(), chat(), "k")).body, "a");
  EXPECT_EQ(must(blocking.list(user(), chat())).documents.size(), 2u);
  EXPECT_TRUE(must(blocking.remove(user(), chat(), "k")));
  EXPECT_EQ(must(blocking.keep_last(user(), chat(), 1)), 0u);
  EXPECT_EQ(must(blocking.collections_of(user())).at(0).appended, 1u);
  EXPECT_TRUE(must(blocking.drop(user(), chat())));
}

TEST_P(DocumentCalls, ACallOutlivesItsObject) {
  auto putting = Documents(store_).append(user(), chat(), entries({"a"}));
  must(run(std::move(putting)));
  auto listing = Documents(store_).list(user(), chat());
  EXPECT_EQ(must(run(std::move(listing))).documents.size(), 1u);
}

TEST_P(DocumentCalls, ATransferBringsThemOver) {
  must(append({"a", large_body()}));
  must(put("k", "b"));
  auto to = GetParam().make(runner_.executor());
  store::CopyState state;
  must(run(store::copy_items(table_, to, {}, clock_, state,
                             [](const store::CopyState&) { return Result<void>(); })));
  Documents there(store::store_over(to, {}, clock_));
  const auto all = must(run(there.list(user(), chat())));
  ASSERT_EQ(all.documents.size(), 3u);
  EXPECT_TRUE(all.documents[1].body == large_body());
  EXPECT_EQ(must(run(there.append(user(), chat(), entries({"c"})))), (Numbers{3, 3}));
}

TEST_P(DocumentCalls, BadInputIsRefused) {
  EXPECT_ERROR(put("", "a"), InvalidArgument);
  EXPECT_ERROR(put(std::string(401, 'k'), "a"), InvalidArgument);
  EXPECT_ERROR(put("\xFF", "a"), InvalidArgument);
  EXPECT_ERROR(put(std::string("a\0b", 3), "a"), InvalidArgument);
  EXPECT_ERROR(put(document_key(7), "a"), InvalidArgument);
  EXPECT_ERROR(put("k", std::string(kMaxDocumentBytes + 1, 'x')), ItemTooLarge);
  EXPECT_ERROR(append({}), InvalidArgument);
  EXPECT_ERROR(append(std::vector<std::string>(91, "a")), InvalidArgument);
  const auto listing = [&](DocumentListOptions options) {
    return run(documents_.list(user(), chat(), std::move(options)));
  };
  EXPECT_ERROR(listing(DocumentListOptions().limit(0)), InvalidArgument);
  EXPECT_ERROR(listing(DocumentListOptions().limit(1001)), InvalidArgument);
  EXPECT_ERROR(listing(DocumentListOptions().prefix("a").from("b")), InvalidArgument);
  EXPECT_ERROR(listing(DocumentListOptions().from("b").to("a")), InvalidArgument);
  EXPECT_ERROR(listing(DocumentListOptions().to("b").after("c")), InvalidArgument);
  EXPECT_ERROR(listing(DocumentListOptions().prefix(std::string(401, 'k'))), InvalidArgument);
  EXPECT_ERROR(append({std::string(kMaxDocumentBytes / 2, 'x'), std::string(kMaxDocumentBytes / 2 + 1, 'x')}),
               ItemTooLarge);
  EXPECT_ERROR(run(documents_.keep_last(user(), chat(), 1, request("k"))), InvalidArgument);
  EXPECT_ERROR(run(documents_.get(UserId(), chat(), "k")), InvalidArgument);
  EXPECT_ERROR(run(documents_.put(user(), CollectionId(), "k", document("a"))), InvalidArgument);
  NewDocument ends;
  ends.lifetime = seconds(0);
  EXPECT_ERROR(run(documents_.put(user(), chat(), "k", ends)), InvalidArgument);
  NewDocument meta;
  meta.meta = JsonText::parse(fmt::format("\"{}\"", std::string(kMaxDocumentMetaBytes, 'm'))).value();
  EXPECT_ERROR(run(documents_.put(user(), chat(), "k", meta)), ItemTooLarge);
}

}  // namespace
}  // namespace loopstate::testing
