#include "embedded/item_key.hpp"

#include <fmt/format.h>

namespace loopstate::embedded {
namespace {

constexpr char kSeparator = '\0';

Result<void> check_part(std::string_view name, const std::string& part) {
  if (part.empty())
    return fail(ErrorCode::InvalidArgument, fmt::format("the key attribute {} is empty", name));
  if (part.find(kSeparator) != std::string::npos) {
    return fail(ErrorCode::InvalidArgument, fmt::format("the key attribute {} contains a NUL byte", name));
  }
  return {};
}

}  // namespace

Result<std::string> encode_key(const table::Key& key) {
  if (auto ok = check_part(table::kPartitionKey, key.pk); !ok) return std::unexpected(std::move(ok.error()));
  if (auto ok = check_part(table::kSortKey, key.sk); !ok) return std::unexpected(std::move(ok.error()));
  const std::size_t bytes = key.pk.size() + 1 + key.sk.size();
  if (bytes > kMaxKeyBytes) {
    return fail(
        ErrorCode::InvalidArgument,
        fmt::format("the key is {} bytes long, pk and sk together; an embedded store takes at most {}",
                    bytes - 1, kMaxKeyBytes - 1));
  }
  std::string out;
  out.reserve(bytes);
  out.append(key.pk).push_back(kSeparator);
  out.append(key.sk);
  return out;
}

std::optional<table::Key> decode_key(std::string_view bytes) {
  const std::size_t split = bytes.find(kSeparator);
  if (split == std::string_view::npos || split == 0 || split + 1 == bytes.size()) return std::nullopt;
  return table::Key{std::string(bytes.substr(0, split)), std::string(bytes.substr(split + 1))};
}

std::string_view partition_of(std::string_view bytes) {
  return bytes.substr(0, bytes.find(kSeparator));
}

std::string describe(const table::Key& key) {
  return fmt::format("the item {} / {}", key.pk, key.sk);
}

std::string describe_key(std::string_view bytes) {
  if (const auto key = decode_key(bytes)) return describe(*key);
  return "an item whose key is damaged";
}

}  // namespace loopstate::embedded
