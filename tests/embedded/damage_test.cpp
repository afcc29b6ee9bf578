// Records whose bytes are not an item's: a call for the whole is refused by name, a call that looks for
// damage is told where it is and gets everything else.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "embedded/fixture.hpp"
#include "embedded/raw_record.hpp"

namespace loopstate::embedded {
namespace {

using testing::HasSubstr;
using Keys = std::vector<std::string>;

/// Pages put together.
struct Walked {
  Keys sound, damaged;
  /// Both, in page order.
  Keys all;
  std::size_t pages = 0;
  std::size_t most_on_a_page = 0;
};

void add(Walked& out, const table::Page& page) {
  ++out.pages;
  out.most_on_a_page = std::max(out.most_on_a_page, page.items.size() + page.damaged.size());
  auto damaged = page.damaged.begin();
  for (std::size_t i = 0; i <= page.items.size(); ++i) {
    for (; damaged != page.damaged.end() && damaged->before == i; ++damaged) {
      EXPECT_EQ(damaged->error.code, ErrorCode::CorruptItem);
      out.damaged.push_back(damaged->key.pk + "/" + damaged->key.sk);
      out.all.push_back(out.damaged.back());
    }
    if (i == page.items.size()) break;
    out.sound.push_back(page.items[i].key.pk + "/" + page.items[i].key.sk);
    out.all.push_back(out.sound.back());
  }
  EXPECT_EQ(damaged, page.damaged.end()) << "it comes before no place of the page";
}

class Damage : public testing::Test {
 protected:
  /// p/a p/b p/c q/a q/b, of which p/b and q/a are damaged.
  void SetUp() override {
    {
      Opened store(folder_.file());
      for (const char* sk : {"a", "b", "c"}) value_or_fail(store.put(item_of("p", sk)));
      for (const char* sk : {"a", "b"}) value_or_fail(store.put(item_of("q", sk)));
    }
    put_raw(folder_.file(), raw_key("p", "b"));
    put_raw(folder_.file(), raw_key("q", "a"));
  }

  Walked scan_past(std::size_t limit = 0) {
    Opened store(folder_.file());
    Walked out;
    table::Scan scan;
    scan.limit = limit;
    scan.past_damage = true;
    do {
      auto page = value_or_fail(store.scan(scan));
      add(out, page);
      scan.cursor = page.next;
    } while (scan.cursor && out.pages < 5000);
    return out;
  }

  const Folder folder_;
};

TEST_F(Damage, AScanThatWasNotAskedToGoPastItNamesTheFirstAndGivesNothing) {
  Opened store(folder_.file());
  const auto page = store.scan();
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::CorruptItem);
  EXPECT_THAT(page.error().message, HasSubstr("p / b"));
}

TEST_F(Damage, AQueryThatWasNotAskedToGoPastItNamesItAndGivesNothing) {
  Opened store(folder_.file());
  table::Query query;
  query.pk = "p";
  const auto page = store.query(query);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, ErrorCode::CorruptItem);
}

TEST_F(Damage, AScanThatGoesPastItTellsItInItsPlaceAndLosesNothing) {
  const Walked all = scan_past();
  EXPECT_EQ(all.sound, (Keys{"p/a", "p/c", "q/b"}));
  EXPECT_EQ(all.all, (Keys{"p/a", "p/b", "p/c", "q/a", "q/b"}));
}

TEST_F(Damage, AQueryThatGoesPastItTellsWhatIsInItsRangeInEitherOrder) {
  Opened store(folder_.file());
  for (const bool descending : {false, true}) {
    table::Query query;
    query.pk = "p";
    query.descending = descending;
    query.past_damage = true;
    Walked all;
    add(all, value_or_fail(store.query(query)));
    EXPECT_EQ(all.all, descending ? (Keys{"p/c", "p/b", "p/a"}) : (Keys{"p/a", "p/b", "p/c"}));
    EXPECT_EQ(all.damaged, Keys{"p/b"});
  }
}

TEST_F(Damage, TheErrorNamesTheItemAndSaysWhatIsWrong) {
  Opened store(folder_.file());
  table::Scan scan;
  scan.past_damage = true;
  const auto page = value_or_fail(store.scan(scan));
  ASSERT_EQ(page.damaged.size(), 2u);
  EXPECT_THAT(page.damaged[0].error.message, HasSubstr("p / b"));
  EXPECT_THAT(page.damaged[0].error.message, HasSubstr("byte "));
}

TEST_F(Damage, CountsTowardsTheLimitOfAPage) {
  for (const std::size_t limit : {1u, 2u, 3u}) {
    const Walked all = scan_past(limit);
    EXPECT_EQ(all.all, (Keys{"p/a", "p/b", "p/c", "q/a", "q/b"})) << limit;
    EXPECT_LE(all.most_on_a_page, limit);
  }
}

TEST_F(Damage, IsInItsPartitionsSegment) {
  Opened store(folder_.file());
  Keys damaged;
  for (std::uint32_t segment = 0; segment < 3; ++segment) {
    table::Scan scan;
    scan.segment = segment;
    scan.segments = 3;
    scan.past_damage = true;
    Walked part;
    add(part, value_or_fail(store.scan(scan)));
    for (auto& key : part.damaged) damaged.push_back(std::move(key));
  }
  EXPECT_THAT(damaged, testing::UnorderedElementsAre("p/b", "q/a"));
}

TEST_F(Damage, AKeyThatIsNoneIsToldAsFarAsItGoesAndAPageMayEndThere) {
  const std::string long_key(511, 'x');
  put_raw(folder_.file(), "p");  // before the whole partition
  put_raw(folder_.file(), raw_key("p", ""));
  put_raw(folder_.file(), raw_key("", "s"));
  put_raw(folder_.file(), long_key);
  const Keys expected = {"/s", "p/", "p/", "p/a", "p/b", "p/c", "q/a", "q/b", long_key + "/"};
  EXPECT_EQ(scan_past().all, expected);
  EXPECT_EQ(scan_past(1).all, expected);
}

TEST_F(Damage, ManyDamagedItemsAreToldOnSeveralPages) {
  on_raw_items(folder_.file(), [](MDB_txn* txn, MDB_dbi items) {
    for (int i = 0; i < 2500; ++i) {
      std::string key = raw_key("r", std::to_string(i)), value = kDamagedValue;
      MDB_val at{key.size(), key.data()}, bytes{value.size(), value.data()};
      ASSERT_EQ(mdb_put(txn, items, &at, &bytes, 0), 0);
    }
  });
  const Walked all = scan_past();
  EXPECT_EQ(all.damaged.size(), 2502u);
  EXPECT_LE(all.most_on_a_page, 1003u);
}

/// Changes the pages that have `text` in them, each on its own: after the change, `check` sees the store.
void for_each_page_with(const std::string& path, std::string_view text,
                        const std::function<void(std::string& page)>& change,
                        const std::function<void()>& check) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::string page(kPage, '\0');
  int changed = 0;
  for (std::streamoff at = 2 * kPage; file.seekg(at), file.read(page.data(), kPage); at += kPage) {
    if (!page.contains(text)) continue;
    const std::string before = page;
    change(page);
    const auto put = [&](const std::string& bytes) {
      file.seekp(at);
      file.write(bytes.data(), kPage);
      file.flush();
    };
    put(page);
    check();
    put(before);
    ++changed;
  }
  EXPECT_GT(changed, 0);
}

/// Where a page says how many nodes it has.
void set_nodes(std::string& page, std::uint16_t end_of_list) {
  std::memcpy(page.data() + 12, &end_of_list, sizeof end_of_list);
}

TEST(DamagedPage, NothingThatIsStoredIsReportedAbsent) {
  const Folder folder;
  int opened = 0, refused = 0;
  {
    Opened store(folder.file());
    for (int i = 0; i < 300; ++i) value_or_fail(store.put(item_of("p", fmt::format("row{:04}", i))));
  }
  const auto is_found_or_refused = [&] {
    // Pages hold remains of what they were used for before: the text may be on one that opening needs.
    auto table = open_embedded(Opened::options_for(folder.file()));
    if (!table) return;
    ++opened;
    Opened store(std::move(*table));
    for (const char* sk : {"row0000", "row0123", "row0299"}) {
      const auto found = store.get("p", sk);
      if (found) {
        EXPECT_TRUE(found->has_value()) << sk;
      } else {
        EXPECT_EQ(found.error().code, ErrorCode::StorageCorrupt);
        ++refused;
      }
    }
  };
  for (const std::string_view row : {"row0000", "row0123", "row0299"}) {
    for_each_page_with(
        folder.file(), row, [](std::string& page) { set_nodes(page, 16); }, is_found_or_refused);
    for_each_page_with(
        folder.file(), row, [](std::string& page) { set_nodes(page, 18); }, is_found_or_refused);
    for_each_page_with(
        folder.file(), row, [](std::string& page) { page.assign(page.size(), '\0'); }, is_found_or_refused);
  }
  EXPECT_GT(opened, 0);
  EXPECT_GT(refused, 0);
}

/// Again and again, while another opening of the store writes 300 rows.
template <typename Look>
void while_rows_are_written(const Folder& folder, Look look) {
  std::atomic<bool> done{false};
  std::thread writer([&] {
    Opened same(folder.file());
    for (int i = 0; i < 300; ++i) value_or_fail(same.put(item_of("p", fmt::format("row{:04}", i))));
    done = true;
  });
  while (!done) look();
  writer.join();
}

TEST(DamagedPage, AMissOnASoundFileIsAMissWhileOthersWrite) {
  const Folder folder;
  Opened store(folder.file());
  while_rows_are_written(folder, [&] { EXPECT_EQ(value_or_fail(store.get("q", "none")), std::nullopt); });
}

/// All rows, by as many pages as it takes.
Result<std::size_t> count_rows(const std::function<Result<table::Page>(std::optional<std::string>)>& read) {
  std::size_t out = 0;
  std::optional<std::string> cursor;
  do {
    auto page = read(cursor);
    if (!page) return std::unexpected(std::move(page.error()));
    out += page->items.size();
    cursor = page->next;
  } while (cursor);
  return out;
}

TEST(DamagedPage, NoQueryOrScanLeavesOutWhatIsStored) {
  constexpr std::size_t kRows = 300, kLast = 40;
  const Folder folder;
  {
    Opened store(folder.file());
    for (std::size_t i = 0; i < kRows; ++i)
      value_or_fail(store.put(item_of("p", fmt::format("row{:04}", i))));
  }
  int opened = 0, refused = 0;
  const auto expect_all = [&](std::size_t rows, const auto& read) {
    const auto found = count_rows(read);
    if (found) {
      EXPECT_EQ(*found, rows);
    } else {
      EXPECT_EQ(found.error().code, ErrorCode::StorageCorrupt);
      ++refused;
    }
  };
  const auto are_all_found_or_refused = [&] {
    auto table = open_embedded(Opened::options_for(folder.file()));
    if (!table) return;
    ++opened;
    Opened store(std::move(*table));
    for (const bool descending : {false, true}) {
      for (const std::size_t limit : {std::size_t{0}, std::size_t{7}}) {
        expect_all(kRows,
                   [&](auto cursor) { return store.query({"p", {}, descending, limit, cursor, false}); });
      }
      expect_all(kLast, [&](auto cursor) {
        const auto from = fmt::format("row{:04}", kRows - kLast);
        return store.query({"p", {from, std::nullopt, std::nullopt}, descending, 0, cursor, false});
      });
    }
    expect_all(kRows, [&](auto cursor) {
      table::Scan scan;
      scan.cursor = cursor;
      return store.scan(std::move(scan));
    });
  };
  for (const std::uint16_t end_of_list : {16, 18, 30}) {
    for_each_page_with(
        folder.file(), "row0", [&](std::string& page) { set_nodes(page, end_of_list); },
        are_all_found_or_refused);
  }
  for_each_page_with(
      folder.file(), "row0", [](std::string& page) { page.assign(page.size(), '\0'); },
      are_all_found_or_refused);
  EXPECT_GT(opened, 0);
  EXPECT_GT(refused, 0);
}

TEST(DamagedPage, AQueryOfASoundFileAnswersWhileOthersWrite) {
  const Folder folder;
  Opened store(folder.file());
  std::size_t seen = 0;
  while_rows_are_written(folder, [&] {
    const auto page = value_or_fail(store.query({"p", {}, false, 0, {}, false}));
    EXPECT_GE(page.items.size(), seen);
    seen = page.items.size();
  });
  EXPECT_EQ(value_or_fail(store.query({"p", {}, false, 0, {}, false})).items.size(), 300u);
}

}  // namespace
}  // namespace loopstate::embedded
