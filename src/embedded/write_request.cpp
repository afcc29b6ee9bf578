#include "embedded/write_request.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>
#include <tuple>

#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "embedded/checksum.hpp"
#include "embedded/encoding.hpp"
#include "embedded/item_key.hpp"
#include "embedded/xxh3.hpp"
#include "table/limits.hpp"

namespace loopstate::embedded {
namespace {

using table::Value;

// A canonical text of a transaction's operations: each part preceded by its length, so that no two
// different transactions read the same.

using Number = std::array<char, 8>;

Number little_endian(std::uint64_t number) {
  if constexpr (std::endian::native == std::endian::big) number = std::byteswap(number);
  return std::bit_cast<Number>(number);
}

void put_number(std::string& out, std::uint64_t number) {
  const Number bytes = little_endian(number);
  out.append(bytes.data(), bytes.size());
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out.append(text);
}

/// As text: its length is known once it is there.
void put_value(std::string& out, const Value& value) {
  const std::size_t at = out.size();
  put_number(out, 0);
  append_encoded(out, "v", value);
  const Number length = little_endian(out.size() - at - std::tuple_size_v<Number>);
  std::ranges::copy(length, out.begin() + static_cast<std::ptrdiff_t>(at));
}

void put_path(std::string& out, const table::Path& path) {
  put_text(out, path.attribute);
  put_number(out, path.steps.size());
  for (const auto& step : path.steps) {
    put_number(out, step.index());
    if (const auto* name = std::get_if<std::string>(&step)) {
      put_text(out, *name);
    } else {
      put_number(out, std::get<std::uint32_t>(step));
    }
  }
}

void put_condition(std::string& out, const table::Condition& condition) {
  put_number(out, static_cast<std::uint64_t>(condition.kind()));
  put_number(out, static_cast<std::uint64_t>(condition.comparison()));
  put_path(out, condition.path());
  put_value(out, condition.value());
  put_number(out, condition.children().size());
  for (const auto& child : condition.children()) put_condition(out, child);
}

std::string text_of(const std::vector<PreparedOperation>& operations) {
  std::string text;
  text.reserve(4096);
  for (const auto& [operation, key, value] : operations) {
    put_number(text, operation.index());
    put_text(text, key);
    put_text(text, value);
    put_condition(text, table::condition_of(operation));
    if (const auto* update = std::get_if<table::UpdateItem>(&operation)) {
      put_number(text, update->update.size());
      for (const auto& change : update->update) {
        put_number(text, static_cast<std::uint64_t>(change.kind));
        put_path(text, change.path);
        put_value(text, change.value);
      }
    }
  }
  return text;
}

}  // namespace

Result<PreparedOperation> prepare(table::Operation operation) {
  PreparedOperation out;
  TRY(auto key, encode_key(table::key_of(operation)));
  out.key = std::move(key);
  if (const auto* put = std::get_if<table::Put>(&operation)) {
    out.value = encode_record(out.key, put->item.attributes);
  }
  out.operation = std::move(operation);
  return out;
}

OperationsHash hash_of(const std::vector<PreparedOperation>& operations) {
  const std::string text = text_of(operations);
  OperationsHash out{};
  std::ranges::copy(xxh3::hash_128(text.data(), text.size()), out.begin());
  return out;
}

bool is_hash_of(std::string_view stored, const OperationsHash& hash,
                const std::vector<PreparedOperation>& operations) {
  if (stored.size() != hash.size()) return false;
  if (std::memcmp(stored.data(), hash.data(), hash.size()) == 0) return true;
  return stored == crypto::as_text(crypto::sha256(text_of(operations)));
}

}  // namespace loopstate::embedded
