// Every item carries a checksum over its key and its bytes, and the file one over all of them.
#include "embedded/checksum.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "embedded/digest.hpp"
#include "embedded/environment.hpp"
#include "embedded/fixture.hpp"
#include "embedded/raw_record.hpp"
#include "embedded/workload.hpp"
#include "embedded/xxh3.hpp"

namespace loopstate::embedded {
namespace {

using testing::HasSubstr;

/// What the file's items add up to, and what the file says they do.
struct Digests {
  Digest found, told;
};

Digests digests_of(const std::string& path) {
  Digests out;
  on_raw_file(path, [&](MDB_txn* txn) {
    MDB_dbi items = 0, meta = 0;
    ASSERT_EQ(mdb_dbi_open(txn, "items", 0, &items), 0);
    ASSERT_EQ(mdb_dbi_open(txn, "meta", 0, &meta), 0);
    MDB_cursor* cursor = nullptr;
    ASSERT_EQ(mdb_cursor_open(txn, items, &cursor), 0);
    MDB_val key{}, value{};
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
      out.found.add(checksum_of(bytes_of(key), bytes_of(value).substr(kChecksumBytes)));
    }
    mdb_cursor_close(cursor);
    MDB_val name = value_of(kDigestKey);
    ASSERT_EQ(mdb_get(txn, meta, &name, &value), 0);
    out.told = Digest::decode(bytes_of(value)).value_or(Digest{});
  });
  return out;
}

TEST(Checksum, AnyByteThatChangedInAStoredItemIsToldByEveryReadOfIt) {
  const Folder folder;
  value_or_fail(
      Opened(folder.file()).put(item_of("p", "s", {{"amount", table::Value::number(std::int64_t{4200})}})));
  const std::string whole = get_raw(folder.file(), raw_key("p", "s"));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    put_raw(folder.file(), raw_key("p", "s"), changed);
    Opened store(folder.file());
    const auto got = store.get("p", "s");
    ASSERT_FALSE(got) << at;
    EXPECT_EQ(got.error().code, ErrorCode::CorruptItem);
    EXPECT_THAT(got.error().message, HasSubstr("p / s"));
    table::Query query;
    query.pk = "p";
    EXPECT_FALSE(store.query(query)) << at;
    EXPECT_FALSE(store.scan()) << at;
    EXPECT_FALSE(store.put(item_of("p", "s"), table::Condition::item_absent())) << at;
  }
}

TEST(Checksum, IsTheSameInWhateverInstructionsTheProcessorHas) {
  std::string bytes;
  for (std::uint32_t i = 0; i < 20'000; ++i) bytes.push_back(static_cast<char>(i * 2'654'435'761U >> 24));
  const xxh3::Kernels& kernels = xxh3::kernels();
  const xxh3::Kernel& plain = kernels.all[kernels.count - 1];
  ASSERT_TRUE(plain.runs_here());
  // The results of a program compiled with Debian's xxhash.h (0.8.1) that uses only XXH3_64bits.
  EXPECT_EQ(plain.hash("", 0), 0x2d06800538d394c2U);
  for (std::size_t size = 0; size <= bytes.size(); size += size < 2'100 ? 1 : 971) {
    const std::uint64_t wanted = plain.hash(bytes.data(), size);
    EXPECT_EQ(xxh3::hash(bytes.data(), size), wanted) << size;
    for (std::size_t i = 0; i < kernels.count; ++i) {
      const xxh3::Kernel& kernel = kernels.all[i];
      if (kernel.runs_here()) {
        EXPECT_EQ(kernel.hash(bytes.data(), size), wanted) << kernel.name << size;
      }
    }
  }
}

TEST(Checksum, AnItemsBytesUnderAnotherKeyAreNoItem) {
  const Folder folder;
  value_or_fail(Opened(folder.file()).put(item_of("p", "s")));
  put_raw(folder.file(), raw_key("p", "t"), get_raw(folder.file(), raw_key("p", "s")));
  Opened store(folder.file());
  EXPECT_TRUE(store.get("p", "s"));
  const auto got = store.get("p", "t");
  ASSERT_FALSE(got);
  EXPECT_THAT(got.error().message, HasSubstr("checksum"));
}

TEST(Checksum, WhatTheFileSaysOfAllItsItemsFollowsEveryWrite) {
  const Folder folder;
  {
    Opened store(folder.file());
    for (int worker = 0; worker < 3; ++worker) {
      for (int number = 1; number <= 20; ++number) {
        value_or_fail(store.put(workload::shared_counter().item));
        value_or_fail(store.transact(workload::transaction(worker, number), workload::token(worker, number)));
      }
    }
    value_or_fail(store.put(item_of("p", "s", {{"ttl", table::Value::time(store.now + 10s)}})));
    value_or_fail(store.put(item_of("p", "s", {{"ttl", table::Value::time(store.now + 20s)}})));
    value_or_fail(store.put(item_of("p", "t")));
    value_or_fail(store.erase("p", "t"));
  }
  const Digests digests = digests_of(folder.file());
  EXPECT_GT(digests.found.items, 20u);
  EXPECT_EQ(digests.found, digests.told);
}

/// Runs `work` in a separate process: 0 if it reached its end, otherwise the line where it stopped (see
/// below), or minus the signal.
template <typename Work>
int end_of(Work work) {
  const pid_t child = fork();
  if (child == 0) {
    work();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#define REQUIRE_THAT(condition) \
  if (!(condition)) _exit(__LINE__ % 256)

TEST(FaultGuard, AFileCutShortUnderARunningProcessIsAnErrorOfEachCallAndNeverASignal) {
  const Folder folder;
  {
    Opened store(folder.file());
    for (int i = 0; i < 200; ++i) {
      value_or_fail(store.put(item_of("p", std::to_string(i), {{"data", std::string(1500, 'x')}})));
    }
  }
  const int end = end_of([&] {
    Opened store(folder.file());
    REQUIRE_THAT(store.get("p", "1"));
    REQUIRE_THAT(truncate(folder.file().c_str(), 2 * 4096) == 0);
    const auto got = store.get("p", "1");
    REQUIRE_THAT(!got && got.error().code == ErrorCode::StorageCorrupt);
    REQUIRE_THAT(!store.scan());
    const auto put = store.put(item_of("p", "1"));
    REQUIRE_THAT(!put && put.error().code == ErrorCode::StorageCorrupt);
    REQUIRE_THAT(truncate(folder.file().c_str(), 0) == 0);
    REQUIRE_THAT(!store.get("p", "2"));
    REQUIRE_THAT(!store.put(item_of("p", "2")));
  });
  EXPECT_EQ(end, 0);
}

struct sigaction beneath;

void block_all_and_call_beneath(int number, siginfo_t* info, void* context) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);
  beneath.sa_sigaction(number, info, context);
}

TEST(FaultGuard, EveryFaultIsAnErrorWhereAHandlerAboveBlocksSignals) {
  const Folder folder;
  const int end = end_of([&] {
    Opened store(folder.file());
    REQUIRE_THAT(store.put(item_of("p", "1")));
    struct sigaction above{};
    above.sa_sigaction = block_all_and_call_beneath;
    above.sa_flags = SA_SIGINFO;
    REQUIRE_THAT(sigaction(SIGBUS, &above, &beneath) == 0);
    REQUIRE_THAT(truncate(folder.file().c_str(), 0) == 0);
    REQUIRE_THAT(!store.get("p", "1"));
    REQUIRE_THAT(!store.get("p", "1"));
  });
  EXPECT_EQ(end, 0);
}

TEST(FaultGuard, AFaultElsewhereEndsTheProcessAsEver) {
  // By the signal, or the way a sanitizer ends it.
  const int as_ever = end_of([] { raise(SIGSEGV); });
  const Folder folder;
  const int end = end_of([&] {
    Opened store(folder.file());
    REQUIRE_THAT(store.put(item_of("p", "s")));
    raise(SIGSEGV);
  });
  EXPECT_NE(end, 0);
  EXPECT_EQ(end, as_ever);
}

}  // namespace
}  // namespace loopstate::embedded
