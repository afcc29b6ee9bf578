// Bounds of requests for several items.
#include <fmt/format.h>

#include <algorithm>

#include "base/try.hpp"

#include "table/limits.hpp"

namespace loopstate::table {
namespace {

constexpr std::uint32_t kMaxSegments = 1'000'000;

Result<void> check_count(std::string_view what, std::size_t count, std::size_t max) {
  if (count >= 1 && count <= max) return {};
  return fail(ErrorCode::InvalidArgument, fmt::format("{} {}; it takes 1 to {}", what, count, max));
}

Result<void> check_different(std::vector<const Key*> keys) {
  const auto less = [](const Key* left, const Key* right) { return *left < *right; };
  std::sort(keys.begin(), keys.end(), less);
  const auto twice = std::adjacent_find(keys.begin(), keys.end(),
                                        [](const Key* left, const Key* right) { return *left == *right; });
  if (twice == keys.end()) return {};
  return fail(ErrorCode::InvalidArgument,
              fmt::format("the item {} {} is named twice", (*twice)->pk, (*twice)->sk));
}

std::size_t operation_size(const Operation& operation) {
  if (const auto* put = std::get_if<Put>(&operation)) return item_size(put->item);
  const Key& key = key_of(operation);
  std::size_t size = kPartitionKey.size() + key.pk.size() + kSortKey.size() + key.sk.size();
  if (const auto* update = std::get_if<UpdateItem>(&operation)) {
    for (const Change& change : update->update) size += value_size(change.value);
  }
  return size;
}

Result<void> check_end(std::string_view which, const std::optional<std::string>& end) {
  if (!end) return {};
  if (auto key = check_key({"p", *end}); !key)
    return fail(ErrorCode::InvalidArgument, fmt::format("a range's {}: {}", which, key.error().message));
  return {};
}

}  // namespace

Result<void> check_transaction(const std::vector<Operation>& operations, std::string_view token) {
  TRY_OK(check_count("a transaction's operations are", operations.size(), kMaxTransactOperations));
  TRY_OK(check_count("a transaction's token has a length of", token.size(), kMaxTokenBytes));
  std::vector<const Key*> keys;
  std::size_t size = 0;
  for (const Operation& operation : operations) {
    TRY_OK(check_operation(operation));
    keys.push_back(&key_of(operation));
    size += operation_size(operation);
  }
  if (size > kMaxTransactBytes) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a transaction has {} bytes; it takes at most {}", size, kMaxTransactBytes));
  }
  return check_different(std::move(keys));
}

Result<void> check_query(const Query& query) {
  TRY_OK(check_key({query.pk, "s"}));
  const SortRange& range = query.range;
  if (range.prefix && (range.first || range.last))
    return fail(ErrorCode::InvalidArgument, "a range has either a prefix or ends, not both");
  TRY_OK(check_end("prefix", range.prefix));
  TRY_OK(check_end("first", range.first));
  TRY_OK(check_end("last", range.last));
  if (range.first && range.last && *range.last < *range.first)
    return fail(ErrorCode::InvalidArgument, "a range ends before it begins");
  return {};
}

Result<void> check_scan(const Scan& scan) {
  if (scan.segments < 1 || scan.segments > kMaxSegments) {
    return fail(ErrorCode::InvalidArgument,
                fmt::format("a scan has {} segments; it takes 1 to {}", scan.segments, kMaxSegments));
  }
  if (scan.segment < scan.segments) return {};
  return fail(ErrorCode::InvalidArgument, fmt::format("segment {} of a scan that has {}: they count from 0",
                                                      scan.segment, scan.segments));
}

Result<void> check_batch(const std::vector<Key>& keys) {
  TRY_OK(check_count("a batch's keys are", keys.size(), kMaxBatchGetKeys));
  std::vector<const Key*> pointers;
  for (const Key& key : keys) {
    TRY_OK(check_key(key));
    pointers.push_back(&key);
  }
  return check_different(std::move(pointers));
}

Result<void> check_batch(const std::vector<Item>& items) {
  TRY_OK(check_count("a batch's items are", items.size(), kMaxBatchPutItems));
  std::vector<const Key*> pointers;
  for (const Item& item : items) {
    TRY_OK(check_item(item));
    pointers.push_back(&item.key);
  }
  return check_different(std::move(pointers));
}

}  // namespace loopstate::table
