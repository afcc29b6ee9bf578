#include "embedded/item_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace loopstate::embedded {
namespace {

bool is_part(const std::string& part) {
  return !part.empty() && part.find(kKeySeparator) == std::string::npos;
}

bool is_key(const table::Key& key) {
  return is_part(key.pk) && is_part(key.sk) && key.pk.size() + 1 + key.sk.size() <= kMaxKeyBytes;
}

Error refusal(const table::Key& key) {
  std::string message;
  for (const auto& [name, part] :
       {std::pair(table::kPartitionKey, &key.pk), std::pair(table::kSortKey, &key.sk)}) {
    if (!message.empty()) break;
    if (part->empty()) {
      message = fmt::format("the key attribute {} is empty", name);
    } else if (!is_part(*part)) {
      message = fmt::format("the key attribute {} contains a NUL byte", name);
    }
  }
  if (message.empty()) {
    message = fmt::format("the key is {} bytes long, pk and sk together; an embedded store takes at most {}",
                          key.pk.size() + key.sk.size(), kMaxKeyBytes - 1);
  }
  return Error{ErrorCode::InvalidArgument, std::move(message), false, nullptr};
}

}  // namespace

Result<std::string> encode_key(const table::Key& key) {
  if (!is_key(key)) return std::unexpected(refusal(key));
  std::string out;
  out.reserve(key.pk.size() + 1 + key.sk.size());
  out.append(key.pk).push_back(kKeySeparator);
  out.append(key.sk);
  return out;
}

Result<void> LookupKey::set(const table::Key& key) {
  if (!is_key(key)) return std::unexpected(refusal(key));
  char* at = std::copy(key.pk.begin(), key.pk.end(), bytes_);
  *at++ = kKeySeparator;
  at = std::copy(key.sk.begin(), key.sk.end(), at);
  size_ = static_cast<std::size_t>(at - bytes_);
  return {};
}

std::optional<table::Key> decode_key(std::string_view bytes) {
  const std::size_t split = bytes.find(kKeySeparator);
  if (split == std::string_view::npos || split == 0 || split + 1 == bytes.size()) return std::nullopt;
  return table::Key{std::string(bytes.substr(0, split)), std::string(bytes.substr(split + 1))};
}

table::Key parts_of(std::string_view bytes) {
  const std::size_t split = bytes.find(kKeySeparator);
  if (split == std::string_view::npos) return table::Key{std::string(bytes), {}};
  return table::Key{std::string(bytes.substr(0, split)), std::string(bytes.substr(split + 1))};
}

std::string_view partition_of(std::string_view bytes) {
  return bytes.substr(0, bytes.find(kKeySeparator));
}

bool is_in_segment(std::string_view key, std::uint32_t segment, std::uint32_t segments) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char byte : partition_of(key)) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash % segments == segment;
}

std::string describe(const table::Key& key) {
  return fmt::format("the item {} / {}", key.pk, key.sk);
}

std::string describe_key(std::string_view bytes) {
  if (const auto key = decode_key(bytes)) return describe(*key);
  return "an item whose key is damaged";
}

}  // namespace loopstate::embedded
