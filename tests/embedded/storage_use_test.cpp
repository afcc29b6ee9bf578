// What a store takes in its file, as it is filled and emptied.
#include "embedded/storage_use.hpp"

#include <sys/stat.h>

#include "embedded/fixture.hpp"
#include "port/model_table.hpp"

namespace loopstate::embedded {
namespace {

using table::Value;

table::Item large(int number) {
  return item_of("p", std::to_string(number), {{"text", Value(std::string(300'000, 'x'))}});
}

TEST(StorageUse, WhatWasRemovedIsFreeWithinTheFileAndIsUsedAgain) {
  const Folder folder;
  Opened store(folder.file());
  for (int i = 0; i < 10; ++i) value_or_fail(store.put(large(i)));
  const auto full = storage_use_of(store.table());
  ASSERT_TRUE(full);
  EXPECT_GT(full->file_bytes, 3'000'000u);
  struct stat file{};
  ASSERT_EQ(stat(folder.file().c_str(), &file), 0);
  EXPECT_LE(full->file_bytes, static_cast<std::uint64_t>(file.st_size));

  for (int i = 0; i < 10; ++i) value_or_fail(store.erase("p", std::to_string(i)));
  const auto emptied = storage_use_of(store.table());
  ASSERT_TRUE(emptied);
  EXPECT_GT(emptied->free_bytes, full->free_bytes + 2'000'000u);
  EXPECT_LE(emptied->free_bytes, emptied->file_bytes);

  for (int i = 0; i < 5; ++i) value_or_fail(store.put(large(i)));
  const auto again = storage_use_of(store.table());
  ASSERT_TRUE(again);
  EXPECT_LT(again->free_bytes, emptied->free_bytes);
  EXPECT_EQ(again->waiting_writes, 0u);
}

TEST(StorageUse, ATableWithoutAFileHasNone) {
  EXPECT_FALSE(storage_use_of(table::ModelTable()));
}

}  // namespace
}  // namespace loopstate::embedded
