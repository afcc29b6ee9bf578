// What is known of a file without reading it, and without its times.
#include "embedded/file_look.hpp"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <fstream>
#include <thread>

#include "embedded/fixture.hpp"

namespace loopstate::embedded {
namespace {

/// As what looks with the times too sees it.
void expect_what_stat_says(const std::string& path, const FileLook& found) {
  struct stat status{};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(found.id, (FileId{status.st_dev, status.st_ino}));
  EXPECT_EQ(found.owner, status.st_uid);
  EXPECT_EQ(found.group, status.st_gid);
  EXPECT_EQ(found.mode, status.st_mode);
  EXPECT_EQ(found.names, status.st_nlink);
  EXPECT_EQ(found.bytes, static_cast<std::uint64_t>(status.st_size));
  EXPECT_EQ(found.bytes_on_disk, static_cast<std::uint64_t>(status.st_blocks) * 512);
}

/// By name and by descriptor: a file with two names and a hole, and one that is not there.
void look_at_all() {
  const Folder folder;
  const std::string path = folder.file("one");
  std::ofstream(path) << "some bytes";
  std::filesystem::create_hard_link(path, folder.file("two"));
  std::filesystem::resize_file(path, 100'000);
  const auto by_name = look_at(folder.file("two"));
  ASSERT_TRUE(by_name);
  expect_what_stat_says(path, *by_name);
  EXPECT_EQ(by_name->names, 2u);
  EXPECT_LT(by_name->bytes_on_disk, by_name->bytes);

  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const auto opened = look_at(descriptor);
  ASSERT_TRUE(opened);
  expect_what_stat_says(path, *opened);
  close(descriptor);

  EXPECT_FALSE(look_at(folder.file("none")));
  EXPECT_EQ(errno, ENOENT);
  EXPECT_FALSE(look_at(-1));
  EXPECT_EQ(errno, EBADF);
}

TEST(FileLook, SaysWhatStatSays) {
  look_at_all();
}

/// From now on statx fails in this thread, as in a sandbox that does not know it. False: it cannot be made
/// so.
bool refuse_statx() {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_statx, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

TEST(FileLook, LooksInASandboxThatRefusesStatx) {
  bool refused = false;
  // For this thread it stays so.
  std::thread([&refused] {
    refused = refuse_statx();
    if (!refused) return;
    struct statx found{};
    EXPECT_EQ(statx(AT_FDCWD, "/", 0, STATX_INO, &found), -1);
    look_at_all();
  }).join();
  if (!refused) GTEST_SKIP() << "this machine allows no filter of system calls";
}

}  // namespace
}  // namespace loopstate::embedded
