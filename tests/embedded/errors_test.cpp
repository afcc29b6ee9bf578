// Files and folders that are not as they should be.
#include <gmock/gmock.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fstream>
#include <sstream>

#include "embedded/child.hpp"
#include "embedded/file_check.hpp"
#include "embedded/fixture.hpp"
#include "embedded/lmdb_error.hpp"
#include "embedded/raw_record.hpp"

namespace loopstate::embedded {
namespace {

using testing::HasSubstr;

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

Error error_of_opening(const std::string& path) {
  const auto table = open_embedded(Opened::options_for(path));
  if (table) {
    ADD_FAILURE() << path << " was opened";
    return {};
  }
  return table.error();
}

/// A store with a few hundred items in it, closed.
std::string filled_store(const Folder& folder) {
  Opened store(folder.file());
  std::vector<table::Operation> operations;
  for (int i = 0; i < 100; ++i) {
    operations.emplace_back(table::Put{
        item_of("p", std::to_string(i), {{"data", std::string(static_cast<std::size_t>(i * 60), 'x')}}), {}});
  }
  EXPECT_TRUE(value_or_fail(store.transact(std::move(operations), "fill")).applied);
  return folder.file();
}

TEST(Errors, AMissingFileIsNotCreatedUnasked) {
  const Folder folder;
  EmbeddedOptions options;
  options.path = folder.file();
  options.create_if_missing = false;
  const auto table = open_embedded(options);
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().code, ErrorCode::TableNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder.file()));
}

TEST(Errors, AMissingFolderIsSaidToBeMissing) {
  const Folder folder;
  EXPECT_EQ(error_of_opening(folder.file("none/store.db")).code, ErrorCode::TableNotFound);
}

TEST(Errors, AFolderIsNotAFile) {
  const Folder folder;
  EXPECT_EQ(error_of_opening(folder.path().string()).code, ErrorCode::TableMismatch);
}

TEST(Errors, AFileTruncatedAtAnyLengthIsRefusedAndLeftAlone) {
  const Folder folder;
  const std::string whole = contents(filled_store(folder));
  ASSERT_GT(whole.size(), 100'000u);
  std::vector<std::size_t> lengths = {0, 1, 15, 16, 20, 100, 151, 152, 153, 4095, 4096, 4097, 8191, 8192};
  for (std::size_t length = 8193; length < whole.size(); length += 4999) lengths.push_back(length);
  lengths.push_back(whole.size() - 1);
  for (const std::size_t length : lengths) {
    const std::string path = folder.file("cut.db");
    write_file(path, whole.substr(0, length));
    const Error error = error_of_opening(path);
    const auto expected = length > 0 && length < 20 ? ErrorCode::TableMismatch : ErrorCode::StorageCorrupt;
    EXPECT_EQ(error.code, expected) << length << ": " << error.message;
    EXPECT_EQ(contents(path).size(), length);
  }
  write_file(folder.file("cut.db"), whole);
  EXPECT_TRUE(open_embedded(Opened::options_for(folder.file("cut.db"))));
}

/// LMDB leaves out of the file what a transaction used and freed at the end.
TEST(Errors, AFileThatEndsInFreePagesIsWhole) {
  const Folder folder;
  const std::string path = filled_store(folder);
  {
    MDB_env* env = nullptr;
    ASSERT_EQ(mdb_env_create(&env), 0);
    mdb_env_set_maxdbs(env, 8);
    ASSERT_EQ(mdb_env_open(env, path.c_str(), MDB_NOSUBDIR, 0600), 0);
    const auto write = [env](const std::string& sort_key, std::string data, bool remove) {
      MDB_txn* txn = nullptr;
      ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
      MDB_dbi items = 0;
      ASSERT_EQ(mdb_dbi_open(txn, "items", 0, &items), 0);
      std::string name = std::string("q") + '\0' + sort_key;
      MDB_val key{name.size(), name.data()}, value{data.size(), data.data()};
      ASSERT_EQ(mdb_put(txn, items, &key, &value, 0), 0);
      if (remove) {
        ASSERT_EQ(mdb_del(txn, items, &key, nullptr), 0);
      }
      ASSERT_EQ(mdb_txn_commit(txn), 0);
    };
    // Some free pages first: only then does LMDB free pages within a transaction.
    for (int i = 0; i < 6; ++i) write("small", "x", false);
    write("large", std::string(400'000, 'x'), true);
    MDB_envinfo info{};
    mdb_env_info(env, &info);
    mdb_env_close(env);
    ASSERT_LT(std::filesystem::file_size(path), (info.me_last_pgno + 1) * 4096) << "nothing to show";
  }
  Opened store(path);
  EXPECT_TRUE(value_or_fail(store.get("p", "99")));
  // The same file, really truncated.
  store.close();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  EXPECT_EQ(error_of_opening(path).code, ErrorCode::StorageCorrupt);
}

TEST(Errors, AForeignFileIsRefused) {
  const Folder folder;
  write_file(folder.file("a"), "hello");
  write_file(folder.file("b"), std::string(100'000, '\0'));
  write_file(folder.file("c"), "SQLite format 3" + std::string(20'000, 'x'));
  for (const char* name : {"a", "b", "c"}) {
    const std::string before = contents(folder.file(name));
    EXPECT_EQ(error_of_opening(folder.file(name)).code, ErrorCode::TableMismatch) << name;
    EXPECT_EQ(contents(folder.file(name)), before);
  }
}

TEST(Errors, AFileWithOneHeadOutOfTwoIsADamagedOneAndWithNoneIsSaidToBePerhapsDamaged) {
  const Folder folder;
  const std::string whole = contents(filled_store(folder));
  for (const std::size_t head : {0u, 4096u}) {
    std::string bytes = whole;
    bytes[head + 16] = static_cast<char>(bytes[head + 16] ^ 1);
    write_file(folder.file("flipped"), bytes);
    const Error error = error_of_opening(folder.file("flipped"));
    EXPECT_EQ(error.code, ErrorCode::StorageCorrupt) << head;
    EXPECT_THAT(error.message, testing::AllOf(HasSubstr("damaged"), HasSubstr("restore a backup")));
  }
  std::string bytes = whole;
  bytes[16] = bytes[4096 + 16] = 'x';
  write_file(folder.file("flipped"), bytes);
  const Error error = error_of_opening(folder.file("flipped"));
  EXPECT_EQ(error.code, ErrorCode::TableMismatch);
  EXPECT_THAT(error.message, HasSubstr("its head is damaged"));
}

/// Makes an LMDB file; with a `meta` record if `format` is not empty.
void make_lmdb_file(const std::string& path, const std::string& format) {
  on_raw_file(path, [&](MDB_txn* txn) {
    MDB_dbi meta = 0;
    const bool named = !format.empty();
    ASSERT_EQ(mdb_dbi_open(txn, named ? "meta" : nullptr, named ? MDB_CREATE : 0, &meta), 0);
    std::string name = "format", record = named ? format : "something";
    MDB_val key{name.size(), name.data()}, value{record.size(), record.data()};
    ASSERT_EQ(mdb_put(txn, meta, &key, &value, 0), 0);
  });
}

TEST(Errors, AnotherProgramsLmdbFileIsRefused) {
  const Folder folder;
  make_lmdb_file(folder.file("a"), "");
  make_lmdb_file(folder.file("b"), "other 1");
  make_lmdb_file(folder.file("c"), "loopstate one");
  for (const char* name : {"a", "b", "c"}) {
    const Error error = error_of_opening(folder.file(name));
    EXPECT_EQ(error.code, ErrorCode::TableMismatch) << name;
    EXPECT_THAT(error.message, HasSubstr("another program"));
  }
}

TEST(Errors, AFileOfAnotherVersionIsRefusedAndBothVersionsNamed) {
  const Folder folder;
  for (const auto* version : {"1", "3"}) {
    const std::string path = folder.file(version);
    make_lmdb_file(path, std::string("loopstate ") + version);
    const Error error = error_of_opening(path);
    EXPECT_EQ(error.code, ErrorCode::TableMismatch);
    EXPECT_THAT(error.message,
                testing::AllOf(HasSubstr(std::string("format version ") + version),
                               HasSubstr("reads version 2"), HasSubstr("loopstate export FILE"),
                               HasSubstr("move it away"), HasSubstr("loopstate import FILE")));
  }
}

TEST(Errors, TheLockFileHasItsRoomWhenAStoreIsOpenedSoThatAFullDiskNeverShowsAsDamage) {
  const Folder folder;
  const Opened store(folder.file());
  struct stat status{};
  ASSERT_EQ(stat((folder.file() + "-lock").c_str(), &status), 0);
  EXPECT_GE(status.st_blocks * 512, status.st_size);
}

TEST(Errors, AnLmdbFileOfAnotherVersionIsRefused) {
  const Folder folder;
  std::string bytes = contents(filled_store(folder));
  bytes[20] = 2;
  write_file(folder.file("other.db"), bytes);
  EXPECT_EQ(error_of_opening(folder.file("other.db")).code, ErrorCode::TableMismatch);
}

TEST(Errors, FilesAreTheOwnersAlone) {
  const Folder folder;
  filled_store(folder);
  for (const std::string name : {"store.db", "store.db-lock"}) {
    struct stat status{};
    ASSERT_EQ(stat(folder.file(name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u) << name;
  }
}

TEST(Errors, CreatingLeavesNothingElseBehind) {
  const Folder folder;
  filled_store(folder);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    names.push_back(entry.path().filename());
  EXPECT_THAT(names, testing::UnorderedElementsAre("store.db", "store.db-lock"));
}

TEST(Errors, WhatAKilledProcessOfTheSameNumberLeftDoesNotHinderCreating) {
  const Folder folder;
  for (int i = 0; i < 200; ++i) {
    write_file(folder.file("store.db.new-" + std::to_string(getpid()) + "-" + std::to_string(i)),
               "half a file");
  }
  Opened store(folder.file());
  EXPECT_TRUE(value_or_fail(store.put(item_of("p", "s"))).applied);
}

/// A limit inside a page cuts a write short; with one between two pages a write begins beyond it, for
/// which the system would end the process.
class FullDisk : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Limits, FullDisk, testing::Values("2000000", "2002944"));

TEST_P(FullDisk, RefusesWritesAndLosesNothing) {
  const Folder folder;
  Child child({"fill", folder.file(), GetParam()});
  ASSERT_EQ(child.wait(), 0) << child.output();
  std::istringstream said(child.output());
  int failed_at = 0;
  std::string code, after;
  said >> failed_at >> code >> after;
  EXPECT_EQ(code, "StorageFull");
  EXPECT_EQ(after, "Written") << "a write that fits goes on the same handle";
  EXPECT_GT(failed_at, 10);
  Opened store(folder.file());
  store.now = workload::kNow;
  for (int i = 0; i < failed_at; ++i) {
    std::ostringstream sk;
    sk.width(6);
    sk.fill('0');
    sk << i;
    ASSERT_TRUE(value_or_fail(store.get("FILL", sk.str()))) << i;
  }
  EXPECT_TRUE(value_or_fail(store.get("FILL", "after")));
}

TEST(Errors, ALimitOfTheFilesSizeRefusesToCreateAndEndsNobody) {
  for (const char* limit : {"0", "1000", "9000", "20000"}) {
    const Folder folder;
    Child child({"create", folder.file(), limit});
    ASSERT_EQ(child.wait(), 0) << limit << ": " << child.output();
    EXPECT_THAT(child.output(), testing::StartsWith("StorageFull")) << limit;
  }
}

TEST(Errors, AFullDiskIsNotSaidToPassByItself) {
  for (const int code : {ENOSPC, EDQUOT, EFBIG}) {
    const auto error = storage_error(code, "writing", "/store.db");
    EXPECT_EQ(error.code, ErrorCode::StorageFull);
    EXPECT_FALSE(error.retryable) << error.message;
  }
}

TEST(Errors, WhatLmdbSaysOfPagesThatContradictEachOtherIsDamage) {
  for (const int code :
       {MDB_CORRUPTED, MDB_PAGE_NOTFOUND, MDB_CURSOR_FULL, MDB_PAGE_FULL, MDB_INCOMPATIBLE}) {
    const auto error = storage_error(code, "writing", "/store.db");
    EXPECT_EQ(error.code, ErrorCode::StorageCorrupt) << mdb_strerror(code);
    EXPECT_TRUE(means_damage(code));
    EXPECT_THAT(error.message, testing::Not(HasSubstr(mdb_strerror(code)))) << "a caller knows no LMDB";
  }
  EXPECT_FALSE(means_damage(MDB_MAP_FULL));
  EXPECT_FALSE(means_damage(ENOSPC));
}

TEST(Errors, AFolderThatIsMissingIsNamedInsteadOfTheScratchFile) {
  const Folder folder;
  const auto error = error_of_opening(folder.file("none/store.db"));
  EXPECT_THAT(error.message, HasSubstr("there is no folder " + folder.file("none")));
  EXPECT_THAT(error.message, testing::Not(HasSubstr(".new-")));
}

TEST(Errors, DamageUnderAnOpenStoreIsDamageForEachItemOfABatch) {
  const Folder folder;
  const auto path = filled_store(folder);
  Opened store(path);
  value_or_fail(store.get("p", "1"));
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    const auto bytes = std::filesystem::file_size(path);
    file.seekp(8192);
    file << std::string(bytes - 8192, '\0');
  }
  table::Runner runner(1);
  const auto got =
      runner.run(store.pointer()->batch_get({{"p", "1"}, {"p", "2"}, {"p", "77"}}, {kNow, Deadline::max()}));
  ASSERT_TRUE(got);
  for (const auto& item : *got) {
    ASSERT_FALSE(item);
    EXPECT_EQ(item.error().code, ErrorCode::StorageCorrupt) << item.error().message;
  }
}

constexpr const char* kNobody = "65534";

class ReadOnly : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root, to give rights up";
    Opened store(folder.file());
    store.put(item_of("p", "s"));
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  }

  /// What the child prints as a user without rights.
  std::string said() {
    Child child({"restricted", folder.file(), kNobody});
    EXPECT_EQ(child.wait(), 0);
    return child.output();
  }

  Folder folder;
};

TEST_F(ReadOnly, AFileThatMayOnlyBeReadServesReads) {
  std::filesystem::permissions(folder.file(), std::filesystem::perms(0444));
  std::filesystem::permissions(folder.file("store.db-lock"), std::filesystem::perms(0666));
  EXPECT_EQ(said(), "Read\nStorageReadOnly\n");
}

TEST_F(ReadOnly, AFolderWhereNotEvenTheLockFileMayBeWrittenServesReads) {
  std::filesystem::permissions(folder.file(), std::filesystem::perms(0444));
  EXPECT_EQ(said(), "Read\nStorageReadOnly\n");
  std::filesystem::remove(folder.file("store.db-lock"));
  EXPECT_EQ(said(), "Read\nStorageReadOnly\n");
}

TEST_F(ReadOnly, AMomentThatWritersDoNotSpareIsNeitherGivenOutNorCalledDamaged) {
  std::filesystem::permissions(folder.file(), std::filesystem::perms(0444));
  Child child({"unknown-reader", folder.file(), kNobody});
  child.await_line();
  Opened store(folder.file());
  for (int i = 0; i < 3; ++i) value_or_fail(store.put(item_of("p", std::to_string(i))));
  EXPECT_EQ(child.wait(), 0);
  EXPECT_THAT(child.output(), HasSubstr("may not write"));
}

TEST_F(ReadOnly, AFileThatMayNotBeReadIsSaidToBe) {
  EXPECT_EQ(said(), "StorageFailure\n");
}

TEST_F(ReadOnly, AFolderThatMayNotBeWrittenRefusesToCreate) {
  std::filesystem::remove(folder.file());
  EXPECT_EQ(said(), "StorageReadOnly\n");
}

TEST(Errors, ADamagedItemIsNamedAndCanBeOverwritten) {
  const Folder folder;
  filled_store(folder);
  put_raw(folder.file(), raw_key("p", "7"));
  Opened store(folder.file());
  const auto got = store.get("p", "7");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, ErrorCode::CorruptItem);
  EXPECT_THAT(got.error().message, HasSubstr("p / 7"));
  EXPECT_FALSE(store.scan());
  const auto conditional = store.put(item_of("p", "7"), table::Condition::item_absent());
  ASSERT_FALSE(conditional);
  EXPECT_EQ(conditional.error().code, ErrorCode::CorruptItem);
  EXPECT_TRUE(value_or_fail(store.put(item_of("p", "7"))).applied);
  EXPECT_TRUE(value_or_fail(store.get("p", "7")));
}

TEST(Errors, AfterAForkTheStoreIsRefusedAndCanBeOpenedAgain) {
  const Folder folder;
  Opened store(folder.file());
  value_or_fail(store.put(item_of("p", "s")));
  auto table = store.pointer();
  const pid_t child = fork();
  if (child == 0) {
    table::Runner runner(1);
    const auto refused = runner.run(table->get({"p", "s"}, {kNow, Deadline::max()}));
    if (refused || refused.error().code != ErrorCode::StorageFailure) _exit(1);
    table.reset();
    auto again = open_embedded(Opened::options_for(folder.file()));
    if (!again) _exit(2);
    const auto found = runner.run((*again)->get({"p", "s"}, {kNow, Deadline::max()}));
    if (!found || !*found) _exit(3);
    const auto written = runner.run((*again)->put({item_of("p", "child"), {}}, {kNow, Deadline::max()}));
    _exit(written ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(value_or_fail(store.get("p", "child")));
  EXPECT_TRUE(value_or_fail(store.put(item_of("p", "parent"))).applied);
}

}  // namespace
}  // namespace loopstate::embedded
