// Reads and writes any document that has a schema, in one pass and without a tree.
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/json_text_access.hpp"
#include "base/name_access.hpp"
#include "base/timestamp.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "store/documents/schema.hpp"

namespace loopstate::store {

// Reading: true, or the reader has failed and `path` leads to the field, assembled on the way back.

void prepend(std::string& path, std::string_view name);
void prepend(std::string& path, std::size_t index);

template <typename Struct>
concept HasSchema = requires { Schema<Struct>::members; };

template <typename List, typename Struct>
bool read_members(json::Reader& reader, Struct& value, std::string& path);

inline bool read_value(json::Reader& reader, bool& value, std::string&) {
  return reader.read_bool(value);
}
inline bool read_value(json::Reader& reader, std::string& value, std::string&) {
  return reader.read_string(value);
}
template <std::unsigned_integral Integer>
bool read_value(json::Reader& reader, Integer& value, std::string&) {
  std::uint64_t wide = 0;
  if (!reader.read_unsigned(wide, std::numeric_limits<Integer>::max())) return false;
  value = static_cast<Integer>(wide);
  return true;
}
inline bool read_value(json::Reader& reader, Timestamp& value, std::string&) {
  std::int64_t seconds = 0;
  if (!reader.read_signed(seconds)) return false;
  value = from_unix_seconds(seconds);
  return true;
}
/// What is stored may be longer than the names that a caller may supply.
template <typename Tag>
bool read_value(json::Reader& reader, Name<Tag>& value, std::string&) {
  std::string text;
  if (!reader.read_string(text)) return false;
  value = NameAccess::unchecked<Tag>(std::move(text));
  return true;
}
/// Unknown: null.
bool read_value(json::Reader& reader, Currency& value, std::string& path);
inline bool read_value(json::Reader& reader, JsonText& value, std::string&) {
  const auto text = reader.skip();
  if (reader.ok()) value = trusted_json(std::string(text));
  return reader.ok();
}
template <HasSchema Struct>
bool read_value(json::Reader& reader, Struct& value, std::string& path) {
  return read_members<Schema<Struct>>(reader, value, path);
}
template <typename T>
bool read_value(json::Reader& reader, std::vector<T>& value, std::string& path);
template <typename T>
bool read_value(json::Reader& reader, std::optional<T>& value, std::string& path) {
  if (reader.peek() == json::Kind::Null) {
    value.reset();
    return reader.read_null();
  }
  return read_value(reader, value.emplace(), path);
}
template <typename T>
bool read_value(json::Reader& reader, std::vector<T>& value, std::string& path) {
  value.clear();
  if (!reader.begin_array()) return false;
  while (reader.next_element()) {
    if (read_value(reader, value.emplace_back(), path)) continue;
    prepend(path, value.size() - 1);
    return false;
  }
  return reader.ok();
}
inline bool read_value(json::Reader& reader, std::map<std::string, JsonText>& value, std::string& path) {
  value.clear();
  if (!reader.begin_object()) return false;
  std::string_view key;
  while (reader.next_member(key)) {
    const auto entry = value.emplace_hint(value.end(), key, JsonText());
    if (read_value(reader, entry->second, path)) continue;
    prepend(path, key);
    return false;
  }
  return reader.ok();
}

template <typename Struct, typename Member>
bool read_field(json::Reader& reader, Struct& value, const Member& member, std::string& path) {
  return read_value(reader, field_of(value, member), path);
}
template <typename Struct>
bool read_field(json::Reader& reader, Struct& value, const NumberMember<Struct>& member, std::string&) {
  std::string_view text;
  if (!reader.read_number(text)) return false;
  double ignored = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), ignored);
  if (parsed.ec != std::errc{}) return reader.fail("expected a number that fits a double");
  value.*member.field = trusted_json(std::string(text));
  return true;
}

template <typename List, typename Struct>
bool read_members(json::Reader& reader, Struct& value, std::string& path) {
  constexpr auto& members = List::members;
  if (!reader.begin_object()) return false;
  std::uint32_t seen = 0;
  std::string_view key;
  const auto read_known = [&]<std::size_t... I>(std::index_sequence<I...>, bool& read) {
    const auto try_one = [&](const auto& member, std::uint32_t bit) {
      if (key != member.name) return false;
      seen |= bit;
      read = read_field(reader, value, member, path);
      return true;
    };
    return (try_one(std::get<I>(members), 1u << I) || ...);
  };
  constexpr auto indices =
      std::make_index_sequence<std::tuple_size_v<std::remove_cvref_t<decltype(members)>>>();
  while (reader.next_member(key)) {
    bool read = true;
    if (!read_known(indices, read)) {
      auto& unknown = value.unknown.emplace_back(std::string(key), JsonText());
      read = read_value(reader, unknown.second, path);
    }
    if (read) continue;
    prepend(path, key);
    return false;
  }
  if (!reader.ok()) return false;
  const auto check_seen = [&]<std::size_t... I>(std::index_sequence<I...>) {
    const auto there = [&](const auto& member, std::uint32_t bit) {
      if (member.need == Need::Optional || (seen & bit) != 0) return true;
      prepend(path, member.name);
      return reader.fail("missing");
    };
    return (there(std::get<I>(members), 1u << I) && ...);
  };
  return check_seen(indices);
}

/// CorruptItem that names the field.
std::unexpected<Error> not_readable(const json::Problem& problem, std::string_view path);

/// Reads a whole document. Deeper nesting than a caller may store is accepted: others may have stored it.
template <typename List, typename Struct>
Result<Struct> read_document(std::string_view text) {
  json::Reader reader(text, {.depth = json::kMaxDepth});
  Struct value;
  std::string path;
  if (read_members<List>(reader, value, path) && reader.finish()) return value;
  return not_readable(reader.problem(), path);
}

// Writing.

template <typename List, typename Struct>
void write_members(json::Writer& json, const Struct& value);

inline void write_value(json::Writer& json, bool value) {
  json.boolean(value);
}
inline void write_value(json::Writer& json, const std::string& value) {
  json.string(value);
}
template <std::unsigned_integral Integer>
void write_value(json::Writer& json, Integer value) {
  json.number(std::uint64_t{value});
}
inline void write_value(json::Writer& json, Timestamp value) {
  json.number(unix_seconds(value));
}
template <typename Tag>
void write_value(json::Writer& json, const Name<Tag>& value) {
  json.string(value.text());
}
inline void write_value(json::Writer& json, const Currency& value) {
  if (value.known()) {
    json.string(value.text());
  } else {
    json.null();
  }
}
inline void write_value(json::Writer& json, const JsonText& value) {
  json.value(value);
}
template <HasSchema Struct>
void write_value(json::Writer& json, const Struct& value) {
  write_members<Schema<Struct>>(json, value);
}
template <typename T>
void write_value(json::Writer& json, const std::vector<T>& value);
template <typename T>
void write_value(json::Writer& json, const std::optional<T>& value) {
  if (value) {
    write_value(json, *value);
  } else {
    json.null();
  }
}
template <typename T>
void write_value(json::Writer& json, const std::vector<T>& value) {
  json.begin_array();
  for (const auto& element : value) write_value(json, element);
  json.end_array();
}
inline void write_value(json::Writer& json, const std::map<std::string, JsonText>& value) {
  json.begin_object();
  for (const auto& [key, element] : value) json.key(key).value(element);
  json.end_object();
}

template <typename List, typename Struct>
void write_members(json::Writer& json, const Struct& value) {
  json.begin_object();
  std::apply(
      [&](const auto&... member) {
        ((json.key(member.name), write_value(json, field_of(value, member))), ...);
      },
      List::members);
  for (const auto& [name, text] : value.unknown) json.key(name).value(text);
  json.end_object();
}

template <typename List, typename Struct>
std::string write_document(const Struct& value, std::size_t reserve) {
  json::Writer json(reserve);
  write_members<List>(json, value);
  return std::move(json).take();
}

}  // namespace loopstate::store
