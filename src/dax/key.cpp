#include "dax/key.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace loopstate::dax {

Result<void> check_key_schema(const KeySchema& schema, std::string_view table) {
  static const KeySchema kOurs{
      {{std::string(table::kPartitionKey), "S"}, {std::string(table::kSortKey), "S"}}};
  if (schema == kOurs) return {};
  std::string found;
  for (const auto& [name, type] : schema.attributes) {
    found += fmt::format("{}{} ({})", found.empty() ? "" : ", ", name, type);
  }
  return fail(
      ErrorCode::TableMismatch,
      fmt::format("the cluster says that the keys of table {} are {}; a loopstate table has pk (S), sk (S)",
                  table, found.empty() ? "none" : found));
}

std::string key_bytes(const table::Key& key) {
  std::string out;
  out.reserve(key.pk.size() + key.sk.size() + 4);
  cbor::append_text(out, key.pk);
  out += key.sk;
  return out;
}

void append_key(std::string& out, const table::Key& key) {
  const std::size_t begin = out.size();
  cbor::append_text(out, key.pk);
  out += key.sk;
  cbor::wrap_bytes(out, begin);
}

Result<table::Key> parse_key(std::string_view bytes) {
  cbor::Reader reader(bytes);
  std::string_view pk;
  if (!reader.read_text(pk)) {
    return fail(ErrorCode::ProtocolError, fmt::format("a key cannot be read: {}", reader.problem()));
  }
  const std::string_view sk = bytes.substr(reader.position());
  if (pk.empty() || sk.empty() || !is_utf8(sk)) {
    return fail(ErrorCode::ProtocolError, "a key cannot be read: a part of it is empty or not UTF-8");
  }
  return table::Key{std::string(pk), std::string(sk)};
}

}  // namespace loopstate::dax
