// A damaged page is found before LMDB changes it: the write is refused, and the file stays as it is.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

#include "embedded/damage_store.hpp"
#include "embedded/fixture.hpp"
#include "embedded/moment.hpp"
#include "embedded/page_map.hpp"
#include "embedded/tree_plan.hpp"
#include "embedded/write_check.hpp"

namespace loopstate::embedded {
namespace {

using Change = WriteCheck::Change;
using Part = WriteCheck::Part;

constexpr std::size_t kLowerAt = 12;

std::string bytes_in(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Overwrites bytes of a file that may be open.
void spoil(const std::string& path, std::size_t at, const std::string& bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at)),
            static_cast<ssize_t>(bytes.size()));
  close(fd);
}

std::size_t page_of(const std::string& file, const std::string& text) {
  const auto at = file.rfind(text);
  EXPECT_NE(at, std::string::npos);
  return at / kPage * kPage;
}

/// A place where a page of p/s's says something about itself, and what it is changed to.
struct Wrong {
  const char* what;
  std::size_t at;
  std::string bytes;
};

TEST(WriteCheck, APageThatIsSpoiledWhileTheStoreIsOpenRefusesTheWriteAndTheFileStaysAsItIs) {
  const std::string most("\xff\xff", 2), none("\0\0", 2);
  for (const auto& [what, at, bytes] :
       {Wrong{"number", 0, "\x01"}, Wrong{"kind", 10, none}, Wrong{"lower bound", kLowerAt, most},
        Wrong{"upper bound", 14, most}, Wrong{"place of an entry", 16, "\xfe\x0f"}}) {
    SCOPED_TRACE(what);
    const Folder folder;
    Opened store(folder.file());
    value_or_fail(store.put(item_of("p", "s", {{"data", "SOMETHING"}})));
    spoil(folder.file(), page_of(bytes_in(folder.file()), "SOMETHING") + at, bytes);
    const std::string before = bytes_in(folder.file());
    const auto refused = store.put(item_of("p", "t"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::StorageCorrupt);
    EXPECT_EQ(store.erase("p", "s").error().code, ErrorCode::StorageCorrupt);
    EXPECT_TRUE(bytes_in(folder.file()) == before) << "the file was changed";
  }
}

TEST(WriteCheck, ARecordsOverflowPagesAreNotGivenBackByAWrongCount) {
  // It has three; what follows is the page of another.
  for (const char* const count : {"\xe8\x03", "\x02\x00", "\x04\x00"}) {
    const Folder folder;
    Opened store(folder.file());
    value_or_fail(store.put(item_of("p", "s", {{"data", "SOMETHING" + std::string(9000, 'x')}})));
    for (int i = 0; i < 5; ++i) value_or_fail(store.put(item_of("p", "t" + std::to_string(i))));
    spoil(folder.file(), page_of(bytes_in(folder.file()), "SOMETHING") + kLowerAt, std::string(count, 2));
    const std::string before = bytes_in(folder.file());
    const auto refused = store.erase("p", "s");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::StorageCorrupt);
    EXPECT_TRUE(bytes_in(folder.file()) == before) << "the file was changed";
  }
}

TEST(PageMap, FollowsTheFileAndAPageThatItNoLongerHasIsAnAnswer) {
  const Folder folder;
  const Opened store(folder.file());  // installs the guard
  const std::string path = folder.file() + "-pages";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  const std::string first(kPage, 'a'), second(kPage, 'b');
  ASSERT_EQ(pwrite(fd, first.data(), kPage, 0), static_cast<ssize_t>(kPage));
  PageMap map(PageFile(fd, kPage));
  std::string page;
  ASSERT_TRUE(map.read(0, page));
  EXPECT_EQ(page, first);
  EXPECT_FALSE(map.read(1, page));
  ASSERT_EQ(pwrite(fd, second.data(), kPage, kPage), static_cast<ssize_t>(kPage));
  ASSERT_TRUE(map.read(1, page));
  EXPECT_EQ(page, second);
  ASSERT_EQ(ftruncate(fd, kPage), 0);
  EXPECT_FALSE(map.read(1, page));
  EXPECT_FALSE(map.read(std::uint64_t{1} << 60, page));
  close(fd);
}

TEST(PageMap, ReadsWithOrdinaryReadsWhereTheSystemGrantsNoMap) {
  // The process's own memory is a file that can be read, but never mapped.
  const int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(mmap(nullptr, kPage, PROT_READ, MAP_SHARED, fd, 0), MAP_FAILED);
  alignas(kPage) static std::array<char, kPage> memory;
  memory.fill('m');
  const auto number = reinterpret_cast<std::uintptr_t>(memory.data()) / kPage;
  PageMap map(PageFile(fd, kPage));
  std::string page;
  ASSERT_TRUE(map.read(number, page));
  EXPECT_EQ(page, std::string(kPage, 'm'));
  EXPECT_FALSE(map.read(0, page));
  close(fd);
}

TEST(WriteCheck, ADamagedListOfFreePagesRefusesTheFirstWrite) {
  const Folder folder;
  damage_store::make(folder.file());
  const int fd = open(folder.file().c_str(), O_RDONLY | O_CLOEXEC);
  const PageFile file(fd, kPage);
  const auto even = read_head_in(file, 0), odd = read_head_in(file, 1);
  ASSERT_TRUE(even && odd);
  const auto& head = even->transaction > odd->transaction ? *even : *odd;
  std::string page;
  ASSERT_EQ(head.free_pages.depth, 1);
  ASSERT_TRUE(file.read(head.free_pages.root, 1, page));
  close(fd);
  const auto node = PageView(page).node(0, PageView::Kind::Leaf);
  ASSERT_TRUE(node && !node->is_big());
  const auto list = static_cast<std::size_t>(node->data.data() - page.data());
  spoil(folder.file(), head.free_pages.root * kPage + list, std::string("\xff\xff\xff\x7f", 4));
  const std::string before = bytes_in(folder.file());
  Opened store(folder.file());
  EXPECT_EQ(store.put(item_of("p", "t")).error().code, ErrorCode::StorageCorrupt);
  EXPECT_TRUE(bytes_in(folder.file()) == before) << "the file was changed";
}

/// Some change looks at every page of the tree of items, and a removal looks at its page's neighbours.
TEST(WriteCheck, EveryPageThatAChangeMayReachIsLookedAt) {
  const Folder folder;
  damage_store::make(folder.file());
  const int fd = open(folder.file().c_str(), O_RDWR | O_CLOEXEC);
  const PageFile file(fd, kPage);
  const auto even = read_head_in(file, 0), odd = read_head_in(file, 1);
  ASSERT_TRUE(even && odd);
  const auto& head = even->transaction > odd->transaction ? *even : *odd;
  const auto moment = read_moment(file, head);
  ASSERT_TRUE(moment);
  ASSERT_GE(moment->items.depth, 3);
  PageUse use(head.last_page);
  const auto plan = plan_of(file, moment->items, use);
  ASSERT_GT(plan.leaves.size(), 20u);
  const auto key_in = [&](std::size_t leaf) {
    std::string page;
    EXPECT_TRUE(file.read(plan.leaves[leaf].page, 1, page));
    return std::string(PageView(page).node(0, PageView::Kind::Leaf)->key);
  };
  for (std::size_t leaf = 1; leaf + 1 < plan.leaves.size(); ++leaf) {
    const std::string before = key_in(leaf - 1), own = key_in(leaf), after = key_in(leaf + 1);
    WriteCheck check(file);
    const auto sound = [&](Change change, const std::string& key) {
      check.begin(head.transaction + 1);
      // A page that is full enough, and may not have been split, needs no other.
      const std::string large(kPage / 2, 'x');
      for (int puts = 0; puts < 2 && change == Change::Remove; ++puts) {
        if (!check.is_sound(Change::Put, Part::Items, key, large)) return false;
      }
      return check.is_sound(change, Part::Items, key, "");
    };
    ASSERT_TRUE(sound(Change::Remove, own) && sound(Change::Put, own));
    const auto at = static_cast<off_t>(plan.leaves[leaf].page * kPage + kLowerAt);
    std::array<char, 2> kept{};
    ASSERT_EQ(pread(fd, kept.data(), kept.size(), at), 2);
    ASSERT_EQ(pwrite(fd, "\xff\xff", 2, at), 2);
    EXPECT_FALSE(sound(Change::Put, own)) << leaf;
    EXPECT_FALSE(sound(Change::Remove, before)) << leaf;
    EXPECT_FALSE(sound(Change::Remove, after)) << leaf;
    EXPECT_TRUE(sound(Change::Put, before)) << leaf;
    ASSERT_EQ(pwrite(fd, kept.data(), kept.size(), at), 2);
  }
  close(fd);
}

/// The head that was committed last, and its file, open.
struct Committed {
  explicit Committed(const std::string& path) : fd(open(path.c_str(), O_RDWR | O_CLOEXEC)), file(fd, kPage) {
    const auto even = read_head_in(file, 0), odd = read_head_in(file, 1);
    if (even && odd) head = even->transaction > odd->transaction ? *even : *odd;
    if (auto found = read_moment(file, head)) moment = *found;
    PageUse use(head.last_page);
    for (const auto& leaf : plan_of(file, moment.items, use).leaves) {
      std::string page;
      EXPECT_TRUE(file.read(leaf.page, 1, page));
      leaves.emplace_back(leaf.page, PageView(page).key(0));
    }
  }
  ~Committed() { close(fd); }
  Committed(const Committed&) = delete;
  Committed& operator=(const Committed&) = delete;

  int fd;
  PageFile file;
  lmdb_layout::Meta head{};
  Moment moment{};
  std::vector<std::pair<std::uint64_t, std::string>> leaves;  ///< each with its first key
};

TEST(WriteCheck, ATransactionThatReachesManyPagesHasEachOfThemLookedAt) {
  const Folder folder;
  damage_store::make(folder.file());
  const Committed store(folder.file());
  ASSERT_GT(store.leaves.size(), 32u) << "so that room for more has to be made";
  const auto last = static_cast<off_t>(store.leaves.back().first * kPage + kLowerAt);
  for (const bool damaged : {false, true}) {
    if (damaged) {
      ASSERT_EQ(pwrite(store.fd, "\xff\xff", 2, last), 2);
    }
    WriteCheck check(store.file);
    check.begin(store.head.transaction + 1);
    for (const auto& [page, key] : store.leaves) {
      const bool is_damaged = damaged && page == store.leaves.back().first;
      EXPECT_EQ(check.is_sound(Change::Put, Part::Items, key, ""), !is_damaged) << page;
    }
  }
}

/// While it lives, the system grants no address space for a map.
class NoRoomForMaps {
 public:
  NoRoomForMaps() {
    getrlimit(RLIMIT_AS, &before_);
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit now = before_;
    now.rlim_cur = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) + (std::uint64_t{32} << 20);
    setrlimit(RLIMIT_AS, &now);
  }
  ~NoRoomForMaps() { setrlimit(RLIMIT_AS, &before_); }
  NoRoomForMaps(const NoRoomForMaps&) = delete;
  NoRoomForMaps& operator=(const NoRoomForMaps&) = delete;

 private:
  rlimit before_{};
};

TEST(WriteCheck, PagesThatCannotBeMappedAreReadAndLookedAtAllTheSame) {
  const Folder folder;
  damage_store::make(folder.file());
  const Committed store(folder.file());
  const auto& [page, key] = store.leaves.front();
  const NoRoomForMaps room;
  ASSERT_FALSE(PageMap(store.file).reaches(page));
  WriteCheck check(store.file);
  check.begin(store.head.transaction + 1);
  EXPECT_TRUE(check.is_sound(Change::Put, Part::Items, key, ""));
  ASSERT_EQ(pwrite(store.fd, "\xff\xff", 2, static_cast<off_t>(page * kPage + kLowerAt)), 2);
  check.begin(store.head.transaction + 1);
  EXPECT_FALSE(check.is_sound(Change::Put, Part::Items, key, ""));
}

TEST(WriteCheck, APageThatTheFileLosesWhileItIsMappedIsNotSound) {
  const Folder folder;
  damage_store::make(folder.file());
  const Opened guard(folder.file() + "-other");  // installs the guard
  const Committed store(folder.file());
  WriteCheck check(store.file);
  check.begin(store.head.transaction + 1);
  ASSERT_TRUE(check.is_sound(Change::Put, Part::Items, store.leaves.front().second, ""));
  const auto lost = std::ranges::max_element(store.leaves);
  ASSERT_NE(lost, store.leaves.begin());
  ASSERT_EQ(ftruncate(store.fd, static_cast<off_t>(lost->first * kPage)), 0);
  EXPECT_FALSE(check.is_sound(Change::Put, Part::Items, lost->second, ""));
}

/// A leaf in the middle of the tree whose nodes fill much of it, with its keys, while the page
/// after it is damaged: a check that looks there fails.
class BesideDamage : public testing::Test {
 protected:
  void SetUp() override {
    damage_store::make(folder.file());
    store.emplace(folder.file());
    for (std::size_t at = 1; at + 1 < store->leaves.size() && keys.empty(); ++at) {
      std::string bytes;
      ASSERT_TRUE(store->file.read(store->leaves[at].first, 1, bytes));
      const PageView page(bytes);
      std::size_t key_bytes = 0;
      for (std::size_t i = 0; i < page.count(); ++i) key_bytes += 16 + page.key(i).size();
      // Nearly empty without its values, and full enough without its second node.
      const std::size_t second = page.count() < 4 ? kPage : page.node(1, PageView::Kind::Leaf)->bytes;
      if (10 * key_bytes >= 3 * kPage || page.used_bytes() < kPage * 4 / 10 + second) continue;
      used = page.used_bytes();
      for (std::size_t i = 0; i < page.count(); ++i) {
        keys.emplace_back(page.key(i));
        sizes.push_back(page.node(i, PageView::Kind::Leaf)->bytes);
      }
      const auto lower = static_cast<off_t>(store->leaves[at + 1].first * kPage + kLowerAt);
      ASSERT_EQ(pwrite(store->fd, "\xff\xff", 2, lower), 2);
      other = store->leaves[at - 1].second;
    }
    ASSERT_FALSE(keys.empty());
    check.emplace(store->file);
    check->begin(store->head.transaction + 1);
  }
  bool remove(const std::string& key) { return check->is_sound(Change::Remove, Part::Items, key, ""); }
  bool put(const std::string& key, std::size_t bytes) {
    return check->is_sound(Change::Put, Part::Items, key, std::string(bytes, 'x'));
  }

  Folder folder;
  std::optional<Committed> store;
  std::optional<WriteCheck> check;
  std::vector<std::string> keys;
  std::vector<std::size_t> sizes;
  std::size_t used = 0;
  std::string other;  ///< a key of the page before it
};

TEST_F(BesideDamage, ARemovalThatLeavesThePageFullEnoughReachesNoOther) {
  EXPECT_TRUE(remove(keys[1]));
}

TEST_F(BesideDamage, NorDoesOneAfterAPutThatFitsIn) {
  ASSERT_GT(kPage - 16 - used, 80 + keys[0].size());
  EXPECT_TRUE(put(keys[0] + "-", 8));
  EXPECT_TRUE(remove(keys[1]));
}

TEST_F(BesideDamage, RemovalsThatTogetherLeaveItNearlyEmptyDo) {
  std::size_t left = used;
  bool sound = true;
  for (std::size_t at = 0; at < keys.size() && sound; ++at) {
    left -= sizes[at] + 3;  // with its offset, and rounded
    sound = remove(keys[at]);
    ASSERT_EQ(sound, 10 * left > 3 * kPage && keys.size() - at > 2) << at;
  }
  EXPECT_FALSE(sound);
}

TEST_F(BesideDamage, PutsOfLessInPlaceOfWhatItHasCountAsMuch) {
  for (const std::string& key : keys) EXPECT_TRUE(put(key, 0));
  EXPECT_FALSE(remove(keys[0]));
}

TEST_F(BesideDamage, PutsOfAsMuchInPlaceOfWhatItHasDoNot) {
  EXPECT_TRUE(put(keys[0], sizes[0] - 8 - keys[0].size()));
  EXPECT_TRUE(remove(keys[1]));
}

TEST_F(BesideDamage, APutOfSomethingLargeInPlaceOfWhatItHasLeavesOnlyALittleThere) {
  for (const std::string& key : keys) EXPECT_TRUE(put(key, kPage));
  EXPECT_FALSE(remove(keys[0]));
}

TEST_F(BesideDamage, ARemovalAfterPutsThatMaySplitItDoes) {
  for (std::size_t put_bytes = 0; put_bytes + used + 16 <= kPage; put_bytes += 500) {
    EXPECT_TRUE(put(keys[0] + std::to_string(put_bytes), 500));
  }
  EXPECT_FALSE(remove(keys[1]));
}

TEST_F(BesideDamage, ARemovalAfterOneThatMayHaveMergedPagesDoes) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(put(other + std::to_string(i), 500));
  static_cast<void>(remove(other));
  EXPECT_FALSE(remove(keys[1]));
}

// ---- A page of its own

/// A leaf of `nodes`: where each begins, and its key. Their data has `data_bytes`.
std::string leaf_of(const std::vector<std::pair<std::uint16_t, std::string>>& nodes, std::uint16_t data_bytes,
                    std::uint16_t upper) {
  std::string out(kPage, '\0');
  const auto put = [&out](std::size_t at, std::uint16_t number) {
    std::memcpy(out.data() + at, &number, sizeof number);
  };
  put(10, 0x02);
  put(kLowerAt, static_cast<std::uint16_t>(16 + 2 * nodes.size()));
  put(14, upper);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto& [at, key] = nodes[i];
    put(16 + 2 * i, at);
    put(at, data_bytes);
    put(at + 6u, static_cast<std::uint16_t>(key.size()));
    out.replace(at + 8u, key.size(), key);
  }
  return out;
}

TEST(LeafChanges, ManySmallNodesThatAreRemovedCountWithTheirPlacesAndWhatRoundsThemUp) {
  // A leaf of nodes of 25 bytes each, which take 28.
  constexpr std::size_t kNodes = 140;
  std::vector<std::pair<std::uint16_t, std::string>> nodes;
  const std::size_t upper = kPage - kNodes * 26;
  for (std::size_t i = 0; i < kNodes; ++i)
    nodes.emplace_back(static_cast<std::uint16_t>(upper + i * 26), fmt::format("{:017}", i));
  const std::string bytes = leaf_of(nodes, 0, static_cast<std::uint16_t>(upper));
  const PageView leaf(bytes);
  ASSERT_EQ(leaf.fault(0, PageView::Kind::Leaf), nullptr);
  LeafChanges changes;
  std::size_t left = kNodes;
  for (; changes.stays_by_itself(leaf); --left) changes.remove(25);
  EXPECT_GE(left * 28, kPage / 4) << "LMDB would have merged it before that was said";
  EXPECT_LT(left, kNodes / 2);
}

TEST(PageView, NodesThatFillThePageAreSound) {
  const std::string page = leaf_of({{kPage - 40, "a"}, {kPage - 20, "b"}}, 11, kPage - 40);
  EXPECT_EQ(PageView(page).fault(0, PageView::Kind::Leaf), nullptr);
}

TEST(PageView, NodesThatOverlapOrLeaveHolesAreNotSound) {
  // Each has 20 bytes, with a key of 1 and data of 11.
  const std::vector<std::pair<std::string, std::string>> pages = {
      {"a hole in between", leaf_of({{kPage - 44, "a"}, {kPage - 20, "b"}}, 11, kPage - 44)},
      {"a hole before them", leaf_of({{kPage - 40, "a"}, {kPage - 20, "b"}}, 11, kPage - 42)},
      {"a hole behind them", leaf_of({{kPage - 42, "a"}, {kPage - 22, "b"}}, 11, kPage - 42)},
      {"overlapping", leaf_of({{kPage - 38, "a"}, {kPage - 20, "b"}}, 11, kPage - 38)},
      {"before the upper bound", leaf_of({{kPage - 60, "a"}, {kPage - 20, "b"}}, 11, kPage - 40)},
      {"at an odd place", leaf_of({{kPage - 41, "a"}, {kPage - 21, "b"}}, 12, kPage - 41)}};
  for (const auto& [what, page] : pages) {
    EXPECT_NE(PageView(page).fault(0, PageView::Kind::Leaf), nullptr) << what;
  }
}

TEST(PageView, KeysAreInOrderByAllOfTheirBytes) {
  // Shorter and longer than the words in which they are compared, and different in any of their bytes.
  for (const std::size_t length : {1u, 3u, 7u, 8u, 9u, 11u}) {
    for (std::size_t at = 0; at < length; ++at) {
      std::string less(length, 'm'), more(length, 'm');
      less[at] = '\x7f';
      more[at] = '\x80';
      const auto size = static_cast<std::uint16_t>(8 + length + (8 + length) % 2);
      const auto first = static_cast<std::uint16_t>(kPage - 2 * size),
                 second = static_cast<std::uint16_t>(kPage - size);
      const auto fault = [&](const std::string& one, const std::string& other) {
        const std::string page = leaf_of({{first, one}, {second, other}}, 0, first);
        return PageView(page).fault(0, PageView::Kind::Leaf);
      };
      EXPECT_EQ(fault(less, more), nullptr) << length << " " << at;
      EXPECT_NE(fault(more, less), nullptr) << length << " " << at;
      EXPECT_NE(fault(less, less), nullptr) << "twice the same";
    }
  }
}

TEST(PageView, AKeyThatBeginsAnotherComesFirst) {
  std::string page = leaf_of({{kPage - 34, "12345678"}, {kPage - 18, "123456789"}}, 0, kPage - 34);
  EXPECT_EQ(PageView(page).fault(0, PageView::Kind::Leaf), nullptr);
  page = leaf_of({{kPage - 18, "123456789"}, {kPage - 34, "12345678"}}, 0, kPage - 34);
  EXPECT_NE(PageView(page).fault(0, PageView::Kind::Leaf), nullptr);
}

TEST(PageView, OnlyFlagsThatANodeMayHaveAreSound) {
  for (std::uint16_t flags = 0; flags < 40; ++flags) {
    // 8 bytes of data, so that those of a big one lie in the page as well.
    std::string page = leaf_of({{kPage - 36, "a"}, {kPage - 18, "b"}}, 8, kPage - 36);
    std::memcpy(page.data() + kPage - 18 + 4, &flags, sizeof flags);
    const bool allowed = flags == 0 || flags == PageNode::kBig || flags == PageNode::kTree ||
                         flags == PageNode::kDuplicates || flags == (PageNode::kTree | PageNode::kDuplicates);
    EXPECT_EQ(PageView(page).fault(0, PageView::Kind::Leaf) == nullptr, allowed) << flags;
  }
}

}  // namespace
}  // namespace loopstate::embedded
