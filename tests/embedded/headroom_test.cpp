// Room at the end of the file: when it is made, and that it changes nothing that was there.
#include "embedded/headroom.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <set>
#include <string>

#include "embedded/fixture.hpp"

namespace loopstate::embedded {
namespace {

/// A file of pages that are full of 'x'.
class Pages {
 public:
  explicit Pages(std::uint64_t count) { fill(count); }
  ~Pages() { close(descriptor); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  void fill(std::uint64_t count) const {
    const std::string page(kPage, 'x');
    for (std::uint64_t at = 0; at < count; ++at) {
      EXPECT_EQ(pwrite(descriptor, page.data(), page.size(), static_cast<off_t>(at * kPage)), kPage);
    }
  }
  std::uint64_t count() const { return std::filesystem::file_size(path) / kPage; }
  std::string bytes() const {
    std::string out(std::filesystem::file_size(path), '\0');
    EXPECT_EQ(pread(descriptor, out.data(), out.size(), 0), static_cast<ssize_t>(out.size()));
    return out;
  }

  const Folder folder;
  const std::string path = folder.file("pages");
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT, 0600);
};

TEST(Headroom, IsZerosBeyondWhatTheFileHas) {
  const Pages file(10);
  Headroom room(kPage);
  room.keep(file.descriptor, 9);
  room.keep(file.descriptor, 9);
  EXPECT_EQ(file.count(), 10 + Headroom::kStep);
  const std::string zeros(Headroom::kStep * kPage, '\0');
  EXPECT_TRUE(file.bytes() == std::string(10 * kPage, 'x') + zeros);
}

TEST(Headroom, IsMadeAgainWhenLittleOfItIsLeft) {
  const Pages file(10);
  Headroom room(kPage);
  room.keep(file.descriptor, 9);
  std::set<std::uint64_t> lengths;
  for (std::uint64_t last = 9; last < 9 + 2 * Headroom::kStep; ++last) {
    room.keep(file.descriptor, last);
    lengths.insert(file.count());
    EXPECT_GT(file.count(), last + Headroom::kLeast);
  }
  EXPECT_EQ(lengths.size(), 3u);
}

TEST(Headroom, IsNotMadeByTheFirstWriteSinceACommandMayWriteOnlyOnce) {
  const Pages file(10);
  Headroom(kPage).keep(file.descriptor, 9);
  EXPECT_EQ(file.count(), 10u);
}

TEST(Headroom, IsNotMadeWhileCommitsAreLarge) {
  const Pages file(200);
  Headroom room(kPage);
  for (std::uint64_t last = 9; last < 200; last += Headroom::kLeast + 1) room.keep(file.descriptor, last);
  EXPECT_EQ(file.count(), 200u);
}

TEST(Headroom, LeavesAFileAloneThatEndsBeforeItsLastPage) {
  const Pages file(10);
  Headroom room(kPage);
  for (int i = 0; i < 3; ++i) room.keep(file.descriptor, 10);
  EXPECT_EQ(file.count(), 10u);
}

TEST(Headroom, SeesWhatOthersMade) {
  const Pages file(10);
  Headroom one(kPage), other(kPage);
  for (int i = 0; i < 2; ++i) one.keep(file.descriptor, 9);
  file.fill(12);  // as the others commit
  for (int i = 0; i < 2; ++i) other.keep(file.descriptor, 11);
  EXPECT_EQ(file.count(), 10 + Headroom::kStep);
  EXPECT_TRUE(file.bytes().starts_with(std::string(12 * kPage, 'x')));
}

TEST(Headroom, IsTriedOnceForEachLengthWhereThereIsNoSpace) {
  const Pages file(10);
  const int full = open(file.path.c_str(), O_RDONLY);
  Headroom room(kPage);
  for (int i = 0; i < 2; ++i) room.keep(full, 9);
  room.keep(file.descriptor, 9);
  EXPECT_EQ(file.count(), 10u);
  file.fill(11);
  room.keep(file.descriptor, 10);
  EXPECT_EQ(file.count(), 11 + Headroom::kStep);
  close(full);
}

TEST(Headroom, DoesNotTakeTheSpaceThatTheHolesOfAFileNeed) {
  const Pages file(10);
  const std::string page(kPage, 'x');
  ASSERT_EQ(pwrite(file.descriptor, page.data(), kPage, 40 * kPage), static_cast<ssize_t>(kPage));
  Headroom room(kPage);
  for (int i = 0; i < 2; ++i) room.keep(file.descriptor, 40);
  EXPECT_EQ(file.count(), 41u);
  file.fill(42);
  room.keep(file.descriptor, 41);
  EXPECT_EQ(file.count(), 42 + Headroom::kStep) << "it has none any more";
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Headroom, NeedsNoMemory) {
  const Pages file(10);
  const auto made_without_memory = [&file] {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_DATA, &none);
    for (std::size_t bytes = std::size_t{1} << 20; bytes > 64; bytes /= 2) {
      for (const void* volatile all = malloc(bytes); all != nullptr;) all = malloc(bytes);
    }
    Headroom room(kPage);
    for (int i = 0; i < 2; ++i) room.keep(file.descriptor, 9);
    _exit(lseek(file.descriptor, 0, SEEK_END) == (10 + Headroom::kStep) * kPage ? 0 : 1);
  };
  EXPECT_EXIT(made_without_memory(), testing::ExitedWithCode(0), "");
}
#endif

/// In a commit of its own.
void add_small_item(Opened& store, int number) {
  value_or_fail(
      store.put(item_of("p", std::to_string(number), {{"text", table::Value(std::string(500, 'x'))}})));
}

/// How many lengths the file has while 300 small items are added.
std::size_t lengths_of(Durability durability) {
  const Folder folder;
  auto options = Opened::options_for(folder.file());
  options.durability = durability;
  Opened store(options);
  std::set<std::uintmax_t> lengths;
  for (int i = 0; i < 300; ++i) {
    add_small_item(store, i);
    lengths.insert(std::filesystem::file_size(folder.file()));
  }
  for (int i = 0; i < 300; ++i) EXPECT_TRUE(value_or_fail(store.get("p", std::to_string(i))));
  return lengths.size();
}

TEST(Headroom, SmallCommitsMakeTheFileLongerOnlyNowAndThen) {
  EXPECT_LE(lengths_of(Durability::PowerLoss), 5u);
  EXPECT_GT(lengths_of(Durability::ProcessDeath), 15u) << "nothing waits for the disk: no room is made";
}

TEST(Headroom, OfACutOffFileIsNotTakenForItsPages) {
  const Folder folder;
  {
    Opened store(folder.file());
    for (int i = 0; i < 40; ++i) add_small_item(store, i);
  }
  const auto whole = std::filesystem::file_size(folder.file());
  std::filesystem::resize_file(folder.file(), whole - (Headroom::kLeast - 1) * kPage);
  {
    Opened store(folder.file());
    EXPECT_TRUE(value_or_fail(store.get("p", "39"))) << "only room was cut off";
  }
  std::filesystem::resize_file(folder.file(), 12 * kPage);
  const auto refused = open_embedded(Opened::options_for(folder.file()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::StorageCorrupt);
}

}  // namespace
}  // namespace loopstate::embedded
