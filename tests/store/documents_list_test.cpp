// Lists of documents: their order, their bounds, their pages.
#include <fmt/format.h>

#include <algorithm>

#include "store/documents_fixture.hpp"

namespace loopstate::testing {
namespace {

class DocumentLists : public DocumentsTest {};
LOOPSTATE_STORE_SUITE(DocumentLists);

TEST_P(DocumentLists, AListIsInTheOrderOfBytesAndKeepsItsBounds) {
  for (const auto* key : {"b/2", "a", "b/1", "b", "c", "b/\xC3\xA9"}) must(put(key, key));
  EXPECT_EQ(keys(), (std::vector<std::string>{"a", "b", "b/1", "b/2", "b/\xC3\xA9", "c"}));
  EXPECT_EQ(keys(DocumentListOptions().prefix("b/")), (std::vector<std::string>{"b/1", "b/2", "b/\xC3\xA9"}));
  EXPECT_EQ(keys(DocumentListOptions().from("b").to("b/2")), (std::vector<std::string>{"b", "b/1", "b/2"}));
  EXPECT_EQ(keys(DocumentListOptions().descending().limit(2)), (std::vector<std::string>{"c", "b/\xC3\xA9"}));
}

TEST_P(DocumentLists, PagesShowEveryDocumentOnce) {
  std::vector<std::string> all;
  for (int i = 1; i <= 25; ++i) all.push_back(fmt::format("body {}", i));
  must(append(all));
  for (const bool descending : {false, true}) {
    for (const std::size_t limit : {1u, 7u, 25u, 26u}) {
      std::vector<std::string> seen;
      std::optional<std::string> after;
      do {
        auto page = list(DocumentListOptions().limit(limit).descending(descending).after(after));
        EXPECT_LE(page.documents.size(), limit);
        for (auto& one : page.documents) seen.push_back(one.body);
        after = std::move(page.next);
      } while (after);
      if (descending) std::ranges::reverse(seen);
      EXPECT_EQ(seen, all) << limit;
    }
  }
}

TEST_P(DocumentLists, APageHoldsAtMostSoManyBytesButAlwaysOneDocument) {
  must(append({std::string(100, 'a'), std::string(100, 'b'), std::string(100, 'c')}));
  EXPECT_EQ(list(DocumentListOptions().max_bytes(250)).documents.size(), 2u);
  EXPECT_EQ(list(DocumentListOptions().max_bytes(1)).documents.size(), 1u);
  const auto page = list(DocumentListOptions().max_bytes(1).without_bodies());
  ASSERT_EQ(page.documents.size(), 3u);
  EXPECT_EQ(page.documents[0].body, "");
  EXPECT_EQ(page.documents[0].size, 100u);
}

TEST_P(DocumentLists, NoPageShowsWhatTheListWasNotAskedFor) {
  for (const auto* key : {"a", "ab", "b1", "b2", "b3", "c"}) must(put(key, key));
  const auto list_of = [this](DocumentListOptions options) {
    return run(documents_.list(user(), chat(), std::move(options)));
  };
  for (const bool descending : {false, true}) {
    const auto options = [&] { return DocumentListOptions().descending(descending); };
    EXPECT_ERROR(list_of(options().prefix("b").after("a")), InvalidArgument);
    EXPECT_ERROR(list_of(options().prefix("b").after("c")), InvalidArgument);
    EXPECT_ERROR(list_of(options().from("b2").after("b1")), InvalidArgument);
    EXPECT_ERROR(list_of(options().to("b2").after("b3")), InvalidArgument);
    EXPECT_EQ(keys(options().from("b1").to("b3").after("b2")),
              std::vector<std::string>{descending ? "b1" : "b3"});
    EXPECT_EQ(keys(options().from("b1").to("b3").after(descending ? "b1" : "b3")),
              std::vector<std::string>());
  }
}

TEST_P(DocumentLists, AKeyMayBeAnyText) {
  std::vector<std::string> all = {"#",    "##", "D#",  "P#",       "\x01",         "\x7F",
                                  " ",    "\n", "%00", "\xC3\xA9", "\xEF\xBF\xBF", "\xF0\x9F\x98\x80",
                                  "a/#b", "\"", "\\"};
  all.push_back(std::string(400, '#'));
  all.emplace_back();
  while (all.back().size() < 400) all.back() += "\xF4\x8F\xBF\xBF";
  for (const auto& key : all) must(put(key, key));
  std::ranges::sort(all);
  EXPECT_EQ(keys(), all);
  for (const auto& key : all) {
    EXPECT_EQ(must(get(key)).body, key);
    std::vector<std::string> beginning;
    std::ranges::copy_if(all, std::back_inserter(beginning),
                         [&](const std::string& other) { return other.starts_with(key); });
    EXPECT_EQ(keys(DocumentListOptions().prefix(key)), beginning);
  }
  EXPECT_EQ(must(run(documents_.keep_last(user(), chat(), 1))), all.size() - 1);
  EXPECT_EQ(keys(), std::vector<std::string>{all.back()});
}

}  // namespace
}  // namespace loopstate::testing
