// A user with documents is erased, the erasure is cut off anywhere, and the user is brought back.
#include <fmt/format.h>

#include "store/documents_fixture.hpp"
#include "store/rows/attributes.hpp"

namespace loopstate::testing {
namespace {

class DocumentsErase : public DocumentsTest {
 protected:
  /// More than one transaction of an erasure takes.
  static constexpr int kMany = 60;

  /// Beyond the first calls, each collection's are like those of the one before.
  static std::size_t next_place(std::size_t calls, std::size_t step) {
    if (GetParam().is_server) return calls + (calls < 8 ? 3 : 6 * step);
    return calls + (calls < 10 ? 1 : step);
  }

  static std::string name_of(int number) { return fmt::format("c{:02}", number); }

  /// A context, captures and many collections, each with a document.
  void make_user() {
    must(run(store_.get_or_init(user())));
    must(run(store_.link(card(), user(), "4242")));
    std::vector<table::Item> rows;
    for (int number = 0; number < kMany; ++number) {
      store::CollectionRow row;
      row.generation = fmt::format("g{}", number);
      row.created_at = now();
      rows.push_back(store::collection_row("U1", name_of(number), row));
      store::DocumentRow content;
      content.document.key = "k";
      content.document.version = 1;
      rows.push_back(store::document_row({"U1", name_of(number)}, content));
      if (rows.size() < 20) continue;
      must(run(engine_->batch_put(std::exchange(rows, {}), {now()})));
    }
  }
  bool erase_is_cut_off_after(std::size_t calls) {
    table_->go_away_after(calls);
    const bool done = run(store_.erase_user(user(), request("e"))).has_value();
    table_->come_back();
    documents_ = another_process();
    store_ = documents_.store();
    return !done;
  }
  bool is_erased() {
    const auto context = run(store_.fetch(user()));
    return !context && context.error().code == ErrorCode::Erased;
  }
  Result<Context> bring_back() { return run(store_.get_or_init(user(), InitOptions().revive())); }
  std::size_t all_rows() {
    table::Scan scan;
    std::size_t count = 0;
    do {
      auto page = must(run(engine_->scan(scan, {now()})));
      for (const auto& item : page.items) {
        if (item.key.pk.starts_with(store::kRequestPrefix)) continue;
        const auto* owner = item.string(store::attribute::kUserPubkey);
        if (item.key.pk == store::user_partition("U1") || (owner != nullptr && *owner == "U1")) ++count;
      }
      scan.cursor = std::move(page.next);
    } while (scan.cursor);
    return count;
  }
};
LOOPSTATE_STORE_SUITE(DocumentsErase);

TEST_P(DocumentsErase, WhoComesBackAfterAnErasureThatWasCutOffAnywhereHasNothing) {
  bool was_cut_off = true;
  for (std::size_t calls = 0; was_cut_off; calls = next_place(calls, 7)) {
    begin_anew();
    make_user();
    was_cut_off = erase_is_cut_off_after(calls);
    if (!is_erased()) continue;
    must(bring_back());
    EXPECT_TRUE(must(run(documents_.collections_of(user()))).empty()) << calls;
    EXPECT_TRUE(must(run(store_.cards_of(user()))).empty()) << calls;
    EXPECT_ERROR(run(store_.lookup(card())), NotFound) << calls;
    for (int number = 0; number < kMany; ++number) {
      EXPECT_EQ(rows(name_of(number)), 0u) << calls << ", " << number;
    }
    const auto back = must(run(store_.fetch(user())));
    must(run(documents_.put(user(), chat(name_of(kMany - 1)), "k", document("new"))));
    must(run(store_.erase_user(user(), request("e"))));
    EXPECT_EQ(must(run(store_.fetch(user()))).version, back.version) << "the call's work has been done";
    EXPECT_EQ(must(run(documents_.get(user(), chat(name_of(kMany - 1)), "k"))).body, "new") << calls;
    must(run(store_.erase_user(user())));
    EXPECT_EQ(all_rows(), 1u) << calls << ": the tombstone";
  }
}

TEST_P(DocumentsErase, BringingBackThatIsCutOffAnywhereLeavesTheUserErasedOrBack) {
  bool was_cut_off = true;
  for (std::size_t calls = 0; was_cut_off; calls = next_place(calls, 11)) {
    begin_anew();
    make_user();
    ASSERT_TRUE(erase_is_cut_off_after(4));
    ASSERT_TRUE(is_erased());
    table_->go_away_after(calls);
    was_cut_off = !bring_back();
    table_->come_back();
    documents_ = another_process();
    store_ = documents_.store();
    if (is_erased()) must(bring_back());
    EXPECT_TRUE(must(run(documents_.collections_of(user()))).empty()) << calls;
    for (int number = 0; number < kMany; ++number) EXPECT_EQ(rows(name_of(number)), 0u) << calls;
  }
}

TEST_P(DocumentsErase, CollectionsThatAreClosedLaterTakeWritesUntilThenWhichGoWithThem) {
  make_user();
  const auto write_to = [this](const CollectionId& collection) {
    return run(documents_.put(user(), collection, "late", document(large_body())));
  };
  for (const auto number : {0, kMany - 1}) must(write_to(chat(name_of(number))));
  table_->before_next_call(
      [&] {
        EXPECT_TRUE(is_erased());
        EXPECT_ERROR(write_to(chat(name_of(0))), Erased);
        EXPECT_ERROR(write_to(chat("new")), Erased);
        must(write_to(chat(name_of(kMany - 1))));
      },
      2);
  must(run(store_.erase_user(user())));
  EXPECT_ERROR(write_to(chat(name_of(kMany - 1))), Erased);
  EXPECT_TRUE(must(run(documents_.collections_of(user()))).empty());
  EXPECT_EQ(all_rows(), 1u) << "the tombstone";
}

TEST_P(DocumentsErase, VersionsBeginAnewOnlyAfterAnErasureAndThirtyDaysAfterADrop) {
  must(run(store_.get_or_init(user())));
  for (int i = 0; i < 3; ++i) must(put("k", "a"));
  must(remove("k"));
  EXPECT_EQ(must(put("k", "a")).version, 4u);
  must(drop());
  advance(std::chrono::days(30) - seconds(1));
  EXPECT_EQ(must(put("k", "a")).version, 5u);
  must(drop());
  advance(std::chrono::days(30));
  EXPECT_EQ(must(put("k", "a")).version, 1u);
  must(put("k", "a"));
  must(run(store_.erase_user(user())));
  must(bring_back());
  EXPECT_EQ(must(put("k", "a")).version, 1u);
}

TEST_P(DocumentsErase, BringingBackErasesNobodyWhoIsBackAlready) {
  for (std::size_t calls = 0;; calls = next_place(calls, 1)) {
    begin_anew();
    make_user();
    ASSERT_TRUE(erase_is_cut_off_after(4));
    bool came_between = false;
    table_->before_next_call(
        [&] {
          came_between = true;
          must(bring_back());
          must(run(store_.remember(user(), "there", *JsonText::parse("1"))));
          must(put("k", "new"));
        },
        calls);
    must(bring_back());
    if (!came_between || calls > 20) break;
    EXPECT_EQ(must(run(store_.recall(user(), "there"))).text(), "1") << calls;
    EXPECT_EQ(must(get("k")).body, "new") << calls;
  }
}

}  // namespace
}  // namespace loopstate::testing
