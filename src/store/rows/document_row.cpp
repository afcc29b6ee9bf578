#include "store/rows/document_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "base/try.hpp"
#include "base/utf8.hpp"
#include "crypto/hash.hpp"
#include "store/rows/attributes.hpp"
#include "store/rows/read_row.hpp"

namespace loopstate::store {
namespace {

constexpr std::size_t kMaxPlainPartitionBytes = 100;
constexpr std::size_t kHashBytes = 16;
constexpr std::chrono::seconds kMaxLifetime = std::chrono::days(36'525);

std::unexpected<Error> invalid(std::string text) {
  return fail(ErrorCode::InvalidArgument, std::move(text));
}

// So that whoever looks at the table, and an erasure that scans it, sees whose row it is.
void set_place(table::Attributes& attributes, const CollectionPlace& place) {
  attributes.set(std::string(attribute::kUserPubkey), place.user);
  attributes.set(std::string(attribute::kCollection), place.collection);
}

void set_body(table::Attributes& attributes, std::string_view bytes) {
  attributes.set(std::string(attribute::kBody), table::Value(table::Binary{std::string(bytes)}));
}

Result<std::string> need_body(const table::Item& row) {
  const auto* value = row.find(attribute::kBody);
  const auto* body = value == nullptr ? nullptr : std::get_if<table::Binary>(&value->data());
  if (body == nullptr) return corrupt(row.key, "it has no body");
  return body->bytes;
}

Result<void> read_body(const table::Item& row, DocumentRow& content) {
  TRY(content.document.size, need_uint64(row, attribute::kSize));
  if (!row.attributes.contains(attribute::kPartsId)) {
    TRY(content.document.body, need_body(row));
    if (content.document.body.size() == content.document.size) return {};
    return corrupt(row.key, "its body is not as long as it says");
  }
  BodyParts parts;
  TRY(parts.id, need_string(row, attribute::kPartsId));
  parts.count = count_parts(content.document.size);
  content.parts = std::move(parts);
  return {};
}

}  // namespace

std::string documents_partition(const CollectionPlace& place) {
  auto plain = fmt::format("{}{}#{}#{}", kDocumentsPrefix, place.user.size(), place.user, place.collection);
  if (plain.size() <= kMaxPlainPartitionBytes) return plain;
  const auto digest = crypto::sha256(plain);
  return fmt::format("{}#{}", kDocumentsPrefix, crypto::hex(std::span(digest).first<kHashBytes>()));
}

table::Key document_row_key(const CollectionPlace& place, std::string_view key) {
  return {documents_partition(place), fmt::format("{}{}", kDocumentSort, key)};
}

table::Key part_key(const CollectionPlace& place, std::string_view id, std::uint64_t number) {
  return {documents_partition(place), fmt::format("{}{}#{:04}", kPartSort, id, number)};
}

Result<void> check_document_key(std::string_view key) {
  if (key.empty()) return invalid("key is empty");
  if (key.size() > kMaxDocumentKeyBytes) {
    return invalid(
        fmt::format("key is {} bytes long; at most {} are allowed", key.size(), kMaxDocumentKeyBytes));
  }
  if (!is_utf8(key)) return invalid("key is not valid UTF-8");
  if (key.contains('\0')) return invalid("key contains a NUL byte");
  return {};
}

Result<void> check_new_document(const NewDocument& document) {
  if (document.body.size() > kMaxDocumentBytes) {
    return fail(ErrorCode::ItemTooLarge, fmt::format("body is {} bytes long; at most {} are allowed",
                                                     document.body.size(), kMaxDocumentBytes));
  }
  if (document.meta.text().size() > kMaxDocumentMetaBytes) {
    return fail(ErrorCode::ItemTooLarge, fmt::format("meta is {} bytes long; at most {} are allowed",
                                                     document.meta.text().size(), kMaxDocumentMetaBytes));
  }
  const auto& lifetime = document.lifetime;
  if (lifetime && (*lifetime < std::chrono::seconds(1) || *lifetime > kMaxLifetime)) {
    return invalid(
        fmt::format("lifetime must be 1 to {} seconds, not {}", kMaxLifetime.count(), lifetime->count()));
  }
  return {};
}

Result<DocumentRow> document_from_row(const table::Item& row) {
  DocumentRow content;
  auto& document = content.document;
  if (!row.key.sk.starts_with(kDocumentSort)) return corrupt(row.key, "it is not a document");
  document.key = row.key.sk.substr(kDocumentSort.size());
  TRY(document.version, need_uint64(row, attribute::kVersion));
  TRY(document.created_at, need_time(row, attribute::kCreatedAt));
  TRY(document.updated_at, need_time(row, attribute::kUpdatedAt));
  TRY(auto meta_text, need_string(row, attribute::kMeta));
  auto meta = JsonText::parse(meta_text);
  if (!meta) return corrupt(row.key, meta.error().message);
  document.meta = std::move(*meta);
  if (row.attributes.contains(attribute::kTtl)) {
    TRY(const auto expires_at, need_time(row, attribute::kTtl));
    document.expires_at = expires_at;
  }
  TRY_OK(read_body(row, content));
  return content;
}

table::Item document_row(const CollectionPlace& place, const DocumentRow& content) {
  const auto& document = content.document;
  table::Item row;
  row.key = document_row_key(place, document.key);
  auto& attributes = row.attributes;
  set_place(attributes, place);
  attributes.set(std::string(attribute::kVersion), table::Value::number(document.version));
  attributes.set(std::string(attribute::kCreatedAt), table::Value::time(document.created_at));
  attributes.set(std::string(attribute::kUpdatedAt), table::Value::time(document.updated_at));
  attributes.set(std::string(attribute::kMeta), document.meta.text());
  attributes.set(std::string(attribute::kSize), table::Value::number(document.size));
  if (content.parts) {
    attributes.set(std::string(attribute::kPartsId), content.parts->id);
  } else {
    set_body(attributes, document.body);
  }
  if (document.expires_at) {
    attributes.set(std::string(attribute::kTtl), table::Value::time(*document.expires_at));
  }
  return row;
}

std::uint64_t count_parts(std::uint64_t size) {
  return (size + kMaxRowBodyBytes - 1) / kMaxRowBodyBytes;
}

table::Item part_row(const CollectionPlace& place, std::string_view id, std::uint64_t number,
                     std::string_view bytes, Timestamp now, std::optional<Timestamp> expires_at) {
  table::Item row;
  row.key = part_key(place, id, number);
  set_place(row.attributes, place);
  row.attributes.set(std::string(attribute::kCreatedAt), table::Value::time(now));
  set_body(row.attributes, bytes);
  if (expires_at) {
    row.attributes.set(std::string(attribute::kTtl), table::Value::time(*expires_at + kPartsOutlast));
  }
  return row;
}

std::vector<table::Item> part_rows(const CollectionPlace& place, const BodyParts& parts,
                                   std::string_view body, std::uint64_t first, std::uint64_t count,
                                   Timestamp now, std::optional<Timestamp> expires_at) {
  std::vector<table::Item> rows;
  const auto last = std::min(first + count, parts.count);
  for (auto number = first; number < last; ++number) {
    const auto bytes = body.substr(number * kMaxRowBodyBytes, kMaxRowBodyBytes);
    rows.push_back(part_row(place, parts.id, number, bytes, now, expires_at));
  }
  return rows;
}

std::vector<table::Key> part_keys(const CollectionPlace& place, const BodyParts& parts) {
  std::vector<table::Key> keys;
  for (std::uint64_t number = 0; number < parts.count; ++number) {
    keys.push_back(part_key(place, parts.id, number));
  }
  return keys;
}

}  // namespace loopstate::store

namespace loopstate {

namespace {
constexpr std::size_t kNumberDigits = 20;
}

std::string document_key(std::uint64_t number) {
  return fmt::format("{:020}", number);
}

std::optional<std::uint64_t> document_number(std::string_view key) {
  if (key.size() != kNumberDigits) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), number);
  if (error != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return number;
}

}  // namespace loopstate
